// Stacks and the switch between them: a few instructions on x86-64, ucontext elsewhere and where CHARLSTM_SIM_SWITCH is
// ucontext as the process starts.
#pragma once
#include <cstddef>
#include <cstdint>

namespace sim {

constexpr size_t STACK_SIZE = 128 << 10;

// A program's own kernels have larger stacks; those that were built in run faster where stacks lie close. A thread of
// a card has so much local memory, and the simulated NVRTC sees to it that no function holds more by itself. So a
// function that is entered above the reserve ends above the stack's end, with room for a report.
constexpr size_t LOCAL_LIMIT = 512 << 10;
constexpr size_t STACK_RESERVE = LOCAL_LIMIT + (128 << 10);

// Memory that nobody touches costs nothing. The last part is for what a CPU keeps on the stack beside local memory.
constexpr size_t OWN_STACK_SIZE = LOCAL_LIMIT + STACK_RESERVE + (128 << 10);

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
