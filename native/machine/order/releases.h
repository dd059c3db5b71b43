// The knowledge that threads pass on by fences and strong writes, and acquire by strong reads and fences (PTX ISA,
// release and acquire patterns).
#pragma once
#include <array>
#include <cstdint>
#include <unordered_map>

#include "clocks/knowledge.h"
#include "machine/order/access_record.h"
#include "memory/memory.h"

namespace sim {

// A thread's knowledge at a moment, computed at its first use.
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

// A thread's fences: what its strong writes release, and what it acquires at its next fence, each for a block, a
// cluster and beyond.
struct Fences {
  std::array<Told, 3> told;
  std::array<Earlier, 3> heard;
  Told sequential;         // by the last such fence beyond the cluster since its block has met
  Told released;           // of the write at this address that comes next
  Address released_at = 0;
  Strength released_to = Strength::WEAK;
};

// The knowledge released to a block, a cluster and all threads; each part names a thread within that scope.
struct Release {
  struct Part {
    Earlier told;
    uint32_t unit = 0;
    unsigned rank = 0;
  };
  std::array<Part, 3> parts;
  AccessRecord writer;
};

// The releases in a cluster's shared memory, and those in device memory, of a launch in one order.
struct Releases : std::unordered_map<Address, Release> {};
void forget_releases();

// A thread without released knowledge wrote at the address.
void forget_release(Address address);

// All threads of a block have met at its barrier, so each comes after the others' sequential fences.
void pass_on_fences(const Block& all);

// The knowledge that the running thread's last fence for that scope passes on; none if there was no fence.
Coming told_by_fences(Strength scope);

// All knowledge that the running thread's write at this address releases.
Told told_at(Address address);

// A strong read acquires, and a strong write releases, what the thread knows; an atomic change does both. True if
// knowledge was released.
bool hear_and_tell(Address address, Strength scope, bool reads, bool writes);

}
