// The functions that the compiler's thread instrumentation calls before every access that a kernel makes. There is no
// ThreadSanitizer behind them, only the checks of the simulated device.
#include "machine/access.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <type_traits>

#include "machine/block.h"
#include "machine/order/global_shadow.h"
#include "machine/program_image.h"
#include "machine/shared_memory.h"
#include "memory/footprint.h"
#include "memory/journal.h"

namespace sim {

namespace {

// Strings are made and gone before the thread suspends itself for good.
void report(Flaw flaw, Address address, size_t size, bool writes, const char* kind, const std::string& more) {
  std::string what = std::string(kind) + (writes ? " write of " : " read of ") + bytes_at(address, size);
  std::string where = relative_to_arguments(*block->launch, address);
  violation(flaw, what + (where.empty() ? "" : " (" + where + ")") + more);
}

void stop(Flaw flaw, Address address, size_t size, bool writes, const char* kind, const char* more = "") {
  report(flaw, address, size, writes, kind, more);
  suspend();
}

void stop_out_of_bounds(Address address, size_t size, bool writes) {
  report(Flaw::OUT_OF_BOUNDS, address, size, writes, "out-of-bounds", ", " + describe(address, size));
  suspend();
}

void stop_at_constant(Address address, size_t size) {
  stop(Flaw::FORBIDDEN_WRITE, address, size, true, "forbidden", " of a constant variable");
}

bool accessed_by_others(const uint32_t* by, size_t size) {
  return std::any_of(by, by + size, [](uint32_t stamp) { return stamp > block->stale && stamp != block->stamp; });
}

constexpr const char* ATOMIC_RACE = ", which another block changes atomically";

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
    stop(Flaw::RACE, address, size, writes, "race between blocks:",
         written ? ", which another block writes" : ", which another block reads");
  }
  if (allocation.atomic_by && accessed_by_others(allocation.atomic_by.get() + offset, size)) {
    stop(Flaw::RACE, address, size, writes, "race between blocks:", ATOMIC_RACE);
  }
  for (size_t i = 0; i < size; i++) {
    if (writes) {
      written_by[i] = mine;
    } else {
      read_by[i] = (read_by[i] <= stale) | (read_by[i] == mine) ? mine : several;
    }
  }
}

Allocation& allocation_for(Address address, size_t size, bool writes) {
  Allocation* allocation = allocation_at(address);
  if (!allocation || address - allocation->start + size > allocation->size) {
    stop_out_of_bounds(address, size, writes);
  }
  return *allocation;
}

template <typename Size>
void check_content(const Allocation& allocation, Address address, Size size) {
  const uint8_t* written = allocation.written.get() + (address - allocation.start);
  bool all = true;
  for (size_t i = 0; i < size; i++) {
    all &= written[i] != 0;
  }
  if (!all) {
    stop(Flaw::UNWRITTEN, address, size, false, "uninitialised", " of memory that nobody wrote");
  }
}

template <typename Size>
void check_device(Address address, Size size, bool writes, Strength strength) {
  Allocation& allocation = allocation_for(address, size, writes);
  if (!writes) {
    check_content(allocation, address, size);
  } else if (allocation.constant) {
    stop_at_constant(address, size);
  }
  note_access(address, size, writes, strength != Strength::WEAK);
  if (traffic) {
    (writes ? traffic->bytes_written : traffic->bytes_read) += size;
  }
  if (block->interpreted) {
    check_global_access(allocation, address, size, writes, strength);
  } else {
    check_blocks(allocation, address, size, writes);
  }
  if (writes) {
    size_t offset = address - allocation.start;
    save_before_write(allocation, offset, size);
    std::memset(allocation.written.get() + offset, size <= UINT8_MAX ? int(size) : 1, size);
  }
}

// Blocks may change the same bytes in any order, and may access them in no other way.
void check_blocks_atomic(Allocation& allocation, Address address, size_t size) {
  size_t offset = address - allocation.start;
  bool written = accessed_by_others(allocation.written_by.get() + offset, size);
  if (written || accessed_by_others(allocation.read_by.get() + offset, size)) {
    stop(Flaw::RACE, address, size, true, "race between blocks: atomic",
         written ? ", which another block writes" : ", which another block reads");
  }
  uint32_t* by = atomic_stamps(allocation) + offset;
  for (size_t i = 0; i < size; i++) {
    by[i] = by[i] <= block->stale || by[i] == block->stamp ? block->stamp : block->several;
  }
}

void check_device_atomic(Address address, size_t size, Strength strength) {
  Allocation& allocation = allocation_for(address, size, true);
  if (allocation.constant) {
    stop_at_constant(address, size);
  }
  if (!unwritten(allocation, address, size).empty()) {
    stop(Flaw::UNWRITTEN, address, size, false, "uninitialised atomic", " of memory that nobody wrote");
  }
  if (block->interpreted) {
    check_global_change(allocation, address, size, strength);
  } else {
    check_blocks_atomic(allocation, address, size);
  }
  note_access(address, size, true, true);
  if (traffic) {
    traffic->bytes_read += size;
    traffic->bytes_written += size;
  }
  save_before_write(allocation, address - allocation.start, size);
}

template <size_t N>
using Known = std::integral_constant<size_t, N>;

__attribute__((always_inline)) inline void check(Address address, size_t size, bool writes,
                                                  Strength strength = Strength::WEAK) {
  if (!block || size == 0) {
    return;
  }
  if (in_device_space(address)) {
    switch (size) {
      case 4: return check_device(address, Known<4>(), writes, strength);
      case 16: return check_device(address, Known<16>(), writes, strength);
      default: return check_device(address, size, writes, strength);
    }
  } else if (address - block->thread->stack >= block->stack_size) {
    if (in_shared_space(address)) {
      check_shared(address, size, writes, strength);
    } else if (!in_program(address)) {
      stop_out_of_bounds(address, size, writes);
    } else if (writes) {
      stop(Flaw::UNSUPPORTED, address, size, writes, "unsupported",
           " of a variable of the program: those with __device__ or __constant__ can only be read");
    }
  }
}

inline void check_aligned(Address address, size_t size, bool writes) {
  if (block && address % size != 0) {
    stop(Flaw::MISALIGNED, address, size, writes, "misaligned");
  }
  check(address, size, writes);
}

}

void check_access(Address address, size_t size, bool writes, Strength strength) {
  check(address, size, writes, strength);
}

void check_atomic(Address address, size_t size, Strength strength) {
  if (address % size != 0) {
    stop(Flaw::MISALIGNED, address, size, true, "misaligned atomic");
  } else if (in_device_space(address)) {
    check_device_atomic(address, size, strength);
  } else if (in_shared_space(address)) {
    check_shared_atomic(address, size, strength);
  } else {
    check(address, size, true);
  }
}

void check_constant(Address address, size_t size) {
  if (!in_device_space(address)) {
    stop_out_of_bounds(address, size, false);
  }
  Allocation& allocation = allocation_for(address, size, false);
  check_content(allocation, address, size);
  note_access(address, size, false);
  if (traffic) {
    traffic->bytes_read += size;
  }
  check_constant_read(allocation, address, size);
}

}

namespace sim __attribute__((visibility("default"))) {

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

#define CALLED_BY_KERNELS extern "C" __attribute__((visibility("default")))

#define ACCESS(name, size, writes, checked)                                    \
  CALLED_BY_KERNELS void __tsan_##name(void* address) {                        \
    sim::checked(reinterpret_cast<sim::Address>(address), size, writes);       \
  }
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

CALLED_BY_KERNELS void __tsan_read_range(void* address, unsigned long size) {
  sim::check(reinterpret_cast<sim::Address>(address), size, false);
}

CALLED_BY_KERNELS void __tsan_write_range(void* address, unsigned long size) {
  sim::check(reinterpret_cast<sim::Address>(address), size, true);
}

CALLED_BY_KERNELS void __tsan_init() {}
