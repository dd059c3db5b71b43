// Copies and fills of linear and pitched memory, and copies of the program's variables.
#include <cstring>

#include "runtime/runtime.h"

namespace cudart {

namespace {

struct Between {
  void* to;
  const void* from;
  size_t bytes;
};

void CUDART_CB copy_on_host(void* data) {
  auto copy = static_cast<Between*>(data);
  std::memcpy(copy->to, copy->from, copy->bytes);
  delete copy;
}

// The direction of a copy, from its two addresses if none is given.
cudaMemcpyKind direction(cudaMemcpyKind given, const void* to, const void* from) {
  return given != cudaMemcpyDefault ? given
         : on_device(to) ? on_device(from) ? cudaMemcpyDeviceToDevice : cudaMemcpyHostToDevice
                         : on_device(from) ? cudaMemcpyDeviceToHost : cudaMemcpyHostToHost;
}

CUresult copy(void* to, const void* from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  if (kind < cudaMemcpyHostToHost || kind > cudaMemcpyDefault) {
    return CUresult(cudaErrorInvalidMemcpyDirection);
  }
  switch (bytes ? direction(kind, to, from) : cudaMemcpyDefault) {
    case cudaMemcpyHostToDevice: return CU(cuMemcpyHtoDAsync_v2)(device(to), from, bytes, stream);
    case cudaMemcpyDeviceToHost: return CU(cuMemcpyDtoHAsync_v2)(to, device(from), bytes, stream);
    case cudaMemcpyDeviceToDevice: return CU(cuMemcpyDtoDAsync_v2)(device(to), device(from), bytes, stream);
    case cudaMemcpyHostToHost: return CU(cuLaunchHostFunc)(stream, copy_on_host, new Between{to, from, bytes});
    default: return CUDA_SUCCESS;
  }
}

// Waits, unless both ends are in device memory.
CUresult copy_and_wait(void* to, const void* from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  CUresult result = copy(to, from, bytes, kind, stream);
  bool waits = result == CUDA_SUCCESS && bytes && direction(kind, to, from) != cudaMemcpyDeviceToDevice;
  return waits ? CU(cuStreamSynchronize)(stream) : result;
}

// Calls `copy` for a part of a variable. The driver checks the bounds.
template <typename Copy>
cudaError_t part_of(const void* symbol, size_t offset, Copy copy) {
  CUdeviceptr start = 0;
  size_t size = 0;
  cudaError_t found = variable_of(symbol, &start, &size);
  if (found != cudaSuccess) {
    return found;
  }
  return offset > size ? cudaErrorInvalidValue : cudaError_t(copy(reinterpret_cast<char*>(start) + offset));
}

CUresult fill(void* to, int value, size_t bytes, cudaStream_t stream) {
  return bytes ? CU(cuMemsetD8Async)(device(to), static_cast<unsigned char>(value), bytes, stream) : CUDA_SUCCESS;
}

// Fills a box slice by slice; slices follow one another.
CUresult fill_box(cudaPitchedPtr to, int value, cudaExtent extent, cudaStream_t stream) {
  CUresult result = CUDA_SUCCESS;
  for (size_t slice = 0; slice < extent.depth && result == CUDA_SUCCESS; slice++) {
    result = CU(cuMemsetD2D8Async)(device(to.ptr) + slice * to.pitch * to.ysize, to.pitch,
                                   static_cast<unsigned char>(value), extent.width, extent.height, stream);
  }
  return result;
}

CUresult copy_between(void* to, int target, const void* from, int source, size_t bytes, cudaStream_t stream) {
  CUcontext of_target = nullptr, of_source = nullptr;
  CUresult result = primary_of(target, &of_target);
  result = result == CUDA_SUCCESS ? primary_of(source, &of_source) : result;
  return result != CUDA_SUCCESS ? result
                                : CU(cuMemcpyPeerAsync)(device(to), of_target, device(from), of_source, bytes, stream);
}

}

}

using namespace cudart;

DEFAULT_STREAM_CALL(cudaMemcpy, (void* to, const void* from, size_t bytes, cudaMemcpyKind kind),
                    copy_and_wait(to, from, bytes, kind, stream))
STREAMED_CALL(cudaMemcpyAsync, (void* to, const void* from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream),
              copy(to, from, bytes, kind, stream))

CALL(cudaMemcpyPeer, (void* to, int target, const void* from, int source, size_t bytes),
     copy_between(to, target, from, source, bytes, nullptr))
CALL(cudaMemcpyPeerAsync, (void* to, int target, const void* from, int source, size_t bytes, cudaStream_t stream),
     copy_between(to, target, from, source, bytes, stream))

DEFAULT_STREAM_CALL(cudaMemcpyToSymbol, (const void* symbol, const void* from, size_t bytes, size_t offset,
                                         cudaMemcpyKind kind),
                    part_of(symbol, offset,
                            [&](void* to) { return copy_and_wait(to, from, bytes, kind, stream); }))
STREAMED_CALL(cudaMemcpyToSymbolAsync, (const void* symbol, const void* from, size_t bytes, size_t offset,
                                        cudaMemcpyKind kind, cudaStream_t stream),
              part_of(symbol, offset, [&](void* to) { return copy(to, from, bytes, kind, stream); }))
DEFAULT_STREAM_CALL(cudaMemcpyFromSymbol, (void* to, const void* symbol, size_t bytes, size_t offset,
                                           cudaMemcpyKind kind),
                    part_of(symbol, offset,
                            [&](void* from) { return copy_and_wait(to, from, bytes, kind, stream); }))
STREAMED_CALL(cudaMemcpyFromSymbolAsync, (void* to, const void* symbol, size_t bytes, size_t offset,
                                          cudaMemcpyKind kind, cudaStream_t stream),
              part_of(symbol, offset, [&](void* from) { return copy(to, from, bytes, kind, stream); }))

DEFAULT_STREAM_CALL(cudaMemset, (void* to, int value, size_t bytes), fill(to, value, bytes, stream))
STREAMED_CALL(cudaMemsetAsync, (void* to, int value, size_t bytes, cudaStream_t stream),
              fill(to, value, bytes, stream))
DEFAULT_STREAM_CALL(cudaMemset2D, (void* to, size_t pitch, int value, size_t width, size_t height),
                    fill_box({to, pitch, width, height}, value, {width, height, 1}, stream))
STREAMED_CALL(cudaMemset2DAsync, (void* to, size_t pitch, int value, size_t width, size_t height, cudaStream_t stream),
              fill_box({to, pitch, width, height}, value, {width, height, 1}, stream))
DEFAULT_STREAM_CALL(cudaMemset3D, (cudaPitchedPtr to, int value, cudaExtent extent),
                    fill_box(to, value, extent, stream))
STREAMED_CALL(cudaMemset3DAsync, (cudaPitchedPtr to, int value, cudaExtent extent, cudaStream_t stream),
              fill_box(to, value, extent, stream))
