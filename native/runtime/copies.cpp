// Copies and fills of rows without end.
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

// The direction that two addresses have.
cudaMemcpyKind direction(const void* to, const void* from) {
  return on_device(to) ? on_device(from) ? cudaMemcpyDeviceToDevice : cudaMemcpyHostToDevice
                       : on_device(from) ? cudaMemcpyDeviceToHost : cudaMemcpyHostToHost;
}

CUresult copy_and_wait(void* to, const void* from, size_t bytes, cudaMemcpyKind kind) {
  kind = kind == cudaMemcpyDefault ? direction(to, from) : kind;
  switch (bytes ? kind : cudaMemcpyDefault) {
    case cudaMemcpyHostToDevice: return CU(cuMemcpyHtoD_v2)(device(to), from, bytes);
    case cudaMemcpyDeviceToHost: return CU(cuMemcpyDtoH_v2)(to, device(from), bytes);
    case cudaMemcpyDeviceToDevice: return CU(cuMemcpyDtoD_v2)(device(to), device(from), bytes);
    case cudaMemcpyHostToHost: {
      CUresult result = CU(cuStreamSynchronize)(nullptr);
      std::memcpy(to, from, result == CUDA_SUCCESS ? bytes : 0);
      return result;
    }
    default: return kind < cudaMemcpyHostToHost || kind > cudaMemcpyDefault
                        ? CUresult(cudaErrorInvalidMemcpyDirection) : CUDA_SUCCESS;
  }
}

}

CUresult copy(void* to, const void* from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  kind = kind == cudaMemcpyDefault ? direction(to, from) : kind;
  switch (bytes ? kind : cudaMemcpyDefault) {
    case cudaMemcpyHostToDevice: return CU(cuMemcpyHtoDAsync_v2)(device(to), from, bytes, stream);
    case cudaMemcpyDeviceToHost: return CU(cuMemcpyDtoHAsync_v2)(to, device(from), bytes, stream);
    case cudaMemcpyDeviceToDevice: return CU(cuMemcpyDtoDAsync_v2)(device(to), device(from), bytes, stream);
    case cudaMemcpyHostToHost: return CU(cuLaunchHostFunc)(stream, copy_on_host, new Between{to, from, bytes});
    default: return kind < cudaMemcpyHostToHost || kind > cudaMemcpyDefault
                        ? CUresult(cudaErrorInvalidMemcpyDirection) : CUDA_SUCCESS;
  }
}

namespace {

// In the order of a stream, and waited for.
CUresult copy_on(void* to, const void* from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  CUresult result = copy(to, from, bytes, kind, stream);
  return result == CUDA_SUCCESS ? CU(cuStreamSynchronize)(stream) : result;
}

// A part of a variable.
template <typename Copy>
cudaError_t part_of(const void* symbol, size_t bytes, size_t offset, Copy copy) {
  return in_context([&] {
    CUdeviceptr start = 0;
    size_t size = 0;
    cudaError_t found = variable_of(symbol, start, size);
    if (found != cudaSuccess) {
      return found;
    }
    return offset > size || bytes > size - offset ? cudaErrorInvalidValue
                                                  : cudaError_t(copy(reinterpret_cast<char*>(start) + offset));
  });
}

}

}

using namespace cudart;

EXPORT cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, cudaMemcpyKind kind) {
  return in_context([&] { return copy_and_wait(to, from, bytes, kind); });
}

EXPORT cudaError_t cudaMemcpy_ptds(void* to, const void* from, size_t bytes, cudaMemcpyKind kind) {
  return in_context([&] { return copy_on(to, from, bytes, kind, of_this_thread(nullptr)); });
}

EXPORT cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind,
                                   cudaStream_t stream) {
  return in_context([&] { return copy(to, from, bytes, kind, stream); });
}
ON_STREAM(cudaMemcpyAsync, (void* to, const void* from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream),
          (to, from, bytes, kind, stream))

// There is one device.
EXPORT cudaError_t cudaMemcpyPeer(void* to, int, const void* from, int, size_t bytes) {
  return cudaMemcpy(to, from, bytes, cudaMemcpyDeviceToDevice);
}

EXPORT cudaError_t cudaMemcpyPeerAsync(void* to, int, const void* from, int, size_t bytes, cudaStream_t stream) {
  return cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, stream);
}

EXPORT cudaError_t cudaMemcpyToSymbol(const void* symbol, const void* from, size_t bytes, size_t offset,
                                      cudaMemcpyKind kind) {
  return part_of(symbol, bytes, offset, [&](void* to) { return copy_and_wait(to, from, bytes, kind); });
}

EXPORT cudaError_t cudaMemcpyToSymbol_ptds(const void* symbol, const void* from, size_t bytes, size_t offset,
                                           cudaMemcpyKind kind) {
  return part_of(symbol, bytes, offset,
                 [&](void* to) { return copy_on(to, from, bytes, kind, of_this_thread(nullptr)); });
}

EXPORT cudaError_t cudaMemcpyToSymbolAsync(const void* symbol, const void* from, size_t bytes, size_t offset,
                                           cudaMemcpyKind kind, cudaStream_t stream) {
  return part_of(symbol, bytes, offset, [&](void* to) { return copy(to, from, bytes, kind, stream); });
}
ON_STREAM(cudaMemcpyToSymbolAsync, (const void* symbol, const void* from, size_t bytes, size_t offset,
                                    cudaMemcpyKind kind, cudaStream_t stream),
          (symbol, from, bytes, offset, kind, stream))

EXPORT cudaError_t cudaMemcpyFromSymbol(void* to, const void* symbol, size_t bytes, size_t offset,
                                        cudaMemcpyKind kind) {
  return part_of(symbol, bytes, offset, [&](void* from) { return copy_and_wait(to, from, bytes, kind); });
}

EXPORT cudaError_t cudaMemcpyFromSymbol_ptds(void* to, const void* symbol, size_t bytes, size_t offset,
                                             cudaMemcpyKind kind) {
  return part_of(symbol, bytes, offset,
                 [&](void* from) { return copy_on(to, from, bytes, kind, of_this_thread(nullptr)); });
}

EXPORT cudaError_t cudaMemcpyFromSymbolAsync(void* to, const void* symbol, size_t bytes, size_t offset,
                                             cudaMemcpyKind kind, cudaStream_t stream) {
  return part_of(symbol, bytes, offset, [&](void* from) { return copy(to, from, bytes, kind, stream); });
}
ON_STREAM(cudaMemcpyFromSymbolAsync, (void* to, const void* symbol, size_t bytes, size_t offset, cudaMemcpyKind kind,
                                      cudaStream_t stream), (to, symbol, bytes, offset, kind, stream))

EXPORT cudaError_t cudaMemset(void* to, int value, size_t bytes) {
  return in_context([&] {
    return bytes ? CU(cuMemsetD8_v2)(device(to), static_cast<unsigned char>(value), bytes) : CUDA_SUCCESS;
  });
}

EXPORT cudaError_t cudaMemsetAsync(void* to, int value, size_t bytes, cudaStream_t stream) {
  return in_context([&] {
    return bytes ? CU(cuMemsetD8Async)(device(to), static_cast<unsigned char>(value), bytes, stream) : CUDA_SUCCESS;
  });
}
ON_STREAM(cudaMemsetAsync, (void* to, int value, size_t bytes, cudaStream_t stream), (to, value, bytes, stream))

STREAMED(cudaMemset2DAsync, (void* to, size_t pitch, int value, size_t width, size_t height, cudaStream_t stream),
         cuMemsetD2D8Async, (device(to), pitch, static_cast<unsigned char>(value), width, height, stream))

EXPORT cudaError_t cudaMemset2D(void* to, size_t pitch, int value, size_t width, size_t height) {
  return cudaMemset2DAsync(to, pitch, value, width, height, nullptr);
}

EXPORT cudaError_t cudaMemset2D_ptds(void* to, size_t pitch, int value, size_t width, size_t height) {
  return cudaMemset2DAsync_ptsz(to, pitch, value, width, height, nullptr);
}

// The slices of a box lie one after another.
EXPORT cudaError_t cudaMemset3DAsync(cudaPitchedPtr to, int value, cudaExtent extent, cudaStream_t stream) {
  cudaError_t result = cudaSuccess;
  for (size_t slice = 0; slice < extent.depth && result == cudaSuccess; slice++) {
    result = cudaMemset2DAsync(static_cast<char*>(to.ptr) + slice * to.pitch * to.ysize, to.pitch, value, extent.width,
                               extent.height, stream);
  }
  return result;
}
ON_STREAM(cudaMemset3DAsync, (cudaPitchedPtr to, int value, cudaExtent extent, cudaStream_t stream),
          (to, value, extent, stream))

EXPORT cudaError_t cudaMemset3D(cudaPitchedPtr to, int value, cudaExtent extent) {
  return cudaMemset3DAsync(to, value, extent, nullptr);
}

EXPORT cudaError_t cudaMemset3D_ptds(cudaPitchedPtr to, int value, cudaExtent extent) {
  return cudaMemset3DAsync_ptsz(to, value, extent, nullptr);
}

EXPORT cudaError_t cudaMemset_ptds(void* to, int value, size_t bytes) {
  return cudaMemsetAsync_ptsz(to, value, bytes, nullptr);
}
