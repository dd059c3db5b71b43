// Makes the shims: functions under NVIDIA's names that ask for admission and call those of namespace sim.
#pragma once
#include "calls/admission.h"
#include "calls/refused.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

// The answer of a call, or of what refuses it, which as_status turns into a status of the library.
template <typename Status, typename AsStatus, typename Call>
Status admitted(sim::Needs needs, AsStatus as_status, Call call) {
  sim::Admission admission(needs);
  Status status = Status();
  try {
    status = admission.granted() ? call() : status;
  } catch (const sim::Refused& refused) {
    status = as_status(refused.answer);
  }
  return admission.refusal() == CUDA_SUCCESS ? status : as_status(admission.refusal());
}

#define FORWARD_AS(status_type, as_status, needs, name, parameters, arguments)                                \
  EXPORT status_type name parameters {                                                                       \
    return admitted<status_type>(sim::Needs::needs, as_status, [&] { return sim::name arguments; });         \
  }
