// Functions of the host's that run in their turn in a stream.
#include "calls/calls.h"
#include "memory/state.h"
#include "streams/streams.h"

namespace sim {

CUresult cuLaunchHostFunc(CUstream stream, CUhostFn function, void* data) {
  if (!function) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  return enqueue(stream, {"a host function", [=] {
                            function(data);
                            return CUDA_SUCCESS;
                          }});
}

CUresult cuStreamAddCallback(CUstream handle, CUstreamCallback callback, void* data, unsigned int flags) {
  std::shared_ptr<Stream> stream = find_stream(handle);
  if (!stream) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  if (!callback || flags != 0) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (stream->capturing()) {
    stream->capture->invalidated = true;
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  }
  return enqueue(handle, {"a callback", [=] {
                            callback(handle, CUDA_SUCCESS, data);
                            return CUDA_SUCCESS;
                          }});
}

}
