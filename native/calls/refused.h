// How a call ends that cannot go on, wherever in it that is found.
#pragma once
#include "api/status.h"

namespace sim __attribute__((visibility("default"))) {

// The shims answer with it.
struct Refused {
  CUresult answer;
};

// Gives success, or ends the call.
inline CUresult require(bool fine, CUresult otherwise = CUDA_ERROR_INVALID_VALUE) {
  return fine ? CUDA_SUCCESS : throw Refused{otherwise};
}

inline void require_success(CUresult result) {
  require(result == CUDA_SUCCESS, result);
}

// Gives on an object that was found, and refuses null.
template <typename Pointer>
Pointer found(Pointer pointer, CUresult otherwise = CUDA_ERROR_INVALID_HANDLE) {
  require(pointer != nullptr, otherwise);
  return pointer;
}

// Answers a call that asks for a value.
template <typename Value, typename Told>
CUresult tell(Value* to, const Told& value) {
  require(to);
  *to = Value(value);
  return CUDA_SUCCESS;
}

}
