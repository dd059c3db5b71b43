// Calls that have no stream: each is that of a stream, in the default one, and the wait for it.
#include "calls/calls.h"
#include "streams/streams.h"

namespace sim {

namespace {

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

CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, size_t bytes) {
  return at_once(cuMemcpyHtoDAsync_v2, to, from, bytes);
}

CUresult cuMemcpyDtoH_v2(void* to, CUdeviceptr from, size_t bytes) {
  return at_once(cuMemcpyDtoHAsync_v2, to, from, bytes);
}

CUresult cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
  return begun(cuMemcpyDtoDAsync_v2, to, from, bytes);
}

CUresult cuMemsetD8_v2(CUdeviceptr to, unsigned char value, size_t count) {
  return begun(cuMemsetD8Async, to, value, count);
}

CUresult cuMemsetD16_v2(CUdeviceptr to, unsigned short value, size_t count) {
  return begun(cuMemsetD16Async, to, value, count);
}

CUresult cuMemsetD32_v2(CUdeviceptr to, unsigned int value, size_t count) {
  return begun(cuMemsetD32Async, to, value, count);
}

}
