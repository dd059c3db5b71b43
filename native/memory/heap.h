// The heap of malloc and free in kernels. Blocks persist over launches. A launch that runs in several orders begins
// each run with the heap as it was before the launch.
#pragma once
#include "memory/memory.h"

namespace sim {

// The size of all blocks together; the default is CUDA's.
constexpr size_t DEFAULT_HEAP = 8 << 20;
extern size_t heap_limit;

// Returns 0 if there is no room.
Address allocate_in_heap(size_t size);

enum class HeapFree { DONE, TWICE, NOT_A_BLOCK };
HeapFree free_in_heap(Address address);

// Undoes the running launch's changes, or makes them permanent.
void rewind_heap();
void settle_heap();

// Tells of the blocks that were not freed.
void tell_heap(bool process_ends = false);

// At the end of all contexts, after telling of them.
void drop_heap();

}
