// Stacks and the switch between them: a few instructions of x86-64.
#pragma once
#include <cstddef>
#include <cstdint>

namespace sim {

constexpr size_t STACK_SIZE = 128 << 10;

// The local memory of a thread on a card.
constexpr size_t LOCAL_LIMIT = 512 << 10;

// The stack of a thread of an interpreted kernel: its local memory, as much again for its functions' frames, and the
// interpreter. Untouched memory costs nothing; kernels of libraries run faster on stacks that lie close together.
constexpr size_t LARGE_STACK_SIZE = 2 * LOCAL_LIMIT + (256 << 10);

// The place where a flow of control was suspended; the switch saved its registers on this stack.
struct Place {
  void* stack = nullptr;
#ifdef __SANITIZE_ADDRESS__
  // What AddressSanitizer has to be told of a switch: the stack's bounds, and what it keeps of its frames elsewhere.
  const void* low = nullptr;
  size_t size = 0;
  void* kept = nullptr;
  void (*entry)() = nullptr;
#endif
};

// Only few stacks are in use at a time: a thread without a barrier ends before the next begins, which reuses its stack.
uintptr_t take_stack(size_t size);
void leave_stack(uintptr_t low, size_t size);

// Prepares a place at the top of the stack, of that size, from which `entry` starts. It must never return.
void prepare(Place& place, uintptr_t low, size_t size, void (*entry)());

void switch_to(Place& from, Place& to);

}
