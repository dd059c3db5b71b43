// The heap of malloc and free in kernels. Its blocks stay from launch to launch. A launch that runs in several orders
// begins each with the heap that it has found.
#pragma once
#include "memory/memory.h"

namespace sim {

// Of all blocks together, as CUDA has it unless a program asks for more.
constexpr size_t DEFAULT_HEAP = 8 << 20;
extern size_t heap_limit;

// 0 if there is no room.
Address allocate_in_heap(size_t size);

enum class HeapFree { DONE, TWICE, NOT_A_BLOCK };
HeapFree free_in_heap(Address address);

// Takes back what the launch has done so far, or makes it stay.
void rewind_heap();
void settle_heap();

// At the end of all contexts: notes the blocks that nobody has freed.
void drop_heap();

}
