#include "calls/library.h"

namespace sim {

const char* current_call = "";

namespace {

int status_of(CUresult result, const Statuses& statuses) {
  switch (result) {
    case CUDA_SUCCESS: return 0;
    case CUDA_ERROR_NOT_INITIALIZED:
    case CUDA_ERROR_INVALID_CONTEXT:
    case CUDA_ERROR_CONTEXT_IS_DESTROYED: return statuses.not_initialised;
    case CUDA_ERROR_OUT_OF_MEMORY: return statuses.out_of_memory;
    case CUDA_ERROR_INVALID_VALUE:
    case CUDA_ERROR_INVALID_HANDLE: return statuses.invalid;
    case CUDA_ERROR_UNKNOWN: return statuses.internal;
    default: return statuses.failed;
  }
}

}

int answer(Needs needs, const char* name, const std::function<void()>& call, const Statuses& statuses,
           void (*tell)(int status, const std::string& message)) {
  Admission admission(needs);
  int status = 0;
  if (admission.granted()) {
    current_call = name;
    try {
      call();
    } catch (const Refusal& refusal) {
      status = refusal.status;
      tell(status, std::string(name) + ": " + refusal.why);
    } catch (const Refused& failure) {
      status = status_of(failure.answer, statuses);
    }
  }
  return admission.refusal() == CUDA_SUCCESS ? status : status_of(admission.refusal(), statuses);
}

}
