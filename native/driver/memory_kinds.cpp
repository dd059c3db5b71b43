// Memory in the order of a stream, memory that the host sees too, and what the driver knows of an address.
#include <algorithm>
#include <map>

#include "calls/admission.h"
#include "calls/calls.h"
#include "calls/handles.h"
#include "driver/device_memory.h"
#include "images/host_memory.h"
#include "memory/footprint.h"
#include "memory/memory.h"
#include "memory/state.h"
#include "streams/streams.h"

namespace sim {

namespace {

constexpr int FIRST_WITH_POOLS = 11020;

// The device's own pool, and those that a program makes, each with the most that it has given at once.
const CUmemoryPool POOL = reinterpret_cast<CUmemoryPool>(0x61000000);
struct Pool {
  size_t most = 0;
  uint64_t settings[CU_MEMPOOL_ATTR_RELEASE_THRESHOLD + 1] = {0, 1, 1, 1, 0};
};
OfContext<std::map<CUmemoryPool, Pool>> pools;
CUmemoryPool current_pool = POOL;

Pool* find_pool(CUmemoryPool handle) {
  auto found = pools.find(handle);
  return handle == POOL ? &pools[POOL] : found == pools.end() ? nullptr : &found->second;
}

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
CUresult cuMemAllocFromPoolAsync(CUdeviceptr* address, size_t bytes, CUmemoryPool pool_handle, CUstream handle) {
  std::shared_ptr<Stream> stream = find_stream(handle);
  if (!stream) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  Pool* pool = find_pool(pool_handle);
  if (!address || bytes == 0 || !pool) {
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
  Allocation* made = give(bytes, {Given::POOLED, current_context, pool_handle});
  if (!made) {
    return CUDA_ERROR_OUT_OF_MEMORY;
  }
  pool->most = std::max(pool->most, bytes_given(pool_handle));
  *address = made->start;
  return enqueue(handle, {"an allocation", [start = made->start, bytes] {
                            note_access(start, bytes, true);
                            return CUDA_SUCCESS;
                          }, CU_GRAPH_NODE_TYPE_MEM_ALLOC});
}

CUresult cuMemAllocAsync(CUdeviceptr* address, size_t bytes, CUstream stream) {
  return sim::cuMemAllocFromPoolAsync(address, bytes, current_pool, stream);
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
                          }, CU_GRAPH_NODE_TYPE_MEM_FREE});
}

CUresult cuDeviceGetDefaultMemPool(CUmemoryPool* pool, CUdevice device) {
  if (!pool) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *pool = POOL;
  return device != 0 ? CUDA_ERROR_INVALID_DEVICE
                     : settings.driver_version < FIRST_WITH_POOLS ? CUDA_ERROR_NOT_SUPPORTED : CUDA_SUCCESS;
}

CUresult cuDeviceGetMemPool(CUmemoryPool* pool, CUdevice device) {
  CUresult result = sim::cuDeviceGetDefaultMemPool(pool, device);
  if (result == CUDA_SUCCESS) {
    *pool = current_pool;
  }
  return result;
}

CUresult cuDeviceSetMemPool(CUdevice device, CUmemoryPool pool) {
  if (device != 0 || !find_pool(pool)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  current_pool = pool;
  return CUDA_SUCCESS;
}

CUresult cuMemPoolCreate(CUmemoryPool* pool, const CUmemPoolProps* properties) {
  constexpr int PINNED = 1, OF_DEVICE = 1;
  if (!pool || !readable(properties, sizeof *properties) || int(properties->allocType) != PINNED) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  bool own = int(properties->location.type) == OF_DEVICE && properties->location.id == 0;
  if (!own || int(properties->handleTypes) != 0) {
    complain("cuMemPoolCreate: only pools of the device's own memory are simulated, which no other process opens");
    return CUDA_ERROR_NOT_SUPPORTED;
  }
  *pool = reinterpret_cast<CUmemoryPool>(next_handle());
  pools[*pool] = Pool();
  return CUDA_SUCCESS;
}

CUresult cuMemPoolDestroy(CUmemoryPool pool) {
  if (pool == POOL || pools.erase(pool) == 0) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  current_pool = current_pool == pool ? POOL : current_pool;
  return CUDA_SUCCESS;
}

// How much a pool keeps makes no difference here.
CUresult cuMemPoolSetAttribute(CUmemoryPool handle, CUmemPool_attribute attribute, void* value) {
  Pool* pool = find_pool(handle);
  bool high = attribute == CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH || attribute == CU_MEMPOOL_ATTR_USED_MEM_HIGH;
  bool setting = attribute >= CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES &&
                 attribute <= CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
  if (!pool || !value || !(setting || (high && *static_cast<uint64_t*>(value) == 0))) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (high) {
    pool->most = bytes_given(handle);
  } else {
    bool wide = attribute == CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
    pool->settings[attribute] = wide ? *static_cast<uint64_t*>(value) : uint64_t(*static_cast<int*>(value));
  }
  return CUDA_SUCCESS;
}

CUresult cuMemPoolGetAttribute(CUmemoryPool handle, CUmemPool_attribute attribute, void* value) {
  Pool* pool = find_pool(handle);
  if (!pool || !value || attribute < 1) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  switch (attribute) {
    case CU_MEMPOOL_ATTR_RELEASE_THRESHOLD: return answer(value, pool->settings[attribute]);
    case CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT:
    case CU_MEMPOOL_ATTR_USED_MEM_CURRENT: return answer(value, uint64_t(bytes_given(handle)));
    case CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH:
    case CU_MEMPOOL_ATTR_USED_MEM_HIGH: return answer(value, uint64_t(pool->most));
    default: return attribute < CU_MEMPOOL_ATTR_RELEASE_THRESHOLD ? answer(value, int(pool->settings[attribute]))
                                                                  : CUDA_ERROR_INVALID_VALUE;
  }
}

CUresult cuMemPoolTrimTo(CUmemoryPool pool, size_t) {
  return find_pool(pool) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

// The host writes it unseen, so all of it counts as written.
CUresult cuMemAllocManaged(CUdeviceptr* address, size_t bytes, unsigned int flags) {
  if (!address || bytes == 0 || (flags != CU_MEM_ATTACH_GLOBAL && flags != CU_MEM_ATTACH_HOST)) {
    return CUDA_ERROR_INVALID_VALUE;
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

namespace {

bool is_managed(CUdeviceptr start, size_t bytes) {
  Allocation* found = allocation_of(start, bytes);
  return found && given_at(*found).kind == Given::MANAGED;
}

// A device by its number, or the host.
CUresult hint(CUdeviceptr start, size_t bytes, CUdevice where) {
  constexpr CUdevice HOST = -1;
  return where != 0 && where != HOST ? CUDA_ERROR_INVALID_DEVICE
                                     : bytes && is_managed(start, bytes) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

// Types are 1 for a device and 2 to 4 for the host and its nodes; 0 is none, where it does not matter.
CUdevice device_of(const CUmemLocation& where) {
  int type = int(where.type);
  return type == 1 ? where.id : type >= 2 && type <= 4 ? -1 : type == 0 ? 0 : 1;
}

CUresult mark(CUstream stream, const char* what) {
  return enqueue(stream, {what, [] { return CUDA_SUCCESS; }});
}

}

// Where managed memory is makes no difference here.
CUresult cuMemPrefetchAsync(CUdeviceptr start, size_t bytes, CUdevice where, CUstream stream) {
  CUresult result = hint(start, bytes, where);
  return result == CUDA_SUCCESS ? mark(stream, "a prefetch") : result;
}

CUresult cuMemPrefetchAsync_v2(CUdeviceptr start, size_t bytes, CUmemLocation where, unsigned int flags,
                               CUstream stream) {
  return flags ? CUDA_ERROR_INVALID_VALUE : sim::cuMemPrefetchAsync(start, bytes, device_of(where), stream);
}

CUresult cuMemAdvise(CUdeviceptr start, size_t bytes, CUmem_advise advice, CUdevice where) {
  constexpr int LAST = 6;
  return int(advice) < 1 || int(advice) > LAST ? CUDA_ERROR_INVALID_VALUE : hint(start, bytes, where);
}

CUresult cuMemAdvise_v2(CUdeviceptr start, size_t bytes, CUmem_advise advice, CUmemLocation where) {
  return sim::cuMemAdvise(start, bytes, advice, device_of(where));
}

CUresult cuStreamAttachMemAsync(CUstream stream, CUdeviceptr start, size_t bytes, unsigned int flags) {
  bool known = flags == CU_MEM_ATTACH_GLOBAL || flags == CU_MEM_ATTACH_HOST || flags == CU_MEM_ATTACH_SINGLE;
  if (!find_stream(stream)) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  bool whole = is_managed(start, std::max(bytes, size_t(1))) && (!bytes || allocation_at(start)->size == bytes);
  return known && whole ? mark(stream, "an attachment") : CUDA_ERROR_INVALID_VALUE;
}

namespace {

CUresult of_pinned(void* data, CUpointer_attribute attribute, CUdeviceptr address, const Pinned& memory) {
  auto start = reinterpret_cast<CUdeviceptr>(memory.start());
  switch (attribute) {
    case CU_POINTER_ATTRIBUTE_CONTEXT: return answer(data, memory.context());
    case CU_POINTER_ATTRIBUTE_MEMORY_TYPE: return answer(data, CU_MEMORYTYPE_HOST);
    case CU_POINTER_ATTRIBUTE_DEVICE_POINTER:
      return memory.given() ? answer(data, address) : CUDA_ERROR_INVALID_VALUE;
    case CU_POINTER_ATTRIBUTE_HOST_POINTER: return answer(data, address);
    case CU_POINTER_ATTRIBUTE_BUFFER_ID:
    case CU_POINTER_ATTRIBUTE_RANGE_START_ADDR: return answer(data, start);
    case CU_POINTER_ATTRIBUTE_RANGE_SIZE: return answer(data, memory.size());
    case CU_POINTER_ATTRIBUTE_IS_MANAGED:
    case CU_POINTER_ATTRIBUTE_SYNC_MEMOPS:
    case CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL: return answer(data, 0);
    case CU_POINTER_ATTRIBUTE_MAPPED: return answer(data, int(memory.given()));
    default: return CUDA_ERROR_INVALID_VALUE;
  }
}

}

// Memory of a pool is of no context.
CUresult cuPointerGetAttribute(void* data, CUpointer_attribute attribute, CUdeviceptr address) {
  if (std::shared_ptr<Pinned> memory = data ? pinned_at(reinterpret_cast<void*>(address)) : nullptr) {
    return of_pinned(data, attribute, address, *memory);
  }
  Allocation* found = allocation_of(address, 1);
  if (!data || !found) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  const Given& how = given_at(*found);
  bool managed = how.kind == Given::MANAGED || found->managed;
  switch (attribute) {
    case CU_POINTER_ATTRIBUTE_CONTEXT: return answer(data, how.kind == Given::POOLED ? 0ull : how.context);
    case CU_POINTER_ATTRIBUTE_MEMORY_TYPE: return answer(data, CU_MEMORYTYPE_DEVICE);
    case CU_POINTER_ATTRIBUTE_DEVICE_POINTER: return answer(data, address);
    case CU_POINTER_ATTRIBUTE_HOST_POINTER: return managed ? answer(data, address) : CUDA_ERROR_INVALID_VALUE;
    case CU_POINTER_ATTRIBUTE_IS_MANAGED: return answer(data, int(managed));
    case CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL: return answer(data, 0);
    case CU_POINTER_ATTRIBUTE_SYNC_MEMOPS: return answer(data, 0);
    case CU_POINTER_ATTRIBUTE_BUFFER_ID:
    case CU_POINTER_ATTRIBUTE_RANGE_START_ADDR: return answer(data, CUdeviceptr(found->start));
    case CU_POINTER_ATTRIBUTE_RANGE_SIZE: return answer(data, found->size);
    case CU_POINTER_ATTRIBUTE_MAPPED: return answer(data, 1);
    case CU_POINTER_ATTRIBUTE_MEMPOOL_HANDLE: return answer(data, how.pool);
    default: return CUDA_ERROR_INVALID_VALUE;
  }
}

// Of what the driver does not know, attributes are nothing, and the device is none.
CUresult cuPointerGetAttributes(unsigned int count, CUpointer_attribute* attributes, void** data, CUdeviceptr address) {
  if (!attributes || !data || count == 0) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  for (unsigned i = 0; i < count; i++) {
    if (sim::cuPointerGetAttribute(data[i], attributes[i], address) == CUDA_SUCCESS) {
      continue;
    }
    switch (data[i] ? attributes[i] : CUpointer_attribute(0)) {
      case CU_POINTER_ATTRIBUTE_CONTEXT:
      case CU_POINTER_ATTRIBUTE_DEVICE_POINTER:
      case CU_POINTER_ATTRIBUTE_HOST_POINTER:
      case CU_POINTER_ATTRIBUTE_BUFFER_ID:
      case CU_POINTER_ATTRIBUTE_RANGE_START_ADDR:
      case CU_POINTER_ATTRIBUTE_RANGE_SIZE:
      case CU_POINTER_ATTRIBUTE_MEMPOOL_HANDLE: answer(data[i], uint64_t(0)); break;
      case CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL: answer(data[i], -2); break;
      case CU_POINTER_ATTRIBUTE_MEMORY_TYPE:
      case CU_POINTER_ATTRIBUTE_IS_MANAGED:
      case CU_POINTER_ATTRIBUTE_SYNC_MEMOPS:
      case CU_POINTER_ATTRIBUTE_MAPPED: answer(data[i], 0); break;
      default: return CUDA_ERROR_INVALID_VALUE;
    }
  }
  return CUDA_SUCCESS;
}

// Copies of memory that is said to be in step wait for themselves, which changes nothing here.
CUresult cuPointerSetAttribute(const void* value, CUpointer_attribute attribute, CUdeviceptr address) {
  return value && attribute == CU_POINTER_ATTRIBUTE_SYNC_MEMOPS && allocation_of(address, 1) ? CUDA_SUCCESS
                                                                                             : CUDA_ERROR_INVALID_VALUE;
}

}
