// Knowledge that threads pass on by fences and strong writes, and take up by strong reads and fences (PTX ISA, release
// and acquire patterns).
#pragma once
#include <array>
#include <cstdint>
#include <unordered_map>

#include "clocks/knowledge.h"
#include "machine/order/access_record.h"
#include "memory/memory.h"

namespace sim {

// The knowledge of a thread at a moment, put together where it is first needed.
class Told {
 public:
  void remember();
  bool any() const { return bool(content); }
  bool same(const Told& other) const { return content == other.content; }
  const Earlier& all() const;

 private:
  struct Content {
    unsigned holders = 0;
    Known shown;
    Earlier whole;
  };
  Reference<Content> content;
};

// Of a thread: what its strong writes tell, and what it learns at its next fence, each within a block, a cluster and
// beyond.
struct Fences {
  std::array<Told, 3> told;
  std::array<Earlier, 3> heard;
  Told sequential;         // by the last such fence beyond the cluster since its block has met
  Told released;           // of the write at this address that comes next
  Address released_at = 0;
  Strength released_to = Strength::WEAK;
};

// Told to a block, to a cluster, to all: by those within it, of which each part names one.
struct Release {
  struct Part {
    Earlier told;
    uint32_t unit = 0;
    unsigned rank = 0;
  };
  std::array<Part, 3> parts;
  AccessRecord writer;
};

// Of a cluster's shared memory; and those in device memory, of a launch in one order.
struct Releases : std::unordered_map<Address, Release> {};
void forget_releases();

// Somebody wrote there who tells nothing.
void forget_release(Address address);

// All of a block have met at its barrier, and each comes after the sequential fences of the others.
void pass_on_fences(const Block& all);

// The knowledge that the running thread's last fence for that scope passes on; none if there was no fence.
Coming told_by_fences(Strength scope);

// All that the running thread's write there is to tell.
Told told_at(Address address);

// A strong read hears, and a strong write tells, where the thread has something to tell; an atomic change does both.
// True if it has told.
bool hear_and_tell(Address address, Strength scope, bool reads, bool writes);

}
