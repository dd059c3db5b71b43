// Arrival barriers of a cluster. PTX calls them mbarriers.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "machine/block.h"
#include "machine/knowledge.h"
#include "machine/memory.h"

namespace sim {

struct Barrier {
  Address address = 0;
  unsigned actor = 0;
  unsigned made_by = 0;
  uint32_t made_at = 0;
  uint64_t phase = 0;         // how many have ended
  bool expected = false;      // in this phase somebody has said how many bytes to expect
  int64_t missing = 0;        // of those that were expected; negative where bytes came that were not
  uint64_t last_bytes = 0;    // one more than the phase in which bytes arrived last
  Moments told, shown;        // by those that have sent or expected, and by those that have expected, up to now
  Moments over, seen;         // the same up to the end of the last phase
  std::vector<uint32_t> told_at;  // up to which moment of each actor this holds what it told
};

void forget_arrivals();

// The one there, or the thread fails: it must certainly have been made before.
Barrier& barrier_at(const char* does, Address address);

// Counts bytes that an actor sent when it knew this much.
void arrive(Barrier& barrier, size_t count, unsigned sender, uint32_t moment, const Moments& knowledge);

// "phase P of the arrival barrier at byte N of a shared array of S"; and what a thread waits for, and why that has not
// ended.
std::string name_of_phase(unsigned actor, uint64_t phase);
std::string what_it_waits_for(const Thread& thread);

// Fails the kernel, all of which has returned, if bytes may arrive where no block is any more.
void check_arrivals_at_end();

}
