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

// In order, and apart from one another.
struct Footprint {
  std::vector<Extent> read, written;
};

extern bool footprint_noted;

void begin_footprint();
Footprint end_footprint();
void add_to_footprint(Address address, size_t size, bool writes);

inline void note_access(Address address, size_t size, bool writes) {
  if (footprint_noted) {
    add_to_footprint(address, size, writes);
  }
}

// The first byte that both have and one of them writes, or 0.
Address first_conflict(const Footprint& one, const Footprint& other);

}
