// Records the device memory that an operation touches, while somebody wants to know.
#pragma once
#include <vector>

#include "machine/memory.h"

namespace sim {

// From the first byte to the one after the last.
struct Extent {
  Address start = 0;
  Address end = 0;
};

// In order, and apart from one another.
struct Touches {
  std::vector<Extent> read, written;
};

extern bool touches_noted;

void begin_to_note_touches();
Touches end_to_note_touches();
void add_touch(Address address, size_t size, bool writes);

inline void note_touch(Address address, size_t size, bool writes) {
  if (touches_noted) {
    add_touch(address, size, writes);
  }
}

// The first byte that both touch and one of them writes, or 0.
Address first_conflict(const Touches& one, const Touches& other);

}
