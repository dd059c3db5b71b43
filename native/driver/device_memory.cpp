// Allocations, and the copies that streams carry out.
#include "driver/device_memory.h"

#include <cstring>
#include <set>

#include "calls/calls.h"
#include "calls/of_context.h"
#include "driver/pinned_memory.h"
#include "images/host_memory.h"
#include "memory/footprint.h"
#include "memory/memory.h"
#include "memory/state.h"
#include "streams/streams.h"

namespace sim {

CUresult freed_too_early(const char* what, size_t bytes, Address address) {
  return fail_context(CUDA_ERROR_ILLEGAL_ADDRESS, std::string(what) + " of " + bytes_at(address, bytes) + ", " +
                                                      describe(address, bytes) + ": freed before it ran");
}

namespace {

// The memory that cuMemAlloc has given. Other memory, such as a module's variables, is not the program's to free.
OfContext<std::set<Address>> given;

CUresult pinned_freed_too_early(const char* what) {
  return fail_context(CUDA_ERROR_ILLEGAL_ADDRESS, std::string(what) + " pinned host memory: freed before it ran");
}

CUresult copy_to_device(Address to, const void* from, const HostPlace& place, size_t bytes) {
  Allocation* target = allocation_of(to, bytes);
  if (!target) {
    return freed_too_early("copy to the device", bytes, to);
  }
  if (place.gone()) {
    return pinned_freed_too_early("copy to the device from");
  }
  if (!readable(from, bytes)) {
    return fail_context(CUDA_ERROR_ILLEGAL_ADDRESS, "copy to the device from host memory that cannot be read");
  }
  note_access(to, bytes, true);
  std::memcpy(reinterpret_cast<void*>(to), from, bytes);
  mark_written(*target, to, bytes);
  counters.copies_to_device++;
  counters.bytes_to_device += bytes;
  return CUDA_SUCCESS;
}

CUresult require_written(const char* what, const Allocation& source, Address from, size_t bytes) {
  std::string hole = unwritten_value(source, from, bytes);
  return hole.empty() ? CUDA_SUCCESS
                      : fail_context(CUDA_ERROR_LAUNCH_FAILED, std::string(what) + " of " + hole);
}

CUresult copy_to_host(void* to, const HostPlace& place, Address from, size_t bytes) {
  Allocation* source = allocation_of(from, bytes);
  if (!source) {
    return freed_too_early("copy to the host", bytes, from);
  }
  CUresult hole = require_written("copy to the host", *source, from, bytes);
  if (hole != CUDA_SUCCESS) {
    return hole;
  }
  if (place.gone()) {
    return pinned_freed_too_early("copy to");
  }
  if (!writable(to, bytes)) {
    return fail_context(CUDA_ERROR_ILLEGAL_ADDRESS, "copy to host memory that cannot be written");
  }
  note_access(from, bytes, false);
  std::memcpy(to, reinterpret_cast<const void*>(from), bytes);
  counters.copies_to_host++;
  counters.bytes_to_host += bytes;
  return CUDA_SUCCESS;
}

CUresult copy_on_device(Address to, Address from, size_t bytes) {
  Allocation* source = allocation_of(from, bytes);
  Allocation* target = allocation_of(to, bytes);
  if (!source || !target) {
    return freed_too_early("copy", bytes, source ? to : from);
  }
  CUresult hole = require_written("copy on the device", *source, from, bytes);
  if (hole != CUDA_SUCCESS) {
    return hole;
  }
  note_access(from, bytes, false);
  note_access(to, bytes, true);
  std::memmove(reinterpret_cast<void*>(to), reinterpret_cast<const void*>(from), bytes);
  mark_written(*target, to, bytes);
  return CUDA_SUCCESS;
}

}

CUresult cuMemAlloc_v2(CUdeviceptr* address, size_t bytes) {
  if (!address || bytes == 0) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (forbidden_by_capture()) {
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  }
  Allocation* made = allocation_must_fail() ? nullptr : allocate(bytes);
  if (!made) {
    return CUDA_ERROR_OUT_OF_MEMORY;
  }
  *address = made->start;
  given.insert(made->start);
  counters.allocations_live++;
  counters.allocations_ever++;
  counters.bytes_live += bytes;
  return CUDA_SUCCESS;
}

CUresult cuMemGetInfo_v2(size_t* free, size_t* total) {
  if (!free || !total) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *free = TOTAL_MEMORY - memory_in_use();
  *total = TOTAL_MEMORY;
  return CUDA_SUCCESS;
}

CUresult cuMemFree_v2(CUdeviceptr address) {
  if (address == 0) {
    return CUDA_SUCCESS;
  }
  if (forbidden_by_capture()) {
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  }
  wait_if_endless();
  size_t before = memory_in_use();
  if (given.erase(address) == 0 || !release(address)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  counters.allocations_live--;
  counters.bytes_live -= before - memory_in_use();
  return CUDA_SUCCESS;
}

CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, size_t bytes, CUstream stream) {
  if (bytes == 0) {
    return CUDA_SUCCESS;
  }
  if (!allocation_of(to, bytes) || !within_pinned_memory(from, bytes) || !readable(from, bytes)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  HostRange host{static_cast<const char*>(from), bytes, false};
  return enqueue(stream, {"a copy to the device", [=, place = HostPlace(from)] {
                            return copy_to_device(to, from, place, bytes);
                          }, host});
}

CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, size_t bytes, CUstream stream) {
  if (bytes == 0) {
    return CUDA_SUCCESS;
  }
  if (!allocation_of(from, bytes) || !to || !within_pinned_memory(to, bytes)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  HostRange host{static_cast<const char*>(to), bytes, true};
  return enqueue(stream, {"a copy to the host", [=, place = HostPlace(to)] {
                            return copy_to_host(to, place, from, bytes);
                          }, host});
}

CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
  if (bytes == 0) {
    return CUDA_SUCCESS;
  }
  if (!allocation_of(to, bytes) || !allocation_of(from, bytes)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  return enqueue(stream, {"a copy on the device", [=] { return copy_on_device(to, from, bytes); }});
}

}
