#include "driver/pinned_memory.h"

#include <iterator>
#include <map>

#include "calls/admission.h"
#include "calls/calls.h"
#include "calls/of_context.h"
#include "driver/refuse.h"
#include "memory/memory.h"
#include "memory/mirrors.h"
#include "streams/streams.h"

namespace sim {

namespace {

OfContext<std::map<const char*, std::shared_ptr<Pinned>>> live;

constexpr unsigned KNOWN_FLAGS = CU_MEMHOSTALLOC_PORTABLE | CU_MEMHOSTALLOC_DEVICEMAP | CU_MEMHOSTALLOC_WRITECOMBINED;

}

std::shared_ptr<Pinned> pinned_at(const void* address) {
  auto place = static_cast<const char*>(address);
  auto after = live.upper_bound(place);
  if (after == live.begin()) {
    return nullptr;
  }
  std::shared_ptr<Pinned> below = std::prev(after)->second;
  return place < below->start + below->size ? below : nullptr;
}

Pinned::~Pinned() {
  if (given) {
    release(reinterpret_cast<Address>(start));
  }
}

HostPlace::HostPlace(const void* start) {
  std::shared_ptr<Pinned> memory = pinned_at(start);
  pinned_ = memory != nullptr;
  memory_ = memory;
}

bool within_pinned_memory(const void* start, size_t size) {
  std::shared_ptr<Pinned> memory = pinned_at(start);
  return !memory || size <= memory->size - (static_cast<const char*>(start) - memory->start);
}

CUresult cuMemHostAlloc(void** address, size_t bytes, unsigned int flags) {
  require(address && bytes && !(flags & ~KNOWN_FLAGS));
  require_no_capture();
  Allocation& made = *found(allocation_must_fail() ? nullptr : allocate(bytes), CUDA_ERROR_OUT_OF_MEMORY);
  // The host writes it unseen, so all of it counts as written.
  made.device = OF_ALL;
  mark_written(made, made.start, bytes);
  forget_accesses(made.start, bytes);
  auto start = reinterpret_cast<char*>(made.start);
  live[start].reset(new Pinned{start, bytes, true, flags, current_context});
  counters.pinned_live++;
  return tell(address, start);
}

CUresult cuMemAllocHost_v2(void** address, size_t bytes) {
  return sim::cuMemHostAlloc(address, bytes, 0);
}

CUresult cuMemFreeHost(void* address) {
  require_no_capture();
  wait_if_endless();
  auto found = live.find(static_cast<const char*>(address));
  require(found != live.end() && found->second->given);
  live.erase(found);
  host_waited_for_all();
  counters.pinned_live--;
  return CUDA_SUCCESS;
}

CUresult cuMemHostRegister_v2(void* start, size_t bytes, unsigned int flags) {
  constexpr unsigned MOST = 0xf;  // portable, mapped, of a device's, read-only
  require(start && bytes && flags <= MOST && readable(start, bytes));
  auto from = static_cast<char*>(start);
  auto next = live.lower_bound(from);
  require(!pinned_at(from) && (next == live.end() || next->first >= from + bytes),
          CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED);
  live[from].reset(new Pinned{from, bytes, false, 0, current_context});
  return CUDA_SUCCESS;
}

CUresult cuMemHostUnregister(void* start) {
  require(start);
  auto found = live.find(static_cast<const char*>(start));
  require(found != live.end() && !found->second->given, CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED);
  host_waited_for_all();
  if (auto mirror = mirrors.extract(found->second->start)) {
    release(mirror.mapped().memory->start);
  }
  live.erase(found);
  return CUDA_SUCCESS;
}

CUresult cuMemHostGetDevicePointer_v2(CUdeviceptr* address, void* host, unsigned int flags) {
  std::shared_ptr<Pinned> memory = found(pinned_at(host), CUDA_ERROR_INVALID_VALUE);
  require(address && flags == 0);
  if (memory->given) {
    return tell(address, reinterpret_cast<CUdeviceptr>(host));
  }
  bool there = mirrors.count(memory->start);
  Allocation* mirror = found(there ? mirrors[memory->start].memory : allocate(memory->size), CUDA_ERROR_OUT_OF_MEMORY);
  mirrors[memory->start].memory = mirror;
  mirror->device = OF_ALL;
  mark_written(*mirror, mirror->start, memory->size);
  return tell(address, mirror->start + (static_cast<char*>(host) - memory->start));
}

CUresult cuMemHostGetFlags(unsigned int* flags, void* host) {
  std::shared_ptr<Pinned> memory = found(pinned_at(host), CUDA_ERROR_INVALID_VALUE);
  require(memory->given);
  return tell(flags, memory->flags | CU_MEMHOSTALLOC_DEVICEMAP);
}

}
