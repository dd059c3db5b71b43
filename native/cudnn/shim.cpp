// libcudnn: NVIDIA's names, forwarded with the admission that the driver's calls need.
#include "calls/absent.h"
#include "calls/forward.h"
#include "cudnn/calls.h"

#define CALL(needs, name, parameters) \
  FORWARD(cudnnStatus_t, name, name, parameters, sim::cudnn_answer(sim::Needs::needs, #name, call))
#include "api/cudnn_calls.h"

ANSWER_ABSENT(CUDNN_STATUS_NOT_SUPPORTED)

// Functions about versions and errors are never refused and never made to fail; otherwise no message could be tested.

EXPORT size_t cudnnGetVersion() {
  return sim::cudnnGetVersion();
}

EXPORT size_t cudnnGetCudartVersion() {
  return sim::cudnnGetCudartVersion();
}

EXPORT size_t cudnnGetMaxDeviceVersion() {
  return sim::cudnnGetMaxDeviceVersion();
}

EXPORT const char* cudnnGetErrorString(cudnnStatus_t status) {
  switch (status) {
#define STATUS(name, value) \
  case name: return #name;
#include "api/cudnn_statuses.h"
    default: return "CUDNN_UNKNOWN_STATUS";
  }
}

EXPORT void cudnnGetLastErrorString(char* message, size_t max_size) {
  sim::Admission admission(sim::Needs::NOTHING);
  sim::cudnnGetLastErrorString(message, max_size);
}
