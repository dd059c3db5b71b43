#include "calls/admission.h"

#include <algorithm>
#include <cstring>
#include <mutex>

#include "calls/calls.h"
#include "memory/findings.h"
#include "memory/state.h"

namespace sim {

bool initialised;
CUresult answer_in_any_case;
thread_local unsigned long long current_context;
thread_local bool in_host_function;

namespace {

std::recursive_mutex lock;

}

Admission::Admission(Needs needs) {
  lock.lock();
  answer_in_any_case = CUDA_SUCCESS;
  device_before_ = device_now;
  device_now = std::max(0, context.device_of(current_context));
  if (needs == Needs::NOTHING) {
    return;
  }
  bool in_context = needs == Needs::CONTEXT || needs == Needs::CONTEXT_TO_RELEASE;
  bool releases = needs == Needs::DRIVER_TO_RELEASE || needs == Needs::CONTEXT_TO_RELEASE;
  granted_ = false;
  if (!initialised) {
    refusal_ = CUDA_ERROR_NOT_INITIALIZED;
  } else if (in_context && current_context == 0 && !(releases && context.lives())) {
    refusal_ = CUDA_ERROR_INVALID_CONTEXT;
  } else if (in_context && current_context != 0 && !context.has(current_context)) {
    refusal_ = CUDA_ERROR_CONTEXT_IS_DESTROYED;
  } else if (in_context && context.failed != CUDA_SUCCESS) {
    refusal_ = context.failed;
    granted_ = releases;
  } else {
    refusal_ = call_must_fail() ? CUDA_ERROR_UNKNOWN : CUDA_SUCCESS;
    granted_ = releases || refusal_ == CUDA_SUCCESS;
  }
  if (in_host_function) {
    remark_on({Grade::WARNING, Flaw::MISUSE, "a host function", "a function of the host's in a stream calls CUDA", "",
               "Let it tell another thread, which makes the call"});
  }
  answer_in_any_case = refusal_;
  // Releases leave it: who gives up on a failed call may release first and ask then.
  if (!releases) {
    forget_message();
  }
}

void tell_misuse(const char* name, CUresult status) {
  bool handle = status == CUDA_ERROR_INVALID_HANDLE, unjoined = status == CUDA_ERROR_STREAM_CAPTURE_UNJOINED;
  bool asks = std::strstr(name, "Get") != nullptr;
  if ((handle || unjoined || status == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED) && !asks && last_message().empty()) {
    const char* answer = "";
    sim::cuGetErrorName(status, &answer);
    refused(status, Flaw::MISUSE, name, std::string(name) + " answers " + answer,
            handle     ? "Pass what was made, and not destroyed; an event must be recorded, with its time, first"
            : unjoined ? "Let the captured stream wait for an event of each other one before the capture ends"
                       : "Keep the call out of the capture");
  }
}

Admission::~Admission() {
  device_now = device_before_;
  lock.unlock();
}

}
