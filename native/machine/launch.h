// A launch as it was asked for: the kernel, the shape, and a copy of the arguments as they were at the call.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "api/status.h"
#include "language/kernel.h"

namespace sim {

struct Dimensions {
  unsigned x = 1, y = 1, z = 1;
  uint64_t count() const { return uint64_t(x) * y * z; }
  bool within(const Dimensions& most) const { return x <= most.x && y <= most.y && z <= most.z; }
  Dimensions at(uint64_t i) const {
    return {unsigned(i % x), unsigned(i / x % y), unsigned(i / x / y)};
  }
};

// Those of compute capability 9.0; the multiprocessors are few so that grids sized by them stay small. The last line's
// are of one multiprocessor.
constexpr unsigned MOST_THREADS = 1024;
constexpr Dimensions MOST_THREADS_ALONG{1024, 1024, 64}, MOST_BLOCKS_ALONG{0x7fffffff, 65535, 65535};
constexpr int SHARED_LIMIT = 48 << 10, SHARED_LIMIT_OPTED_IN = 227 << 10;
constexpr int FIRST_WITH_CLUSTERS = 900, FIRST_EARLY = 900;
constexpr int MULTIPROCESSORS = 4, MOST_THREADS_AT_ONCE = 2048, MOST_BLOCKS_AT_ONCE = 32;
constexpr int SHARED_OF_A_MULTIPROCESSOR = 228 << 10, SHARED_RESERVED_FOR_A_BLOCK = 1 << 10, REGISTERS = 64 << 10;

// The order of blocks and threads. Sends within a cluster arrive at once, as late as they can, and shuffled. Threads of
// interpreted kernels also pause anywhere if they are shuffled; in lockstep the lanes of a warp run together,
// instruction by instruction, where they are at the same one.
enum class Order { FORWARD, REVERSED, SHUFFLED, LOCKSTEP };

struct Launch {
  const Kernel* kernel = nullptr;
  Dimensions grid;
  Dimensions block;
  size_t shared_bytes = 0;
  size_t shared_limit = 0;  // of all that a block has
  unsigned cluster = 0;  // blocks along x that make one; 0 without clusters
  bool cooperative = false;  // all its blocks run at once
  unsigned room = MULTIPROCESSORS * MOST_BLOCKS_AT_ONCE;  // for so many of its blocks at once
  std::vector<std::vector<unsigned char>> arguments;
};

// Bytes that a kernel's launches moved to and from device memory, blocks run forward only; and, if a setting asks for
// it, a sum over all that they left there, which differs where a bit does.
struct Traffic {
  long long launches = 0, bytes_read = 0, bytes_written = 0, digest = 0;
};

// Of the kernel that runs; null while its blocks run in another order, which counts nothing.
extern Traffic* traffic;

// Whether the launch that runs may give another result in another order: it has added numbers atomically that are
// rounded, has looked at what an atomic operation found or which lanes run together, or has read a clock.
extern bool order_may_show;

// Registers and local memory that nobody has set hold this, something else in the first run of a launch than in others;
// and where a run that looks for it has read it first.
constexpr uint64_t UNSET_AT_FIRST = ~uint64_t(0), UNSET_LATER = 0x404521a042290bad;
extern uint64_t unset_value;
extern bool seeks_unset;
extern std::string unset_place;

// The memory that a cooperative launch has for its barrier; 0 for others.
extern uintptr_t grid_workspace;
// Whether a launch without it has asked for it, as grid.sync() does before it traps.
extern bool grid_missed;
inline uintptr_t find_grid_workspace() {
  grid_missed |= grid_workspace == 0;
  return grid_workspace;
}

// A place that a thread exchanges atomically: if another does too, the last one's value stays.
void note_exchange(const void* address);

Traffic traffic_so_far(const std::string& kernel);

// Runs the blocks in every order that is asked for. On success memory is as the kernel left it.
CUresult run(const Launch& launch);

// "byte B of argument A", if the address lies in the allocation that an argument points into.
std::string relative_to_arguments(const Launch& launch, uintptr_t address);

// Of an address that is none of the device: "; argument 1 is null", if it most likely comes from there; or empty.
std::string about_argument(const Launch& launch, uintptr_t address);

}
