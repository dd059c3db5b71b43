#include "driver/pinned_memory.h"

#include <iterator>
#include <map>

#include "calls/admission.h"
#include "calls/calls.h"
#include "calls/of_context.h"
#include "images/host_memory.h"
#include "memory/memory.h"
#include "memory/state.h"
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
  return place < below->start() + below->size() ? below : nullptr;
}

Pinned::Pinned(char* start, size_t size, bool given, unsigned flags)
    : start_(start), size_(size), given_(given), flags_(flags), context_(current_context) {}

// The host writes it unseen, so all of it counts as written.
std::shared_ptr<Pinned> Pinned::of_size(size_t size, unsigned flags) {
  Allocation* made = allocate(size);
  if (!made) {
    return nullptr;
  }
  mark_written(*made, made->start, size);
  forget_accesses(made->start, size);
  return std::shared_ptr<Pinned>(new Pinned(reinterpret_cast<char*>(made->start), size, true, flags));
}

std::shared_ptr<Pinned> Pinned::registered(char* start, size_t size) {
  return std::shared_ptr<Pinned>(new Pinned(start, size, false, 0));
}

Pinned::~Pinned() {
  if (given_) {
    release(reinterpret_cast<Address>(start_));
  }
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
  if (flags & ~KNOWN_FLAGS) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (forbidden_by_capture()) {
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  }
  std::shared_ptr<Pinned> made = allocation_must_fail() ? nullptr : Pinned::of_size(bytes, flags);
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
  auto found = live.find(static_cast<const char*>(address));
  if (found == live.end() || !found->second->given()) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  live.erase(found);
  host_waited_for_all();
  counters.pinned_live--;
  return CUDA_SUCCESS;
}

CUresult cuMemHostRegister_v2(void* start, size_t bytes, unsigned int flags) {
  constexpr unsigned MOST = 0xf;  // portable, mapped, of a device's, read-only
  if (!start || bytes == 0 || flags > MOST || !readable(start, bytes)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  auto from = static_cast<char*>(start);
  auto next = live.lower_bound(from);
  if (pinned_at(from) || (next != live.end() && next->first < from + bytes)) {
    return CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED;
  }
  live[from] = Pinned::registered(from, bytes);
  return CUDA_SUCCESS;
}

CUresult cuMemHostUnregister(void* start) {
  auto found = live.find(static_cast<const char*>(start));
  if (found == live.end() || found->second->given()) {
    return start ? CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED : CUDA_ERROR_INVALID_VALUE;
  }
  host_waited_for_all();
  live.erase(found);
  return CUDA_SUCCESS;
}

CUresult cuMemHostGetDevicePointer_v2(CUdeviceptr* address, void* host, unsigned int flags) {
  std::shared_ptr<Pinned> memory = pinned_at(host);
  if (!address || !memory || flags != 0) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (!memory->given()) {
    complain("cuMemHostGetDevicePointer: kernels cannot reach memory that was registered; take it from cuMemHostAlloc");
    return CUDA_ERROR_NOT_SUPPORTED;
  }
  *address = reinterpret_cast<CUdeviceptr>(host);
  return CUDA_SUCCESS;
}

CUresult cuMemHostGetFlags(unsigned int* flags, void* host) {
  std::shared_ptr<Pinned> memory = pinned_at(host);
  if (!flags || !memory || !memory->given()) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *flags = memory->flags() | CU_MEMHOSTALLOC_DEVICEMAP;
  return CUDA_SUCCESS;
}

}
