// Stacks and the switch between them: a few instructions on x86-64, ucontext elsewhere and where CHARLSTM_SIM_SWITCH is
// ucontext as the process starts.
#pragma once
#include <cstddef>
#include <cstdint>

namespace sim {

constexpr size_t STACK_SIZE = 128 << 10;

// A thread of a card has so much local memory.
constexpr size_t LOCAL_LIMIT = 512 << 10;

// Interpreted kernels have theirs on the stack, as much again for the frames of their functions, and the interpreter.
// Memory that nobody touches costs nothing; those of libraries run faster where stacks lie close.
constexpr size_t LARGE_STACK_SIZE = 2 * LOCAL_LIMIT + (256 << 10);

// Where a flow of control left off: what a switch left on its stack.
struct Place {
  void* stack = nullptr;
};

// Stacks, of which few are in use: a thread that meets no barrier ends before the next begins, and leaves it its own.
uintptr_t take_stack(size_t size);
void leave_stack(uintptr_t low, size_t size);

// Prepares a place at the top of the stack, of that size, from which `entry` starts. It must never return.
void prepare(Place& place, uintptr_t low, size_t size, void (*entry)());

void switch_to(Place& from, Place& to);

}
