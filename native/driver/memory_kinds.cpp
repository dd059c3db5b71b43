// Memory in the order of a stream, memory that the host sees too, and what the driver knows of an address.
#include "calls/admission.h"
#include "calls/calls.h"
#include "driver/device_memory.h"
#include "memory/footprint.h"
#include "memory/memory.h"
#include "memory/state.h"
#include "streams/streams.h"

namespace sim {

namespace {

constexpr int FIRST_WITH_POOLS = 11020;

// The one pool there is.
const CUmemoryPool POOL = reinterpret_cast<CUmemoryPool>(0x61000000);

const Given PLACE_OF_ANOTHER{};

// How the memory was given that an address lies in; a module's variables count as plain.
const Given& given_at(const Allocation& allocation) {
  const Given* found = how_given(allocation.start);
  return found ? *found : PLACE_OF_ANOTHER;
}

template <typename Value>
CUresult answer(void* data, Value value) {
  *static_cast<Value*>(data) = value;
  return CUDA_SUCCESS;
}

}

// Within a recording the memory would be the graph's own.
CUresult cuMemAllocAsync(CUdeviceptr* address, size_t bytes, CUstream handle) {
  std::shared_ptr<Stream> stream = find_stream(handle);
  if (!stream) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  if (!address || bytes == 0) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (settings.driver_version < FIRST_WITH_POOLS) {
    return CUDA_ERROR_NOT_SUPPORTED;
  }
  if (stream->capturing()) {
    stream->capture->invalidated = true;
    complain("cuMemAllocAsync: memory of a graph's own is not simulated; allocate it before the recording");
    return CUDA_ERROR_NOT_SUPPORTED;
  }
  Allocation* made = give(bytes, {Given::POOLED, current_context});
  if (!made) {
    return CUDA_ERROR_OUT_OF_MEMORY;
  }
  *address = made->start;
  return enqueue(handle, {"an allocation", [start = made->start, bytes] {
                            note_access(start, bytes, true);
                            return CUDA_SUCCESS;
                          }});
}

CUresult cuMemFreeAsync(CUdeviceptr address, CUstream handle) {
  std::shared_ptr<Stream> stream = find_stream(handle);
  if (!stream) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  const Given* how = how_given(address);
  if (!how || how->kind != Given::POOLED) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (stream->capturing()) {
    stream->capture->invalidated = true;
    complain("cuMemFreeAsync: memory of a graph's own is not simulated; free it after the recording");
    return CUDA_ERROR_INVALID_VALUE;
  }
  forget_given(address);
  return enqueue(handle, {"an end of memory", [=] {
                            note_access(address, allocation_at(address)->size, true);
                            take_back(address);
                            return CUDA_SUCCESS;
                          }});
}

CUresult cuDeviceGetDefaultMemPool(CUmemoryPool* pool, CUdevice device) {
  if (!pool) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *pool = POOL;
  return device != 0 ? CUDA_ERROR_INVALID_DEVICE
                     : settings.driver_version < FIRST_WITH_POOLS ? CUDA_ERROR_NOT_SUPPORTED : CUDA_SUCCESS;
}

// How much a pool keeps makes no difference here.
CUresult cuMemPoolSetAttribute(CUmemoryPool pool, CUmemPool_attribute attribute, void* value) {
  bool known = attribute >= CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES &&
               attribute <= CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
  return pool == POOL && known && value ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

// The host writes it unseen, so all of it counts as written.
CUresult cuMemAllocManaged(CUdeviceptr* address, size_t bytes, unsigned int flags) {
  if (!address || bytes == 0 || (flags != CU_MEM_ATTACH_GLOBAL && flags != CU_MEM_ATTACH_HOST)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (flags == CU_MEM_ATTACH_HOST) {
    complain("cuMemAllocManaged: only CU_MEM_ATTACH_GLOBAL is simulated");
    return CUDA_ERROR_NOT_SUPPORTED;
  }
  if (forbidden_by_capture()) {
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  }
  Allocation* made = give(bytes, {Given::MANAGED, current_context});
  if (!made) {
    return CUDA_ERROR_OUT_OF_MEMORY;
  }
  mark_written(*made, made->start, bytes);
  *address = made->start;
  return CUDA_SUCCESS;
}

CUresult cuMemGetAddressRange_v2(CUdeviceptr* start, size_t* size, CUdeviceptr address) {
  Allocation* found = allocation_of(address, 1);
  if (!found) {
    return CUDA_ERROR_NOT_FOUND;
  }
  if (start) {
    *start = found->start;
  }
  if (size) {
    *size = found->size;
  }
  return CUDA_SUCCESS;
}

// Memory of a pool is of no context.
CUresult cuPointerGetAttribute(void* data, CUpointer_attribute attribute, CUdeviceptr address) {
  Allocation* found = allocation_of(address, 1);
  if (!data || !found) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  const Given& how = given_at(*found);
  bool managed = how.kind == Given::MANAGED;
  switch (attribute) {
    case CU_POINTER_ATTRIBUTE_CONTEXT: return answer(data, how.kind == Given::POOLED ? 0ull : how.context);
    case CU_POINTER_ATTRIBUTE_MEMORY_TYPE: return answer(data, CU_MEMORYTYPE_DEVICE);
    case CU_POINTER_ATTRIBUTE_DEVICE_POINTER: return answer(data, address);
    case CU_POINTER_ATTRIBUTE_HOST_POINTER: return managed ? answer(data, address) : CUDA_ERROR_INVALID_VALUE;
    case CU_POINTER_ATTRIBUTE_IS_MANAGED: return answer(data, int(managed));
    case CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL: return answer(data, 0);
    case CU_POINTER_ATTRIBUTE_RANGE_START_ADDR: return answer(data, CUdeviceptr(found->start));
    case CU_POINTER_ATTRIBUTE_RANGE_SIZE: return answer(data, found->size);
    case CU_POINTER_ATTRIBUTE_MAPPED: return answer(data, 1);
    default: return CUDA_ERROR_INVALID_VALUE;
  }
}

}
