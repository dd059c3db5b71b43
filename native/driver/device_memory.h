// Operations on device memory.
#pragma once
#include "api/cuda.h"
#include "driver/pinned_memory.h"
#include "memory/memory.h"

namespace sim {

// The range was good when the call came; if it is not when the operation runs, it was freed too early, which fails the
// context.
CUresult freed_too_early(const char* what, size_t bytes, Address address);

// Refuses a call, since its range is not all in one allocation.
CUresult misplaced(const char* what, size_t bytes, Address address);

// Copies as they run; one that fails has failed the context.
CUresult copy_to_device(Address to, const void* from, const HostPlace& place, size_t bytes);
CUresult copy_to_host(void* to, const HostPlace& place, Address from, size_t bytes);
CUresult copy_on_device(Address to, Address from, size_t bytes);
CUresult copy_on_host(void* to, const HostPlace& place, const void* from, const HostPlace& from_place, size_t bytes);

// Whether copies take an address for one of the host's: pinned memory is.
bool of_host(Address address);

// How the driver gave memory, to which context, and from which pool.
struct Given {
  enum Kind { PLAIN, POOLED, MANAGED };
  Kind kind = PLAIN;
  unsigned long long context = 0;
  CUmemoryPool pool = nullptr;
};

// A pool has given so many and not got them back.
size_t bytes_given(CUmemoryPool pool);

// Null if there is no room.
Allocation* give(size_t bytes, Given how);

// Of what was given and never freed, of which there must be some: "(the first of 4096 bytes, number 7)".
std::string first_never_freed();

// Of what begins there; null for what the driver did not give, or has taken back.
const Given* how_given(Address start);

// It is no longer the program's, but what was enqueued may still use it until it is taken back.
void forget_given(Address start);
void take_back(Address start);

}
