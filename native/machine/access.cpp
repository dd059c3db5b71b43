// The functions that the compiler's thread instrumentation calls before every access that a kernel makes. There is no
// ThreadSanitizer behind them, only the checks of the simulated device.
#include "machine/access.h"

#include <cstring>
#include <string>
#include <type_traits>

#include "machine/block.h"
#include "machine/journal.h"
#include "machine/program_image.h"
#include "machine/shared_memory.h"
#include "machine/touches.h"

namespace sim {

namespace {

// Strings are made and gone before the thread suspends itself for good.
void report(CUresult code, Address address, size_t size, bool writes, const char* kind, const std::string& more) {
  std::string what = std::string(kind) + (writes ? " write of " : " read of ") + bytes_at(address, size);
  std::string where = relative_to_arguments(*block->launch, address);
  violation(code, what + (where.empty() ? "" : " (" + where + ")") + more);
}

void stop(CUresult code, Address address, size_t size, bool writes, const char* kind, const char* more = "") {
  report(code, address, size, writes, kind, more);
  suspend();
}

void stop_out_of_bounds(Address address, size_t size, bool writes) {
  report(CUDA_ERROR_ILLEGAL_ADDRESS, address, size, writes, "out-of-bounds", ", " + describe(address, size));
  suspend();
}

// Between blocks of one launch nothing is ordered: what one writes no other may touch. Where the compiler knows the
// size, it looks at all bytes of an element at once.
template <typename Size>
void check_blocks(Allocation& allocation, Address address, Size size, bool writes) {
  size_t offset = address - allocation.start;
  uint32_t mine = block->stamp, stale = block->stale, several = block->several;
  uint32_t* written_by = allocation.written_by.get() + offset;
  uint32_t* read_by = allocation.read_by.get() + offset;
  bool written = false, read = false;
  for (size_t i = 0; i < size; i++) {
    written |= (written_by[i] > stale) & (written_by[i] != mine);
    read |= (read_by[i] > stale) & (read_by[i] != mine);
  }
  if (written || (writes && read)) {
    stop(CUDA_ERROR_LAUNCH_FAILED, address, size, writes, "race between blocks:",
         written ? ", which another block writes" : ", which another block reads");
  }
  for (size_t i = 0; i < size; i++) {
    if (writes) {
      written_by[i] = mine;
    } else {
      read_by[i] = (read_by[i] <= stale) | (read_by[i] == mine) ? mine : several;
    }
  }
}

template <typename Size>
void check_device(Address address, Size size, bool writes) {
  Allocation* allocation = allocation_at(address);
  size_t offset = allocation ? address - allocation->start : 0;
  if (!allocation || offset + size > allocation->size) {
    stop_out_of_bounds(address, size, writes);
  }
  uint8_t* written = allocation->written.get() + offset;
  bool all = true;
  for (size_t i = 0; i < size && !writes; i++) {
    all &= written[i] != 0;
  }
  if (!all) {
    stop(CUDA_ERROR_LAUNCH_FAILED, address, size, writes, "uninitialised", " of memory that nobody wrote");
  }
  note_touch(address, size, writes);
  if (traffic) {
    (writes ? traffic->bytes_written : traffic->bytes_read) += size;
  }
  check_blocks(*allocation, address, size, writes);
  if (writes) {
    save_before_write(*allocation, offset, size);
    std::memset(written, 1, size);
  }
}

template <size_t N>
using Known = std::integral_constant<size_t, N>;

__attribute__((always_inline)) inline void check(Address address, size_t size, bool writes) {
  if (!block || size == 0) {
    return;
  }
  if (in_device_space(address)) {
    switch (size) {
      case 4: return check_device(address, Known<4>(), writes);
      case 16: return check_device(address, Known<16>(), writes);
      default: return check_device(address, size, writes);
    }
  } else if (address - block->thread->stack >= STACK_SIZE) {
    if (in_shared_space(address)) {
      check_shared(address, size, writes);
    } else if (writes || !in_program(address)) {
      stop_out_of_bounds(address, size, writes);
    }
  }
}

inline void check_aligned(Address address, size_t size, bool writes) {
  if (block && address % size != 0) {
    stop(CUDA_ERROR_MISALIGNED_ADDRESS, address, size, writes, "misaligned");
  }
  check(address, size, writes);
}

}

void check_access(Address address, size_t size, bool writes) {
  check(address, size, writes);
}

// memcpy and memset as a kernel calls them; the compiler does not instrument them.

void copy(void* to, const void* from, size_t bytes) {
  check(reinterpret_cast<Address>(from), bytes, false);
  check(reinterpret_cast<Address>(to), bytes, true);
  std::memcpy(to, from, bytes);
}

void fill(void* to, int value, size_t bytes) {
  check(reinterpret_cast<Address>(to), bytes, true);
  std::memset(to, value, bytes);
}

}

#define ACCESS(name, size, writes, checked) \
  extern "C" void __tsan_##name(void* address) { sim::checked(reinterpret_cast<sim::Address>(address), size, writes); }
#define ACCESSES(size)                                           \
  ACCESS(read##size, size, false, check_aligned)                 \
  ACCESS(write##size, size, true, check_aligned)                 \
  ACCESS(volatile_read##size, size, false, check_aligned)        \
  ACCESS(volatile_write##size, size, true, check_aligned)        \
  ACCESS(unaligned_read##size, size, false, check)               \
  ACCESS(unaligned_write##size, size, true, check)

ACCESSES(1)
ACCESSES(2)
ACCESSES(4)
ACCESSES(8)
ACCESSES(16)

extern "C" void __tsan_read_range(void* address, unsigned long size) {
  sim::check(reinterpret_cast<sim::Address>(address), size, false);
}

extern "C" void __tsan_write_range(void* address, unsigned long size) {
  sim::check(reinterpret_cast<sim::Address>(address), size, true);
}

extern "C" void __tsan_init() {}
extern "C" void __tsan_func_entry(void*) {}
extern "C" void __tsan_func_exit() {}
