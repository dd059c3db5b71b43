// Guards: pages that the host may not touch, or may only read, while queued work uses them. A touch raises a signal, is
// noted, and goes on.
#pragma once
#include <vector>

#include "memory/memory.h"

namespace sim {

// An access by the host: its first byte, and the instruction. `above` is the caller's place if a function without a
// frame made it, as memcpy does.
struct Touch {
  Address address = 0;
  Address instruction = 0;
  Address above = 0;
  bool writes = false;
  bool told = false;
};

// Guards a range against writes, or against all accesses, if it lies in memory of OF_ALL; of its pages those that
// belong to nobody else. Another handler of the signal that came later is left alone, and nothing is guarded.
void guard(Address start, size_t size, bool from_reads);
void open_guards();

// The touches since the last call.
std::vector<Touch> take_touches();

}
