// A launch as requested: the kernel, the shape, and a copy of the arguments at the call.
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

// The limits of compute capability 9.0. There are few multiprocessors, so that grids sized by them stay small. The last
// line's limits are per multiprocessor.
constexpr unsigned MOST_THREADS = 1024;
constexpr Dimensions MOST_THREADS_ALONG{1024, 1024, 64}, MOST_BLOCKS_ALONG{0x7fffffff, 65535, 65535};
constexpr int SHARED_LIMIT = 48 << 10, SHARED_LIMIT_OPTED_IN = 227 << 10;
constexpr int FIRST_WITH_CLUSTERS = 900, FIRST_EARLY = 900;
constexpr int MULTIPROCESSORS = 4, MOST_THREADS_AT_ONCE = 2048, MOST_BLOCKS_AT_ONCE = 32;
constexpr int SHARED_OF_A_MULTIPROCESSOR = 228 << 10, SHARED_RESERVED_FOR_A_BLOCK = 1 << 10, REGISTERS = 64 << 10;

// The order of blocks and threads. In the three first orders, sends within a cluster arrive at once, as late as
// possible, and shuffled. When shuffled, threads of interpreted kernels also pause anywhere; in lockstep, lanes of a
// warp at the same instruction execute it together.
enum class Order { FORWARD, REVERSED, SHUFFLED, LOCKSTEP };

struct Launch {
  const Kernel* kernel = nullptr;
  Dimensions grid;
  Dimensions block;
  size_t shared_bytes = 0;
  size_t shared_limit = 0;  // the most shared memory of a block
  unsigned cluster = 0;  // blocks of a cluster along x; 0 without clusters
  bool cooperative = false;  // all its blocks are resident at once
  unsigned room = MULTIPROCESSORS * MOST_BLOCKS_AT_ONCE;  // the most resident blocks
  std::vector<std::vector<unsigned char>> arguments;
};

// The bytes that a kernel's launches moved to and from device memory, from runs with blocks in forward order only; and,
// if a setting asks for it, a digest of all results in memory, which differs if a bit differs.
struct Traffic {
  long long launches = 0, bytes_read = 0, bytes_written = 0, digest = 0;
};

// The counters of the running kernel; null while its blocks run in another order, which is not counted.
extern Traffic* traffic;

// Whether another order could change the running launch's result: it has added rounded numbers atomically, used an
// atomic operation's result or which lanes run together, or read a clock.
extern bool order_may_show;

// Unset registers and local memory hold this value, which differs between a launch's first run and later ones;
// `unset_value` is the current run's. With `seeks_unset`, `unset_place` is where a run first read it.
constexpr uint64_t UNSET_AT_FIRST = ~uint64_t(0), UNSET_LATER = 0x404521a042290bad;
extern uint64_t unset_value;
extern bool seeks_unset;
extern std::string unset_place;

// The memory of a cooperative launch's grid barrier; 0 for other launches.
extern uintptr_t grid_workspace;
// Whether a launch without that memory has asked for it, as grid.sync() does before it traps.
extern bool grid_missed;
inline uintptr_t find_grid_workspace() {
  grid_missed |= grid_workspace == 0;
  return grid_workspace;
}

// Notes a place that a thread exchanges atomically; if another thread does so, too, the last value stays.
void note_exchange(const void* address);

Traffic traffic_so_far(const std::string& kernel);

// Runs the blocks in every requested order. On success memory holds the kernel's result.
CUresult run(const Launch& launch);

// "byte B of argument A", if the address lies in the allocation that an argument points into.
std::string relative_to_arguments(const Launch& launch, uintptr_t address);

// "; argument 1 is null" if an invalid address most likely comes from that argument; or empty.
std::string about_argument(const Launch& launch, uintptr_t address);

}
