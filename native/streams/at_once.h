// Calls that have no stream: each is that of a stream, in the default one, and the wait for it.
#pragma once
#include "calls/calls.h"
#include "streams/streams.h"

namespace sim {

template <typename Call, typename... Arguments>
CUresult at_once(Call call, Arguments... arguments) {
  if (forbidden_by_capture()) {
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  }
  CUresult result = call(arguments..., CUstream());
  return result == CUDA_SUCCESS ? sim::cuStreamSynchronize(nullptr) : result;
}

// Within the device it comes back at once, for all that the host may count on ("API synchronization behavior").
template <typename Call, typename... Arguments>
CUresult begun(Call call, Arguments... arguments) {
  if (forbidden_by_capture()) {
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  }
  CUresult result = call(arguments..., CUstream());
  return result == CUDA_SUCCESS ? run_queued(nullptr) : result;
}

}
