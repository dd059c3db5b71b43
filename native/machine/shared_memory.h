// A block's shared memory: separate arrays, and the accesses to each byte since the last barrier. The blocks of a
// cluster have their arrays at the same offsets, each block in its own part.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "machine/order/order.h"

namespace sim {

// The cluster size that all devices with clusters support, and the one of an H100 if a function allows larger ones.
constexpr unsigned MOST_BLOCKS_OF_A_CLUSTER = 8, MOST_BLOCKS_IF_ALLOWED = 16;
// The most blocks whose shared memory exists at a time.
constexpr unsigned MOST_BLOCKS_TOGETHER = 128;
constexpr size_t SHARED_SPACE_OF_A_BLOCK = 2 << 20;

bool in_shared_space(uintptr_t address);

// The rank of the block that an address belongs to; the beginning of the running block's own part; and the distance of
// an address from its cluster's first part, or from the first part of all.
unsigned rank_of(uintptr_t address);
uintptr_t own_shared_space();
size_t shared_offset(uintptr_t address);
extern char* shared_arena;
inline size_t shared_offset_of_all(uintptr_t address) {
  return address - reinterpret_cast<uintptr_t>(shared_arena);
}

// Whether a range lies in one array; and the byte of which array: "byte N of a shared array of S".
bool within_shared_array(uintptr_t address, size_t size);
std::string shared_place(uintptr_t address);

// The most recently accessed arrays of running blocks, by their pages; no two arrays share a page.
struct LastArray {
  uintptr_t start = 0;
  size_t size = 0;
};
extern LastArray last_arrays[8];
inline LastArray& last_array(uintptr_t address) {
  return last_arrays[address / 4096 % 8];
}
inline bool within_last_array(uintptr_t address, size_t size) {
  const LastArray& array = last_array(address);
  size_t offset = address - array.start;
  return offset < array.size && size <= array.size - offset;
}

// The arrays of a block or cluster: none at its start; the first thread at a declaration makes the array. The running
// arrays' parts begin at this number.
struct SharedArray {
  const void* site;
  size_t offset, size;
};
struct SharedArrays {
  std::vector<SharedArray> all;
  size_t next_offset = 4096;
};
void use_shared_arrays(SharedArrays& arrays, unsigned first_part);

// The block's array for a site, any address in the program, and the array whose size the launch gives.
__attribute__((visibility("default"))) void* shared_array(const void* site, size_t size);
__attribute__((visibility("default"))) void* dynamic_shared();

void check_shared(uintptr_t address, size_t size, bool writes, Strength strength);
void check_shared_atomic(uintptr_t address, size_t size, Strength strength);

// The system's own part of a block's shared memory, also for cooperative_groups.h; zeros at first, and not counted in
// limits.
constexpr size_t RESERVED_SHARED = 1 << 10;
void* reserved_shared();

// Forbids all accesses to these bytes of one array while a copy to them is in flight.
void set_under_way(uintptr_t address, size_t size, bool under_way);

}
