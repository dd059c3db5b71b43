// libnccl.so.2: NVIDIA's names, forwarded with the admission that the driver's calls need.
#include "calls/forward.h"
#include "nccl/calls.h"

#define CALL(needs, name, parameters) \
  FORWARD(ncclResult_t, name, name, parameters, admitted<ncclResult_t>(sim::Needs::needs, sim::nccl_status, call))
#include "api/nccl_calls.h"

// Any thread may call this, while another thread holds the lock and waits for ranks.
EXPORT ncclResult_t ncclCommAbort(ncclComm_t comm) {
  sim::interrupt(comm);
  sim::Admission admission(sim::Needs::DRIVER_TO_RELEASE);
  ncclResult_t status = admission.granted() ? sim::ncclCommAbort(comm) : ncclSuccess;
  return admission.refusal() == CUDA_SUCCESS ? status : sim::nccl_status(admission.refusal());
}

// Functions that explain errors are never refused and never made to fail; otherwise no message could be tested.
EXPORT const char* ncclGetLastError(ncclComm_t comm) {
  return sim::ncclGetLastError(comm);
}
