#include "driver/calls.h"

namespace sim {

namespace {

struct Explained {
  CUresult code;
  const char* name;
  const char* text;
};

#define EXPLAINED(code, text) {code, #code, text}

const Explained ERRORS[] = {
    EXPLAINED(CUDA_SUCCESS, "no error"),
    EXPLAINED(CUDA_ERROR_INVALID_VALUE, "invalid argument"),
    EXPLAINED(CUDA_ERROR_OUT_OF_MEMORY, "out of memory"),
    EXPLAINED(CUDA_ERROR_NOT_INITIALIZED, "initialization error"),
    EXPLAINED(CUDA_ERROR_NO_DEVICE, "no CUDA-capable device is detected"),
    EXPLAINED(CUDA_ERROR_INVALID_DEVICE, "invalid device ordinal"),
    EXPLAINED(CUDA_ERROR_INVALID_CONTEXT, "invalid device context"),
    EXPLAINED(CUDA_ERROR_INVALID_HANDLE, "invalid resource handle"),
    EXPLAINED(CUDA_ERROR_ILLEGAL_STATE, "the operation cannot be performed in the present state"),
    EXPLAINED(CUDA_ERROR_NOT_FOUND, "named symbol not found"),
    EXPLAINED(CUDA_ERROR_NOT_READY, "device not ready"),
    EXPLAINED(CUDA_ERROR_ILLEGAL_ADDRESS, "an illegal memory access was encountered"),
    EXPLAINED(CUDA_ERROR_CONTEXT_IS_DESTROYED, "context is destroyed"),
    EXPLAINED(CUDA_ERROR_MISALIGNED_ADDRESS, "misaligned address"),
    EXPLAINED(CUDA_ERROR_LAUNCH_FAILED, "unspecified launch failure"),
    EXPLAINED(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "operation not permitted when stream is capturing"),
    EXPLAINED(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, "operation failed due to a previous error during capture"),
    EXPLAINED(CUDA_ERROR_STREAM_CAPTURE_IMPLICIT, "operation would make the legacy stream depend on a capturing one"),
    EXPLAINED(CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD, "attempt to end a capture from another thread"),
    EXPLAINED(CUDA_ERROR_UNKNOWN, "unknown error"),
};

CUresult explain(CUresult code, const char** answer, const char* Explained::* part) {
  if (!answer) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *answer = nullptr;
  for (const Explained& known : ERRORS) {
    if (known.code == code) {
      *answer = known.*part;
      return CUDA_SUCCESS;
    }
  }
  return CUDA_ERROR_INVALID_VALUE;
}

}

CUresult cuGetErrorName(CUresult code, const char** name) {
  return explain(code, name, &Explained::name);
}

CUresult cuGetErrorString(CUresult code, const char** text) {
  return explain(code, text, &Explained::text);
}

}
