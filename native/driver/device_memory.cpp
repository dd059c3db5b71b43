#include "driver/device_memory.h"

#include <map>

#include "calls/admission.h"
#include "calls/calls.h"
#include "calls/of_context.h"
#include "memory/findings.h"
#include "memory/state.h"
#include "streams/streams.h"

namespace sim {

CUresult freed_too_early(const std::string& what, size_t bytes, Address address) {
  return fail_context(Flaw::USE_AFTER_FREE, what, what + " of " + bytes_at(address, bytes) + ", " +
                                                      describe(address, bytes) + ": freed before it ran");
}

void refuse_misplaced(const std::string& what, size_t bytes, Address address) {
  const char* remedy = was_freed(address)          ? ""
                       : in_device_space(address) ? "Copy or set no more than was allocated"
                                                  : "Pass device memory, or the copy's true direction (cudaMemcpyKind)";
  throw Refused{refused(CUDA_ERROR_INVALID_VALUE, was_freed(address) ? Flaw::USE_AFTER_FREE : Flaw::OUT_OF_BOUNDS, what,
                        what + " of " + bytes_at(address, bytes) + ", " + describe(address, bytes), remedy)};
}

namespace {

// The sizes of unfreed allocations by the number of their call; the end of a context frees none.
std::map<long long, size_t>& unfreed() {
  static auto& sizes = *new std::map<long long, size_t>();
  return sizes;
}

// The allocations of the driver. A program cannot free other memory, such as a module's variables.
OfContext<std::map<Address, Given>> given;

}

Allocation& give(size_t bytes, Given how) {
  Allocation* made = found(allocation_must_fail() ? nullptr : allocate(bytes), CUDA_ERROR_OUT_OF_MEMORY);
  forget_accesses(made->start, bytes);
  counters.allocations_live++;
  made->number = ++counters.allocations_ever;
  unfreed()[made->number] = bytes;
  given[made->start] = how;
  counters.bytes_live += bytes;
  return *made;
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
  require(address && bytes);
  require_no_capture();
  return tell(address, give(bytes, {Given::PLAIN, current_context}).start);
}

CUresult cuMemAllocPitch_v2(CUdeviceptr* address, size_t* pitch, size_t width, size_t height, unsigned int element) {
  constexpr size_t ALIGNMENT = 512;
  require(pitch && height && width && width <= TOTAL_MEMORY && height <= TOTAL_MEMORY / width);
  require(element == 4 || element == 8 || element == 16);
  *pitch = (width + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  return sim::cuMemAlloc_v2(address, *pitch * height);
}

CUresult cuMemGetInfo_v2(size_t* free, size_t* total) {
  require(free && total);
  *free = TOTAL_MEMORY - memory_in_use();
  return tell(total, TOTAL_MEMORY);
}

namespace {

// By cuda.h, freeing memory of a pool does not wait for operations that use it.
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
  require_no_capture();
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
    // By cuda.h this call may wait, and real drivers do.
    host_waited_for_all();
  }
  forget_given(address);
  take_back(address);
  return CUDA_SUCCESS;
}

}
