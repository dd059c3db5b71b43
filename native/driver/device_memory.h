// Operations on device memory.
#pragma once
#include "api/cuda.h"
#include "memory/memory.h"

namespace sim {

// The range was good when the call came; if it is not when the operation runs, it was freed too early, which fails the
// context.
CUresult freed_too_early(const char* what, size_t bytes, Address address);

// How the driver gave memory, and to which context.
struct Given {
  enum Kind { PLAIN, POOLED, MANAGED };
  Kind kind = PLAIN;
  unsigned long long context = 0;
};

// Null if there is no room.
Allocation* give(size_t bytes, Given how);

// Of what begins there; null for what the driver did not give, or has taken back.
const Given* how_given(Address start);

// It is no longer the program's, but what was enqueued may still use it until it is taken back.
void forget_given(Address start);
void take_back(Address start);

}
