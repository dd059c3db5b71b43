#include "driver/pinned_memory.h"

#include <sys/mman.h>

#include <iterator>
#include <map>

#include "calls/calls.h"
#include "calls/of_context.h"
#include "memory/memory.h"
#include "memory/state.h"
#include "streams/streams.h"

namespace sim {

namespace {

OfContext<std::map<const char*, std::shared_ptr<Pinned>>> live;

std::shared_ptr<Pinned> pinned_at(const void* address) {
  auto place = static_cast<const char*>(address);
  auto after = live.upper_bound(place);
  if (after == live.begin()) {
    return nullptr;
  }
  std::shared_ptr<Pinned> below = std::prev(after)->second;
  return place < below->start() + below->size() ? below : nullptr;
}

// A page more, which nobody may touch.
size_t mapped(size_t size) {
  return (size + PAGE - 1) / PAGE * PAGE + PAGE;
}

}

std::shared_ptr<Pinned> Pinned::of_size(size_t size) {
  void* memory = size > SIZE_MAX - 2 * PAGE ? MAP_FAILED
                                            : mmap(nullptr, mapped(size), PROT_READ | PROT_WRITE,
                                                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    return nullptr;
  }
  auto start = static_cast<char*>(memory);
  mprotect(start + mapped(size) - PAGE, PAGE, PROT_NONE);
  return std::shared_ptr<Pinned>(new Pinned(start, size));
}

Pinned::~Pinned() {
  munmap(start_, mapped(size_));
}

HostPlace::HostPlace(const void* start) {
  std::shared_ptr<Pinned> memory = pinned_at(start);
  pinned_ = memory != nullptr;
  memory_ = memory;
}

bool within_pinned_memory(const void* start, size_t size) {
  std::shared_ptr<Pinned> memory = pinned_at(start);
  return !memory || size <= memory->size() - (static_cast<const char*>(start) - memory->start());
}

CUresult cuMemHostAlloc(void** address, size_t bytes, unsigned int flags) {
  if (!address || bytes == 0) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (flags & ~unsigned(CU_MEMHOSTALLOC_PORTABLE)) {
    complain("cuMemHostAlloc: only the flag CU_MEMHOSTALLOC_PORTABLE is simulated, not " + std::to_string(flags));
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (forbidden_by_capture()) {
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  }
  std::shared_ptr<Pinned> made = allocation_must_fail() ? nullptr : Pinned::of_size(bytes);
  if (!made) {
    return CUDA_ERROR_OUT_OF_MEMORY;
  }
  *address = made->start();
  live[made->start()] = made;
  counters.pinned_live++;
  return CUDA_SUCCESS;
}

CUresult cuMemAllocHost_v2(void** address, size_t bytes) {
  return cuMemHostAlloc(address, bytes, 0);
}

CUresult cuMemFreeHost(void* address) {
  if (forbidden_by_capture()) {
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  }
  wait_if_endless();
  if (live.erase(static_cast<const char*>(address)) == 0) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  host_waited_for_all();
  counters.pinned_live--;
  return CUDA_SUCCESS;
}

}
