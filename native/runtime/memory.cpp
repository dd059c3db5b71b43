// Memory: the device's, the host's that is pinned, and managed.
#include "runtime/runtime.h"

namespace cudart {

bool on_device(const void* address) {
  CUmemorytype type = CU_MEMORYTYPE_HOST;
  return CU(cuPointerGetAttribute)(&type, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, device(address)) == CUDA_SUCCESS &&
         type == CU_MEMORYTYPE_DEVICE;
}

namespace {

// The alignment of rows.
constexpr size_t PITCH = 512;

}

}

using namespace cudart;

// Nothing of nothing: that succeeds with null.
EXPORT cudaError_t cudaMalloc(void** address, size_t bytes) {
  return in_context([&] {
    CUdeviceptr made = 0;
    if (!address) {
      return CUDA_ERROR_INVALID_VALUE;
    }
    CUresult result = bytes ? CU(cuMemAlloc_v2)(&made, bytes) : CUDA_SUCCESS;
    *address = reinterpret_cast<void*>(made);
    return result;
  });
}

EXPORT cudaError_t cudaFree(void* address) {
  return in_context([&] { return address ? CU(cuMemFree_v2)(device(address)) : CUDA_SUCCESS; });
}

EXPORT cudaError_t cudaMallocPitch(void** address, size_t* pitch, size_t width, size_t height) {
  if (!address || !pitch) {
    return told(cudaErrorInvalidValue);
  }
  *pitch = (width + PITCH - 1) / PITCH * PITCH;
  return cudaMalloc(address, *pitch * height);
}

EXPORT cudaError_t cudaMalloc3D(cudaPitchedPtr* made, cudaExtent extent) {
  if (!made) {
    return told(cudaErrorInvalidValue);
  }
  made->xsize = extent.width;
  made->ysize = extent.height;
  return cudaMallocPitch(&made->ptr, &made->pitch, extent.width, extent.height * extent.depth);
}

EXPORT cudaError_t cudaMallocManaged(void** address, size_t bytes, unsigned flags) {
  return in_context([&] { return CU(cuMemAllocManaged)(reinterpret_cast<CUdeviceptr*>(address), bytes, flags); });
}

EXPORT cudaError_t cudaMallocHost(void** address, size_t bytes) {
  return in_context([&] { return CU(cuMemAllocHost_v2)(address, bytes); });
}

EXPORT cudaError_t cudaHostAlloc(void** address, size_t bytes, unsigned flags) {
  return in_context([&] { return CU(cuMemHostAlloc)(address, bytes, flags); });
}

EXPORT cudaError_t cudaFreeHost(void* address) {
  return in_context([&] { return address ? CU(cuMemFreeHost)(address) : CUDA_SUCCESS; });
}

EXPORT cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  return in_context([&] { return CU(cuMemGetInfo_v2)(free, total); });
}

EXPORT cudaError_t cudaMallocAsync(void** address, size_t bytes, cudaStream_t stream) {
  return in_context([&] { return CU(cuMemAllocAsync)(reinterpret_cast<CUdeviceptr*>(address), bytes, stream); });
}
ON_STREAM(cudaMallocAsync, (void** address, size_t bytes, cudaStream_t stream), (address, bytes, stream))

EXPORT cudaError_t cudaFreeAsync(void* address, cudaStream_t stream) {
  return in_context([&] { return CU(cuMemFreeAsync)(device(address), stream); });
}
ON_STREAM(cudaFreeAsync, (void* address, cudaStream_t stream), (address, stream))

// Where managed memory lies changes nothing here.
namespace {

cudaError_t managed(const void* address, size_t bytes) {
  return in_context([&] {
    int managed = 0;
    CUresult known = CU(cuPointerGetAttribute)(&managed, CU_POINTER_ATTRIBUTE_IS_MANAGED, device(address));
    return known == CUDA_SUCCESS && managed && bytes ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
  });
}

}

EXPORT cudaError_t cudaStreamAttachMemAsync(cudaStream_t, void* address, size_t, unsigned) {
  return managed(address, 1);
}

EXPORT cudaError_t cudaStreamAttachMemAsync_ptsz(cudaStream_t, void* address, size_t, unsigned) {
  return managed(address, 1);
}

#if CHARLSTM_CUDART < 13
EXPORT cudaError_t cudaMemPrefetchAsync(const void* address, size_t bytes, int, cudaStream_t) {
  return managed(address, bytes);
}

EXPORT cudaError_t cudaMemAdvise(const void* address, size_t bytes, cudaMemoryAdvise, int) {
  return managed(address, bytes);
}
#else
EXPORT cudaError_t cudaMemPrefetchAsync(const void* address, size_t bytes, cudaMemLocation, unsigned, cudaStream_t) {
  return managed(address, bytes);
}

EXPORT cudaError_t cudaMemAdvise(const void* address, size_t bytes, cudaMemoryAdvise, cudaMemLocation) {
  return managed(address, bytes);
}
#endif

EXPORT cudaError_t cudaMemPrefetchAsync_v2(const void* address, size_t bytes, cudaMemLocation, unsigned,
                                           cudaStream_t) {
  return managed(address, bytes);
}

EXPORT cudaError_t cudaMemAdvise_v2(const void* address, size_t bytes, cudaMemoryAdvise, cudaMemLocation) {
  return managed(address, bytes);
}

EXPORT cudaError_t cudaMemPrefetchAsync_ptsz(const void* address, size_t bytes) {
  return managed(address, bytes);
}

EXPORT cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* to, const void* address) {
  return in_context([&] {
    if (!to) {
      return CUDA_ERROR_INVALID_VALUE;
    }
    *to = {};
    to->hostPointer = const_cast<void*>(address);
    to->device = -2;  // of no device
    if (on_device(address)) {
      int managed = 0;
      CU(cuPointerGetAttribute)(&managed, CU_POINTER_ATTRIBUTE_IS_MANAGED, device(address));
      CU(cuPointerGetAttribute)(&to->device, CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL, device(address));
      to->type = managed ? cudaMemoryTypeManaged : cudaMemoryTypeDevice;
      to->devicePointer = const_cast<void*>(address);
      to->hostPointer = managed ? to->devicePointer : nullptr;
    }
    return CUDA_SUCCESS;
  });
}
