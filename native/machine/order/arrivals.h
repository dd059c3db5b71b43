// Arrival barriers in shared memory. PTX calls them mbarriers.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "clocks/knowledge.h"
#include "machine/block.h"
#include "machine/order/access_record.h"
#include "memory/memory.h"

namespace sim {

struct Barrier {
  Address address = 0;
  unsigned actor = 0;
  unsigned made_by = 0;
  uint32_t made_at = 0;
  bool fenced = false, known = false;  // by its maker, and so to all since a barrier of the cluster
  bool for_bytes = false;     // made by a kernel that waits for bytes alone
  uint64_t phase = 0;         // how many have ended
  unsigned count = 1;         // arrivals of a phase
  unsigned pending = 1;       // of this phase, still to come
  int64_t missing = 0;        // bytes that are expected; negative where some came that were not
  uint64_t last_bytes = 0;    // one more than the phase in which bytes arrived last
  Moments told, over;         // what is over: by now, and at the end of the last phase
  std::array<Known, 2> shown, seen;  // the same of what is visible: from its own block, and from others
  std::vector<uint32_t> told_at;  // up to which moment of each actor this holds what it told
};

// The arrival barriers of a cluster, by their addresses.
struct Arrivals {
  std::map<Address, Barrier> barriers;
  unsigned made = 0;
};

// The barrier at an address; find_barrier returns null if there is none, and barrier_at fails the thread unless the
// barrier was made before for sure.
Barrier* find_barrier(Address address);
Barrier& barrier_at(const char* does, Address address);

// Makes the barriers visible that their makers have fenced.
void show_fenced_barriers();

// Counts bytes, or arrivals with them, that an actor with this knowledge sent.
void arrive(Barrier& barrier, size_t bytes, unsigned count, unsigned sender, uint32_t moment, const Moments& knowledge);

// "phase P of the arrival barrier at byte N of a shared array of S"; and what a thread waits for, and why that has not
// ended.
std::string name_of_phase(unsigned actor, uint64_t phase);
std::string what_it_waits_for(const Thread& thread);

// Fails a kernel whose threads have all returned if bytes may still arrive in a block that has ended.
void check_arrivals_at_end();

}
