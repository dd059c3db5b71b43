// Functions of the host's that run in their turn in a stream.
#include "calls/calls.h"
#include "memory/state.h"
#include "streams/streams.h"

namespace sim {

namespace {

// It may tell the host's threads that all before it is over.
Operation host_function(const char* what, const std::shared_ptr<Stream>& stream, std::function<void()> function) {
  return {what, [=] {
            host_waited_for_stream(stream->number);
            function();
            return CUDA_SUCCESS;
          }, {}, false, 0, true};
}

}

CUresult cuLaunchHostFunc(CUstream handle, CUhostFn function, void* data) {
  std::shared_ptr<Stream> stream = find_stream(handle);
  if (!stream) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  if (!function) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  return enqueue(handle, host_function("a host function", stream, [=] { function(data); }));
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
  return enqueue(handle, host_function("a callback", stream, [=] { callback(handle, CUDA_SUCCESS, data); }));
}

}
