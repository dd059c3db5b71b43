// Stream-ordered memory, managed memory, and attributes of addresses.
#include <algorithm>
#include <map>

#include "calls/admission.h"
#include "calls/calls.h"
#include "calls/handles.h"
#include "driver/device_memory.h"
#include "driver/refuse.h"
#include "memory/footprint.h"
#include "streams/streams.h"

namespace sim {

namespace {

// The pools of devices, in order, and those that a program makes, each with its greatest use so far.
const CUmemoryPool POOLS = reinterpret_cast<CUmemoryPool>(0x61000000);
CUmemoryPool pool_of_device(int device) {
  return reinterpret_cast<CUmemoryPool>(reinterpret_cast<uintptr_t>(POOLS) + device);
}
bool is_devices(CUmemoryPool pool) {
  return uintptr_t(pool) - uintptr_t(POOLS) < MOST_DEVICES;
}
struct Pool {
  size_t most = 0;
  int device = 0;
  uint64_t settings[CU_MEMPOOL_ATTR_RELEASE_THRESHOLD + 1] = {0, 1, 1, 1, 0};
};
OfContext<std::map<CUmemoryPool, Pool>> pools;
CUmemoryPool current_pools[MOST_DEVICES];  // as far as they are there; else a device's own

CUmemoryPool current_pool(int device) {
  return pools.count(current_pools[device]) ? current_pools[device] : pool_of_device(device);
}

Pool& pool_of(CUmemoryPool handle) {
  require(is_devices(handle) || pools.count(handle));
  Pool& pool = pools[handle];
  pool.device = is_devices(handle) ? int(uintptr_t(handle) - uintptr_t(POOLS)) : pool.device;
  return pool;
}

bool is_high_mark(CUmemPool_attribute attribute) {
  return attribute == CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH || attribute == CU_MEMPOOL_ATTR_USED_MEM_HIGH;
}

const Given PLACE_OF_ANOTHER{};

// How the memory was given that an address lies in; a module's variables count as plain.
const Given& given_at(const Allocation& allocation) {
  const Given* found = how_given(allocation.start);
  return found ? *found : PLACE_OF_ANOTHER;
}

template <typename Value>
bool put(void* data, Value value) {
  *static_cast<Value*>(data) = value;
  return true;
}

// Refuses calls during a capture, because the memory would belong to the graph.
void require_no_recording(CUstream handle, CUresult otherwise, const char* call, const char* remedy) {
  std::shared_ptr<Stream> stream = found(find_stream(handle));
  if (stream->capturing()) {
    stream->capture->invalidated = true;
    refuse(otherwise, call, std::string("memory of a graph's own is not simulated; ") + remedy);
  }
}

}

CUresult cuMemAllocFromPoolAsync(CUdeviceptr* address, size_t bytes, CUmemoryPool handle, CUstream stream) {
  found(find_stream(stream));
  Pool& pool = pool_of(handle);
  require(address && bytes);
  require(settings.driver_version >= FIRST_WITH_POOLS, CUDA_ERROR_NOT_SUPPORTED);
  require_no_recording(stream, CUDA_ERROR_NOT_SUPPORTED, "cuMemAllocAsync", "allocate it before the recording");
  Allocation& made = give(bytes, {Given::POOLED, current_context, handle});
  made.device = pool.device;
  *address = made.start;
  pool.most = std::max(pool.most, bytes_given(handle));
  return enqueue(stream, {"an allocation", [start = *address, bytes] {
                            note_access(start, bytes, true);
                            return CUDA_SUCCESS;
                          }, CU_GRAPH_NODE_TYPE_MEM_ALLOC});
}

CUresult cuMemAllocAsync(CUdeviceptr* address, size_t bytes, CUstream stream) {
  return sim::cuMemAllocFromPoolAsync(address, bytes, current_pool(device_now), stream);
}

CUresult cuMemFreeAsync(CUdeviceptr address, CUstream stream) {
  found(find_stream(stream));
  const Given* how = how_given(address);
  require(how && how->kind == Given::POOLED);
  require_no_recording(stream, CUDA_ERROR_INVALID_VALUE, "cuMemFreeAsync", "free it after the recording");
  forget_given(address);
  return enqueue(stream, {"an end of memory", [=] {
                            note_access(address, allocation_at(address)->size, true);
                            take_back(address);
                            return CUDA_SUCCESS;
                          }, CU_GRAPH_NODE_TYPE_MEM_FREE});
}

CUresult cuDeviceGetDefaultMemPool(CUmemoryPool* pool, CUdevice device) {
  require_device(device);
  require(settings.driver_version >= FIRST_WITH_POOLS, CUDA_ERROR_NOT_SUPPORTED);
  return tell(pool, pool_of_device(device));
}

CUresult cuDeviceGetMemPool(CUmemoryPool* pool, CUdevice device) {
  sim::cuDeviceGetDefaultMemPool(pool, device);
  return tell(pool, current_pool(device));
}

CUresult cuDeviceSetMemPool(CUdevice device, CUmemoryPool pool) {
  require(device >= 0 && device < settings.devices && pool_of(pool).device == device);
  current_pools[device] = pool;
  return CUDA_SUCCESS;
}

CUresult cuMemPoolCreate(CUmemoryPool* pool, const CUmemPoolProps* wanted) {
  constexpr unsigned PINNED = 1, OF_DEVICE = 1;
  const CUmemPoolProps& properties = passed(wanted);
  require(pool && unsigned(properties.allocType) == PINNED);
  unsigned device = unsigned(properties.location.id), type = unsigned(properties.location.type);
  bool own = type == OF_DEVICE && device < unsigned(settings.devices);
  if (!own || int(properties.handleTypes) != 0) {
    refuse(CUDA_ERROR_NOT_SUPPORTED, "cuMemPoolCreate",
           "only pools of the device's own memory are simulated, which no other process opens");
  }
  *pool = reinterpret_cast<CUmemoryPool>(next_handle());
  pools[*pool].device = properties.location.id;
  return CUDA_SUCCESS;
}

CUresult cuMemPoolDestroy(CUmemoryPool pool) {
  return require(!is_devices(pool) && pools.erase(pool));
}

// The amount that a pool keeps has no effect here.
CUresult cuMemPoolSetAttribute(CUmemoryPool handle, CUmemPool_attribute attribute, void* value) {
  Pool& pool = pool_of(handle);
  require(value && attribute >= CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES);
  if (is_high_mark(attribute)) {
    require(*static_cast<uint64_t*>(value) == 0);
    pool.most = bytes_given(handle);
    return CUDA_SUCCESS;
  }
  require(attribute <= CU_MEMPOOL_ATTR_RELEASE_THRESHOLD);
  bool wide = attribute == CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
  pool.settings[attribute] = wide ? *static_cast<uint64_t*>(value) : uint64_t(*static_cast<int*>(value));
  return CUDA_SUCCESS;
}

CUresult cuMemPoolGetAttribute(CUmemoryPool handle, CUmemPool_attribute attribute, void* value) {
  Pool& pool = pool_of(handle);
  require(value && attribute >= CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES &&
          attribute <= CU_MEMPOOL_ATTR_USED_MEM_HIGH);
  if (attribute < CU_MEMPOOL_ATTR_RELEASE_THRESHOLD) {
    put(value, int(pool.settings[attribute]));
  } else {
    put(value, is_high_mark(attribute)                          ? uint64_t(pool.most)
               : attribute == CU_MEMPOOL_ATTR_RELEASE_THRESHOLD ? pool.settings[attribute]
                                                                : uint64_t(bytes_given(handle)));
  }
  return CUDA_SUCCESS;
}

CUresult cuMemPoolTrimTo(CUmemoryPool pool, size_t) {
  pool_of(pool);
  return CUDA_SUCCESS;
}

// The host can write it unseen, so all of it counts as written.
CUresult cuMemAllocManaged(CUdeviceptr* address, size_t bytes, unsigned int flags) {
  require(address && bytes && (flags == CU_MEM_ATTACH_GLOBAL || flags == CU_MEM_ATTACH_HOST));
  require_no_capture();
  Allocation& made = give(bytes, {Given::MANAGED, current_context});
  made.device = OF_ALL;
  mark_written(made, made.start, bytes);
  return tell(address, made.start);
}

CUresult cuMemGetAddressRange_v2(CUdeviceptr* start, size_t* size, CUdeviceptr address) {
  const Allocation& memory = *found(allocation_of(address, 1), CUDA_ERROR_NOT_FOUND);
  if (start) {
    *start = memory.start;
  }
  if (size) {
    *size = memory.size;
  }
  return CUDA_SUCCESS;
}

namespace {

bool is_managed(CUdeviceptr start, size_t bytes) {
  Allocation* found = allocation_of(start, bytes);
  return found && given_at(*found).kind == Given::MANAGED;
}

// A device by its number, or the host.
void check_hint(CUdeviceptr start, size_t bytes, CUdevice where) {
  constexpr CUdevice HOST = -1;
  require(where == HOST || (where >= 0 && where < settings.devices), CUDA_ERROR_INVALID_DEVICE);
  require(bytes && is_managed(start, bytes));
}

// Types are 1 for a device and 2 to 4 for the host and its nodes; 0 is no type, where it does not matter.
CUdevice device_of(const CUmemLocation& where) {
  int type = int(where.type);
  return type == 1 ? where.id : type >= 2 && type <= 4 ? -1 : type == 0 ? 0 : MOST_DEVICES;
}

CUresult mark(CUstream stream, const char* what) {
  return enqueue(stream, {what, [] { return CUDA_SUCCESS; }});
}

}

// The place of managed memory has no effect here.
CUresult cuMemPrefetchAsync(CUdeviceptr start, size_t bytes, CUdevice where, CUstream stream) {
  check_hint(start, bytes, where);
  return mark(stream, "a prefetch");
}

CUresult cuMemPrefetchAsync_v2(CUdeviceptr start, size_t bytes, CUmemLocation where, unsigned int flags,
                               CUstream stream) {
  require(flags == 0);
  return sim::cuMemPrefetchAsync(start, bytes, device_of(where), stream);
}

CUresult cuMemAdvise(CUdeviceptr start, size_t bytes, CUmem_advise advice, CUdevice where) {
  constexpr int LAST = 6;
  require(int(advice) >= 1 && int(advice) <= LAST);
  check_hint(start, bytes, where);
  return CUDA_SUCCESS;
}

CUresult cuMemAdvise_v2(CUdeviceptr start, size_t bytes, CUmem_advise advice, CUmemLocation where) {
  return sim::cuMemAdvise(start, bytes, advice, device_of(where));
}

CUresult cuStreamAttachMemAsync(CUstream stream, CUdeviceptr start, size_t bytes, unsigned int flags) {
  found(find_stream(stream));
  require(flags == CU_MEM_ATTACH_GLOBAL || flags == CU_MEM_ATTACH_HOST || flags == CU_MEM_ATTACH_SINGLE);
  require(is_managed(start, std::max(bytes, size_t(1))) && (!bytes || allocation_at(start)->size == bytes));
  return mark(stream, "an attachment");
}

namespace {

// The attributes of an address; the defaults are those of memory that is not the driver's.
struct Knowledge {
  unsigned long long context = 0;
  CUmemorytype type = CUmemorytype(0);
  CUdeviceptr device_address = 0, host_address = 0, start = 0;
  size_t size = 0;
  int device = -2, managed = 0, mapped = 0;
  CUmemoryPool pool = nullptr;
};

// Memory of a pool is of no context.
Knowledge knowledge_of(CUdeviceptr address) {
  if (std::shared_ptr<Pinned> memory = pinned_at(reinterpret_cast<void*>(address))) {
    return {memory->context, CU_MEMORYTYPE_HOST, memory->given ? address : 0, address,
            reinterpret_cast<CUdeviceptr>(memory->start), memory->size,
            std::max(0, context.device_of(memory->context)), 0, memory->given, nullptr};
  }
  Allocation* found = allocation_of(address, 1);
  if (!found) {
    return {};
  }
  const Given& how = given_at(*found);
  bool managed = how.kind == Given::MANAGED || found->managed;
  int device = std::max(0, found->device == OF_ALL ? context.device_of(how.context) : found->device);
  return {how.kind == Given::POOLED ? 0 : how.context, CU_MEMORYTYPE_DEVICE, address, managed ? address : 0,
          found->start, found->size, device, managed, 1, how.pool};
}

bool put_attribute(void* data, CUpointer_attribute attribute, const Knowledge& known) {
  switch (attribute) {
    case CU_POINTER_ATTRIBUTE_CONTEXT: return put(data, known.context);
    case CU_POINTER_ATTRIBUTE_MEMORY_TYPE: return put(data, known.type);
    case CU_POINTER_ATTRIBUTE_DEVICE_POINTER: return put(data, known.device_address);
    case CU_POINTER_ATTRIBUTE_HOST_POINTER: return put(data, known.host_address);
    case CU_POINTER_ATTRIBUTE_SYNC_MEMOPS: return put(data, 0);
    case CU_POINTER_ATTRIBUTE_BUFFER_ID:
    case CU_POINTER_ATTRIBUTE_RANGE_START_ADDR: return put(data, known.start);
    case CU_POINTER_ATTRIBUTE_IS_MANAGED: return put(data, known.managed);
    case CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL: return put(data, known.device);
    case CU_POINTER_ATTRIBUTE_RANGE_SIZE: return put(data, known.size);
    case CU_POINTER_ATTRIBUTE_MAPPED: return put(data, known.mapped);
    case CU_POINTER_ATTRIBUTE_MEMPOOL_HANDLE: return put(data, known.pool);
    default: return false;
  }
}

}

CUresult cuPointerGetAttribute(void* data, CUpointer_attribute attribute, CUdeviceptr address) {
  Knowledge known = knowledge_of(address);
  require(data && known.size);
  require(attribute != CU_POINTER_ATTRIBUTE_DEVICE_POINTER || known.device_address);
  require(attribute != CU_POINTER_ATTRIBUTE_HOST_POINTER || known.host_address);
  return require(put_attribute(data, attribute, known));
}

// For memory that is not the driver's, attributes are zero and the device is none.
CUresult cuPointerGetAttributes(unsigned int count, CUpointer_attribute* attributes, void** data, CUdeviceptr address) {
  require(attributes && data && count);
  Knowledge known = knowledge_of(address);
  for (unsigned i = 0; i < count; i++) {
    require(data[i] && put_attribute(data[i], attributes[i], known));
  }
  return CUDA_SUCCESS;
}

}
