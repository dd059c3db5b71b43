// The functions that the compiler's thread instrumentation calls before every access that a kernel makes. There is no
// ThreadSanitizer behind them, only the checks of the simulated device.
#include <type_traits>

#include "machine/early_launch.h"
#include "machine/order/global_shadow.h"
#include "machine/program_image.h"
#include "machine/remarks.h"
#include "machine/shared_memory.h"
#include "memory/access_pages.h"
#include "memory/journal.h"
#include "memory/limit.h"

namespace sim {

namespace {

std::string access_of(Address address, size_t size, bool writes, const char* kind) {
  std::string where = relative_to_arguments(*block->launch, address);
  return std::string(kind) + (writes ? " write of " : " read of ") + bytes_at(address, size) +
         (where.empty() ? "" : " (" + where + ")");
}

// No string may live here when the thread suspends itself for good: nothing would free it.
void report(Flaw flaw, Address address, size_t size, bool writes, const char* kind, const std::string& more) {
  violation(flaw, access_of(address, size, writes, kind) + more + about_argument(*block->launch, address));
}

void stop(Flaw flaw, Address address, size_t size, bool writes, const char* kind, const char* more = "") {
  report(flaw, address, size, writes, kind, more);
  if (block->failed) {
    suspend();
  }
}

void stop_out_of_bounds(Address address, size_t size, bool writes) {
  if (out_of_reach(address)) {
    violation(Flaw::OUT_OF_BOUNDS, std::string("out-of-bounds ") + (writes ? "write of " : "read of ") +
                                       bytes_at(address, size) + ", " + describe(address, size),
              "Enable peer access on the device that runs the kernel, or copy the memory to it");
    suspend();
  }
  bool freed = was_freed(address);
  report(freed ? Flaw::USE_AFTER_FREE : Flaw::OUT_OF_BOUNDS, address, size, writes,
         freed ? "use after free:" : "out-of-bounds", ", " + describe(address, size));
  suspend();
}

// CUDA forbids it, and cards do it (known: hashcat zeroes its constants so).
void remark_on_constant(Address address, size_t size) {
  remark_here(Grade::WARNING, Flaw::FORBIDDEN_WRITE,
              [&] { return access_of(address, size, true, "forbidden") +
                           " of a constant variable by its global address; only later launches surely see it"; },
              "Set constants from the host (cudaMemcpyToSymbol)");
}

inline bool by_others(uint32_t stamp) {
  return stamp != 0 && stamp != block->stamp;
}

inline uint32_t with_mine(uint32_t stamp) {
  return by_others(stamp) ? block->several : block->stamp;
}

// Nothing orders the blocks of one launch: no other block may touch what one has written. Where the compiler knows the
// size of an element, the check looks at all of its bytes at once.
template <typename Size>
void check_blocks(Allocation& allocation, Address address, Size size, Accesses does) {
  each_element(allocation, address - allocation.start, size, [&](AccessPage& page, size_t i, size_t) {
    auto refuse = [&](Accesses others, const char* why) {
      if (by_others(page.of[others][i])) {
        stop(Flaw::RACE, address, size, does != READERS, "race between blocks:", why);
      }
    };
    refuse(WRITERS, ", which another block writes");
    if (does != READERS) {
      refuse(READERS, ", which another block reads");
    }
    note(page, does, i, does == WRITERS ? block->stamp : with_mine(page.of[does][i]));
  });
}

inline void note(Address address, size_t size, bool writes, bool strong = false) {
  note_access(address, size, writes, strong);
  if (overlap) {
    check_overlap(address, size, writes, strong);
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
  if (!allocation.written.all(address - allocation.start, size)) {
    stop(Flaw::UNWRITTEN, address, size, false, "uninitialised", " of memory that nobody wrote");
  }
}

void stop_over_limit() {
  fail_thread(Flaw::UNSUPPORTED, "touches so much memory that the simulated GPU would take more than " +
                                     std::to_string(most_bytes() >> 20) + " MiB of the host (CHARLSTM_SIM_MEMORY)");
}

template <typename Size>
void check_in_device(Address address, Size size, bool writes, Strength strength) {
  Allocation& allocation = allocation_for(address, size, writes);
  if (!writes) {
    check_content(allocation, address, size);
  } else if (allocation.constant) {
    remark_on_constant(address, size);
  }
  note(address, size, writes, strength != Strength::WEAK);
  if (traffic) {
    (writes ? traffic->bytes_written : traffic->bytes_read) += size;
  }
  if (block->interpreted) {
    check_global_access(allocation, address, size, writes, strength);
  } else {
    check_blocks(allocation, address, size, writes ? WRITERS : READERS);
  }
  if (over_limit) {
    stop_over_limit();
  }
  if (writes) {
    size_t offset = address - allocation.start;
    save_before_write(allocation, offset, size);
    allocation.written.set(offset, size, size);
  }
}

void check_device_atomic(Address address, size_t size, Strength strength) {
  Allocation& allocation = allocation_for(address, size, true);
  if (allocation.constant) {
    remark_on_constant(address, size);
  }
  if (!unwritten(allocation, address, size).empty()) {
    stop(Flaw::UNWRITTEN, address, size, false, "uninitialised atomic", " of memory that nobody wrote");
  }
  check_global_change(allocation, address, size, strength);
  note(address, size, true, true);
  if (traffic) {
    traffic->bytes_read += size;
    traffic->bytes_written += size;
  }
  save_before_write(allocation, address - allocation.start, size);
}

template <size_t N>
using Size = std::integral_constant<size_t, N>;

inline void check_sizes(Address address, size_t size, bool writes, Strength strength) {
  switch (size) {
    case 4: return check_in_device(address, Size<4>(), writes, strength);
    case 8: return check_in_device(address, Size<8>(), writes, strength);
    case 16: return check_in_device(address, Size<16>(), writes, strength);
    default: return check_in_device(address, size, writes, strength);
  }
}

__attribute__((always_inline)) inline void check(Address address, size_t size, bool writes,
                                                  Strength strength = Strength::WEAK) {
  if (!block || size == 0) {
    return;
  }
  if (in_device_space(address)) {
    check_sizes(address, size, writes, strength);
  } else if (!block->owns(address)) {
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

void check_device(Address address, size_t size, bool writes) {
  check_sizes(address, size, writes, Strength::WEAK);
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
  note(address, size, false);
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

CALLED_BY_KERNELS void __tsan_func_entry(void*) {}
CALLED_BY_KERNELS void __tsan_func_exit() {}
CALLED_BY_KERNELS void __tsan_init() {}
