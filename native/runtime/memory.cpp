// Memory: device, pinned host, managed, and pool memory.
#include "runtime/runtime.h"

using namespace cudart;

namespace cudart {

bool on_device(const void* address) {
  CUmemorytype type = CU_MEMORYTYPE_HOST;
  return CU(cuPointerGetAttribute)(&type, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, device(address)) == CUDA_SUCCESS &&
         type == CU_MEMORYTYPE_DEVICE;
}

namespace {

constexpr size_t ALIGNMENT_OF_ROWS = 512;

CUdeviceptr* place(void** address) {
  return reinterpret_cast<CUdeviceptr*>(address);
}

CUmemLocation place(cudaMemLocation where) {
  CUmemLocation same = {};
  same.type = decltype(same.type)(where.type);
  same.id = where.id;
  return same;
}

}

}

// An allocation of 0 bytes succeeds with null.
EXPORT cudaError_t cudaMalloc(void** address, size_t bytes) {
  return in_context([&] {
    if (!address) {
      return CUDA_ERROR_INVALID_VALUE;
    }
    *address = nullptr;
    return bytes ? CU(cuMemAlloc_v2)(place(address), bytes) : CUDA_SUCCESS;
  });
}

EXPORT cudaError_t cudaFree(void* address) {
  return in_context([&] { return address ? CU(cuMemFree_v2)(device(address)) : CUDA_SUCCESS; });
}

EXPORT cudaError_t cudaMallocPitch(void** address, size_t* pitch, size_t width, size_t height) {
  if (!address || !pitch) {
    return told(cudaErrorInvalidValue);
  }
  *pitch = (width + ALIGNMENT_OF_ROWS - 1) / ALIGNMENT_OF_ROWS * ALIGNMENT_OF_ROWS;
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

EXPORT cudaError_t cudaFreeHost(void* address) {
  return in_context([&] { return address ? CU(cuMemFreeHost)(address) : CUDA_SUCCESS; });
}

DIRECT(cudaMallocManaged, (void** address, size_t bytes, unsigned flags), cuMemAllocManaged,
       (place(address), bytes, flags))
DIRECT(cudaMallocHost, (void** address, size_t bytes), cuMemAllocHost_v2, (address, bytes))
DIRECT(cudaHostAlloc, (void** address, size_t bytes, unsigned flags), cuMemHostAlloc, (address, bytes, flags))
DIRECT(cudaHostRegister, (void* address, size_t bytes, unsigned flags), cuMemHostRegister_v2, (address, bytes, flags))
DIRECT(cudaHostUnregister, (void* address), cuMemHostUnregister, (address))
DIRECT(cudaHostGetDevicePointer, (void** address, void* host, unsigned flags), cuMemHostGetDevicePointer_v2,
       (place(address), host, flags))
DIRECT(cudaMemGetInfo, (size_t* free, size_t* total), cuMemGetInfo_v2, (free, total))

STREAMED(cudaMallocAsync, (void** address, size_t bytes, cudaStream_t stream), cuMemAllocAsync,
         (place(address), bytes, stream))
STREAMED(cudaFreeAsync, (void* address, cudaStream_t stream), cuMemFreeAsync, (device(address), stream))
STREAMED(cudaMallocFromPoolAsync, (void** address, size_t bytes, cudaMemPool_t pool, cudaStream_t stream),
         cuMemAllocFromPoolAsync, (place(address), bytes, pool, stream))
DIRECT(cudaDeviceGetDefaultMemPool, (cudaMemPool_t* pool, int device), cuDeviceGetDefaultMemPool, (pool, device))
DIRECT(cudaMemPoolCreate, (cudaMemPool_t* pool, const cudaMemPoolProps* properties), cuMemPoolCreate,
       (pool, reinterpret_cast<const CUmemPoolProps*>(properties)))
DIRECT(cudaMemPoolDestroy, (cudaMemPool_t pool), cuMemPoolDestroy, (pool))
DIRECT(cudaMemPoolSetAttribute, (cudaMemPool_t pool, cudaMemPoolAttr attribute, void* value), cuMemPoolSetAttribute,
       (pool, CUmemPool_attribute(attribute), value))
DIRECT(cudaMemPoolGetAttribute, (cudaMemPool_t pool, cudaMemPoolAttr attribute, void* value), cuMemPoolGetAttribute,
       (pool, CUmemPool_attribute(attribute), value))
DIRECT(cudaMemPoolTrimTo, (cudaMemPool_t pool, size_t kept), cuMemPoolTrimTo, (pool, kept))

// In CUDA 12 the names without a number take a device.
#if CHARLSTM_CUDART < 13
STREAMED(cudaMemPrefetchAsync, (const void* address, size_t bytes, int where, cudaStream_t stream),
         cuMemPrefetchAsync, (device(address), bytes, where, stream))
DIRECT(cudaMemAdvise, (const void* address, size_t bytes, cudaMemoryAdvise advice, int where), cuMemAdvise,
       (device(address), bytes, CUmem_advise(advice), where))
#define AT_PLACE(name) name##_v2
#else
#define AT_PLACE(name) name
#endif
STREAMED(AT_PLACE(cudaMemPrefetchAsync), (const void* address, size_t bytes, cudaMemLocation where, unsigned flags,
                                          cudaStream_t stream),
         cuMemPrefetchAsync_v2, (device(address), bytes, place(where), flags, stream))
DIRECT(AT_PLACE(cudaMemAdvise), (const void* address, size_t bytes, cudaMemoryAdvise advice, cudaMemLocation where),
       cuMemAdvise_v2, (device(address), bytes, CUmem_advise(advice), place(where)))

EXPORT cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* to, const void* address) {
  return in_context([&] {
    if (!to) {
      return CUDA_ERROR_INVALID_VALUE;
    }
    *to = {};
    to->device = -2;  // of no device
    CUmemorytype type = CU_MEMORYTYPE_HOST;
    auto ask = [&](void* value, CUpointer_attribute attribute) {
      return CU(cuPointerGetAttribute)(value, attribute, device(address)) == CUDA_SUCCESS;
    };
    if (!ask(&type, CU_POINTER_ATTRIBUTE_MEMORY_TYPE)) {
      to->hostPointer = const_cast<void*>(address);
      return CUDA_SUCCESS;
    }
    int managed = 0;
    ask(&managed, CU_POINTER_ATTRIBUTE_IS_MANAGED);
    ask(&to->device, CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL);
    ask(&to->devicePointer, CU_POINTER_ATTRIBUTE_DEVICE_POINTER);
    ask(&to->hostPointer, CU_POINTER_ATTRIBUTE_HOST_POINTER);
    to->type = managed ? cudaMemoryTypeManaged : type == CU_MEMORYTYPE_HOST ? cudaMemoryTypeHost : cudaMemoryTypeDevice;
    return CUDA_SUCCESS;
  });
}
