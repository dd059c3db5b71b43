// Device memory that the driver has allocated.
#pragma once
#include <string>

#include "api/cuda.h"
#include "driver/pinned_memory.h"
#include "memory/memory.h"

namespace sim {

// Fails the context because a range that was valid at the call was freed before the operation ran.
CUresult freed_too_early(const std::string& what, size_t bytes, Address address);

// Ends a call whose range does not lie in one allocation.
[[noreturn]] void refuse_misplaced(const std::string& what, size_t bytes, Address address);

// How the driver allocated memory, for which context, and from which pool.
struct Given {
  enum Kind { PLAIN, POOLED, MANAGED };
  Kind kind = PLAIN;
  unsigned long long context = 0;
  CUmemoryPool pool = nullptr;
};

// The bytes that a pool has given and not received back.
size_t bytes_given(CUmemoryPool pool);

// Allocates memory; ends the call if there is no room.
Allocation& give(size_t bytes, Given how);

// The first allocation that was never freed, of which there must be some: "(the first of 4096 bytes, number 7)".
std::string first_never_freed();

// How the allocation at an address was given; null if the driver did not allocate it, or has taken it back.
const Given* how_given(Address start);

// forget_given ends the program's use of the memory; enqueued work may use it until take_back.
void forget_given(Address start);
void take_back(Address start);

}
