// Allocations, and the copies that streams carry out.
#include "driver/device_memory.h"

#include <cstring>
#include <map>

#include "calls/admission.h"
#include "calls/calls.h"
#include "calls/of_context.h"
#include "driver/pinned_memory.h"
#include "images/host_memory.h"
#include "memory/footprint.h"
#include "memory/memory.h"
#include "memory/findings.h"
#include "memory/state.h"
#include "streams/at_once.h"
#include "streams/streams.h"

namespace sim {

CUresult freed_too_early(const char* what, size_t bytes, Address address) {
  return fail_context(Flaw::USE_AFTER_FREE, what, std::string(what) + " of " + bytes_at(address, bytes) + ", " +
                                                      describe(address, bytes) + ": freed before it ran");
}

CUresult misplaced(const char* what, size_t bytes, Address address) {
  return refused(CUDA_ERROR_INVALID_VALUE, was_freed(address) ? Flaw::USE_AFTER_FREE : Flaw::OUT_OF_BOUNDS, what,
                 std::string(what) + " of " + bytes_at(address, bytes) + ", " + describe(address, bytes),
                 was_freed(address) ? "" : "Copy or set no more than was allocated");
}

namespace {

// By the number of the call for memory, what was given and is not freed; a context that ends frees nothing.
std::map<long long, size_t>& unfreed() {
  static auto& sizes = *new std::map<long long, size_t>();
  return sizes;
}

// The memory that the driver has given. Other memory, such as a module's variables, is not the program's to free.
OfContext<std::map<Address, Given>> given;

// Pinned memory is the device's too, which may be at work on it.
void note_pinned(const void* start, size_t bytes, bool writes) {
  Address address = reinterpret_cast<Address>(start);
  if (allocation_of(address, bytes)) {
    note_access(address, bytes, writes);
  }
}

CUresult pinned_freed_too_early(const char* what) {
  return fail_context(Flaw::USE_AFTER_FREE, what, std::string(what) + " pinned host memory: freed before it ran");
}

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
    return fail_context(Flaw::OUT_OF_BOUNDS, "copy to the device",
                        "copy to the device from host memory that cannot be read");
  }
  note_access(to, bytes, true);
  note_pinned(from, bytes, false);
  std::memcpy(reinterpret_cast<void*>(to), from, bytes);
  mark_written(*target, to, bytes);
  counters.copies_to_device++;
  counters.bytes_to_device += bytes;
  return CUDA_SUCCESS;
}

namespace {

CUresult require_written(const char* what, const Allocation& source, Address from, size_t bytes) {
  std::string hole = unwritten_value(source, from, bytes);
  return hole.empty() ? CUDA_SUCCESS
                      : fail_context(Flaw::UNWRITTEN, what, std::string(what) + " of " + hole);
}

bool partly_written(const Allocation& source, Address from, size_t bytes) {
  size_t first = from - source.start;
  return !unwritten_value(source, from, bytes).empty() && source.written.first(first, bytes, true) < first + bytes;
}

}

CUresult copy_to_host(void* to, const HostPlace& place, Address from, size_t bytes) {
  Allocation* source = allocation_of(from, bytes);
  if (!source) {
    return freed_too_early("copy to the host", bytes, from);
  }
  // The host may know which parts hold something.
  if (partly_written(*source, from, bytes)) {
    std::string what = "copy to the host of " + unwritten_value(*source, from, bytes) + ", beside some that is written";
    remark_on({Grade::WARNING, Flaw::UNWRITTEN, "copy to the host", what, "", "Copy only what was written"});
  } else if (CUresult hole = require_written("copy to the host", *source, from, bytes)) {
    return hole;
  }
  if (place.gone()) {
    return pinned_freed_too_early("copy to");
  }
  if (!writable(to, bytes)) {
    return fail_context(Flaw::OUT_OF_BOUNDS, "copy to the host", "copy to host memory that cannot be written");
  }
  note_access(from, bytes, false);
  note_pinned(to, bytes, true);
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

CUresult copy_on_host(void* to, const HostPlace& place, const void* from, const HostPlace& from_place, size_t bytes) {
  if (place.gone() || from_place.gone()) {
    return pinned_freed_too_early("copy on the host of");
  }
  if (!writable(to, bytes) || !readable(from, bytes)) {
    return fail_context(Flaw::OUT_OF_BOUNDS, "copy on the host", "copy of host memory that is not there");
  }
  note_pinned(from, bytes, false);
  note_pinned(to, bytes, true);
  std::memmove(to, from, bytes);
  return CUDA_SUCCESS;
}

bool of_host(Address address) {
  return !in_device_space(address) || pinned_at(reinterpret_cast<void*>(address));
}

Allocation* give(size_t bytes, Given how) {
  Allocation* made = allocation_must_fail() ? nullptr : allocate(bytes);
  if (made) {
    forget_accesses(made->start, bytes);
    counters.allocations_live++;
    made->number = ++counters.allocations_ever;
    unfreed()[made->number] = bytes;
    given[made->start] = how;
    counters.bytes_live += bytes;
  }
  return made;
}

size_t bytes_given(CUmemoryPool pool) {
  size_t sum = 0;
  for (const auto& [start, how] : given) {
    sum += how.pool == pool ? allocation_at(start)->size : 0;
  }
  return sum;
}

std::string first_never_freed() {
  const auto& [number, size] = *unfreed().begin();
  return "(the first of " + std::to_string(size) + " bytes, number " + std::to_string(number) + ")";
}

const Given* how_given(Address start) {
  auto found = given.find(start);
  return found == given.end() ? nullptr : &found->second;
}

void forget_given(Address start) {
  given.erase(start);
}

void take_back(Address start) {
  size_t before = memory_in_use();
  unfreed().erase(allocation_at(start)->number);
  release(start);
  counters.allocations_live--;
  counters.bytes_live -= before - memory_in_use();
}

CUresult cuMemAlloc_v2(CUdeviceptr* address, size_t bytes) {
  if (!address || bytes == 0) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (forbidden_by_capture()) {
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  }
  Allocation* made = give(bytes, {Given::PLAIN, current_context});
  if (!made) {
    return CUDA_ERROR_OUT_OF_MEMORY;
  }
  *address = made->start;
  return CUDA_SUCCESS;
}

CUresult cuMemAllocPitch_v2(CUdeviceptr* address, size_t* pitch, size_t width, size_t height, unsigned int element) {
  constexpr size_t ALIGNMENT = 512;
  if (!pitch || height == 0 || width == 0 || width > TOTAL_MEMORY || height > TOTAL_MEMORY / width ||
      (element != 4 && element != 8 && element != 16)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *pitch = (width + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  return sim::cuMemAlloc_v2(address, *pitch * height);
}

CUresult cuMemGetInfo_v2(size_t* free, size_t* total) {
  if (!free || !total) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *free = TOTAL_MEMORY - memory_in_use();
  *total = TOTAL_MEMORY;
  return CUDA_SUCCESS;
}

namespace {

// By cuda.h it does not wait for those that use memory of a pool.
void tell_if_in_use(Address start) {
  std::string user = in_use(start, allocation_at(start)->size);
  if (!user.empty()) {
    remark_on({Grade::WARNING, Flaw::USE_AFTER_FREE, "cuMemFree",
               "cuMemFree of memory of a pool that " + user + " accesses, which the host has not waited for", "",
               "Wait for the stream first, or call cuMemFreeAsync in it: cuMemFree waits for no use of such memory"});
  }
}

}

CUresult cuMemFree_v2(CUdeviceptr address) {
  if (address == 0) {
    return CUDA_SUCCESS;
  }
  if (forbidden_by_capture()) {
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  }
  wait_if_endless();
  const Given* how = how_given(address);
  if (!how) {
    bool again = was_freed(address);
    return refused(CUDA_ERROR_INVALID_VALUE, again ? Flaw::DOUBLE_FREE : Flaw::MISUSE, "cuMemFree",
                   "cuMemFree of " + bytes_at(address, 1).substr(11) + ", " + describe(address, 1),
                   again ? "" : "Free what cuMemAlloc or cudaMalloc gave, from its first byte on");
  }
  if (how->kind == Given::POOLED) {
    tell_if_in_use(address);
  } else {
    // By cuda.h it may wait, and it is known to.
    host_waited_for_all();
  }
  forget_given(address);
  take_back(address);
  return CUDA_SUCCESS;
}

CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, size_t bytes, CUstream stream) {
  if (bytes == 0) {
    return CUDA_SUCCESS;
  }
  if (!allocation_of(to, bytes)) {
    return misplaced("copy to the device", bytes, to);
  }
  if (!within_pinned_memory(from, bytes) || !readable(from, bytes)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  HostRange host{static_cast<const char*>(from), bytes, false};
  return enqueue(stream, {"a copy to the device", [=, place = HostPlace(from)] {
                            return copy_to_device(to, from, place, bytes);
                          }, CU_GRAPH_NODE_TYPE_MEMCPY, host});
}

CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, size_t bytes, CUstream stream) {
  if (bytes == 0) {
    return CUDA_SUCCESS;
  }
  if (!allocation_of(from, bytes)) {
    return misplaced("copy to the host", bytes, from);
  }
  if (!to || !within_pinned_memory(to, bytes)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  HostRange host{static_cast<const char*>(to), bytes, true};
  return enqueue(stream, {"a copy to the host", [=, place = HostPlace(to)] {
                            return copy_to_host(to, place, from, bytes);
                          }, CU_GRAPH_NODE_TYPE_MEMCPY, host});
}

CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
  if (bytes == 0) {
    return CUDA_SUCCESS;
  }
  for (Address address : {Address(to), Address(from)}) {
    if (!allocation_of(address, bytes)) {
      return misplaced("copy on the device", bytes, address);
    }
  }
  return enqueue(stream, {"a copy on the device", [=] { return copy_on_device(to, from, bytes); },
                          CU_GRAPH_NODE_TYPE_MEMCPY});
}

CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, size_t bytes) {
  return at_once(sim::cuMemcpyHtoDAsync_v2, to, from, bytes);
}

CUresult cuMemcpyDtoH_v2(void* to, CUdeviceptr from, size_t bytes) {
  return at_once(sim::cuMemcpyDtoHAsync_v2, to, from, bytes);
}

CUresult cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
  return begun(sim::cuMemcpyDtoDAsync_v2, to, from, bytes);
}

// All contexts are of the one device there is.
CUresult cuMemcpyPeerAsync(CUdeviceptr to, CUcontext to_context, CUdeviceptr from, CUcontext from_context, size_t bytes,
                           CUstream stream) {
  for (CUcontext one : {to_context, from_context}) {
    if (one && !context.has(reinterpret_cast<unsigned long long>(one))) {
      return CUDA_ERROR_INVALID_CONTEXT;
    }
  }
  return sim::cuMemcpyDtoDAsync_v2(to, from, bytes, stream);
}

// Where each end lies is for its address to say.
CUresult cuMemcpyAsync(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
  auto target = reinterpret_cast<void*>(to), source = reinterpret_cast<void*>(from);
  if (!of_host(to)) {
    return of_host(from) ? sim::cuMemcpyHtoDAsync_v2(to, source, bytes, stream)
                         : sim::cuMemcpyDtoDAsync_v2(to, from, bytes, stream);
  }
  if (!of_host(from)) {
    return sim::cuMemcpyDtoHAsync_v2(target, from, bytes, stream);
  }
  if (!within_pinned_memory(target, bytes) || !within_pinned_memory(source, bytes) || !writable(target, bytes) ||
      !readable(source, bytes)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  return enqueue(stream, {"a copy on the host", [=, place = HostPlace(target), from_place = HostPlace(source)] {
                            return copy_on_host(target, place, source, from_place, bytes);
                          }, CU_GRAPH_NODE_TYPE_MEMCPY, HostRange{static_cast<const char*>(target), bytes, true}});
}

CUresult cuMemcpy(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
  return of_host(to) || of_host(from) ? at_once(sim::cuMemcpyAsync, to, from, bytes)
                                      : begun(sim::cuMemcpyAsync, to, from, bytes);
}

CUresult cuMemcpyPeer(CUdeviceptr to, CUcontext to_context, CUdeviceptr from, CUcontext from_context, size_t bytes) {
  return begun(sim::cuMemcpyPeerAsync, to, to_context, from, from_context, bytes);
}

CUresult cuDeviceCanAccessPeer(int* can, CUdevice device, CUdevice peer) {
  if (!can) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *can = 0;
  return device == 0 && peer == 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

}
