// Device memory as the driver gives it.
#pragma once
#include <string>

#include "api/cuda.h"
#include "driver/pinned_memory.h"
#include "memory/memory.h"

namespace sim {

// The range was good when the call came; if it is not when the operation runs, it was freed too early, which fails the
// context.
CUresult freed_too_early(const std::string& what, size_t bytes, Address address);

// Ends a call whose range is not all in one allocation.
[[noreturn]] void refuse_misplaced(const std::string& what, size_t bytes, Address address);

// How the driver gave memory, to which context, and from which pool.
struct Given {
  enum Kind { PLAIN, POOLED, MANAGED };
  Kind kind = PLAIN;
  unsigned long long context = 0;
  CUmemoryPool pool = nullptr;
};

// A pool has given so many and not got them back.
size_t bytes_given(CUmemoryPool pool);

// Ends the call if there is no room.
Allocation& give(size_t bytes, Given how);

// Of what was given and never freed, of which there must be some: "(the first of 4096 bytes, number 7)".
std::string first_never_freed();

// Of what begins there; null for what the driver did not give, or has taken back.
const Given* how_given(Address start);

// It is no longer the program's, but what was enqueued may still use it until it is taken back.
void forget_given(Address start);
void take_back(Address start);

}
