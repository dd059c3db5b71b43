// The footprint of an operation: the device memory that it accesses, recorded while a check needs it.
#pragma once
#include <vector>

#include "memory/memory.h"

namespace sim {

// A range from its first byte to the byte after the last.
struct Extent {
  Address start = 0;
  Address end = 0;
};

// Sorted, separate ranges. Memory in `strong` (atomic or strong accesses) is also in `read` or `written`.
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

// The first byte that both access and one writes, or 0; also 0 if both have strong accesses to the same bytes, which
// may order the other accesses.
Address first_conflict(const Footprint& one, const Footprint& other);

}
