// The footprint of an operation: the device memory that it accesses, noted, while somebody wants to know.
#pragma once
#include <vector>

#include "memory/memory.h"

namespace sim {

// From the first byte to the one after the last.
struct Extent {
  Address start = 0;
  Address end = 0;
};

// In order, and apart from one another. What is accessed atomically, or by strong accesses, is read or written too.
struct Footprint {
  std::vector<Extent> read, written, strong;
};

extern bool footprint_noted;

void begin_footprint();
Footprint end_footprint();
void add_to_footprint(Address address, size_t size, bool writes, bool strong);

inline void note_access(Address address, size_t size, bool writes, bool strong = false) {
  if (footprint_noted) {
    add_to_footprint(address, size, writes, strong);
  }
}

// The first byte that both have and one of them writes, or 0; also 0 where both have strong accesses to the same bytes,
// by which they may order the others.
Address first_conflict(const Footprint& one, const Footprint& other);

}
