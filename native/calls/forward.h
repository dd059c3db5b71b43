// Makes the shims: functions under NVIDIA's names that ask for admission and call those of namespace sim.
#pragma once
#include "calls/admission.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

// as_status turns a refusal into a status of the library.
#define FORWARD_AS(status_type, as_status, needs, name, parameters, arguments)                \
  EXPORT status_type name parameters {                                                       \
    sim::Admission admission(sim::Needs::needs);                                             \
    status_type status = admission.granted() ? sim::name arguments : status_type();             \
    return admission.refusal() == CUDA_SUCCESS ? status : as_status(admission.refusal());    \
  }
