// Stacks and the switch between them: a few instructions on x86-64 and 64-bit ARM, ucontext elsewhere.
#pragma once
#include <cstddef>
#include <cstdint>

#if !defined(__x86_64__) && !defined(__aarch64__)
#define CHARLSTM_UCONTEXT
#endif
#ifdef CHARLSTM_UCONTEXT
#include <ucontext.h>
#endif

namespace sim {

constexpr size_t STACK_SIZE = 128 << 10;

// Where a flow of control left off.
struct Place {
#ifdef CHARLSTM_UCONTEXT
  ucontext_t context;
#else
  void* stack = nullptr;
#endif
};

// Stacks, of which few are in use: a thread that meets no barrier ends before the next begins, and leaves it its own.
uintptr_t take_stack();
void leave_stack(uintptr_t low);

// Prepares a place at the top of the stack from which `entry` starts. It must never return.
void prepare(Place& place, uintptr_t low, void (*entry)());

void switch_to(Place& from, Place& to);

}
