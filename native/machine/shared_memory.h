// A block's shared memory: arrays apart from one another, and who accessed each byte since the last barrier. Blocks of
// a cluster have their arrays at the same places, each in its own part.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "machine/order/order.h"

namespace sim {

// That all devices with clusters take.
constexpr unsigned MOST_BLOCKS_OF_A_CLUSTER = 8;
// Blocks whose shared memory is there at a time.
constexpr unsigned MOST_BLOCKS_TOGETHER = 128;
constexpr size_t SHARED_SPACE_OF_A_BLOCK = 2 << 20;

bool in_shared_space(uintptr_t address);

// Of the block of a cluster whose address it is, its rank; where the running block's own part begins, and how far from
// the beginning of its cluster's parts an address is, or from that of all.
unsigned rank_of(uintptr_t address);
uintptr_t own_shared_space();
size_t shared_offset(uintptr_t address);
extern char* shared_arena;
inline size_t shared_offset_of_all(uintptr_t address) {
  return address - reinterpret_cast<uintptr_t>(shared_arena);
}

// Whether it is all in one array, and which byte of which array: "byte N of a shared array of S".
bool within_shared_array(uintptr_t address, size_t size);
std::string shared_place(uintptr_t address);

// The arrays of running blocks that were accessed last, by their pages, of which no two arrays share one.
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

// The arrays of a block or a cluster: at its start it has none; each is made as the first thread comes to its
// declaration. Those that run now lie from the part with this number on.
struct SharedArray {
  const void* site;
  size_t offset, size;
};
struct SharedArrays {
  std::vector<SharedArray> all;
  size_t next_offset = 4096;
};
void use_shared_arrays(SharedArrays& arrays, unsigned first_part);

// The block's array that belongs to a site, which may be any address of the program's own, and that of a launch's size.
__attribute__((visibility("default"))) void* shared_array(const void* site, size_t size);
__attribute__((visibility("default"))) void* dynamic_shared();

void check_shared(uintptr_t address, size_t size, bool writes, Strength strength);
void check_shared_atomic(uintptr_t address, size_t size, Strength strength);

// The system's own part of a block's, for cooperative_groups.h too; zeros at first. No limit counts it.
constexpr size_t RESERVED_SHARED = 1 << 10;
void* reserved_shared();

// Forbids all access to these bytes, of one array, while a copy to them is under way.
void set_under_way(uintptr_t address, size_t size, bool under_way);

}
