// Bytes that threads of a cluster have sent, and copies that an arrival barrier waits for, which have not arrived yet.
#pragma once
#include <vector>

#include "machine/block.h"

namespace sim {

struct Sent {
  Address barrier = 0;
  unsigned sender = 0;
  uint32_t moment = 0;
  Moments knowledge;
  unsigned arrivals = 0;
  size_t counted = 0;  // bytes
  std::vector<Copy> copies;
};

// Those of a cluster.
struct Sends {
  std::vector<Sent> under_way;
};

// The running thread's copies will arrive at an arrival barrier.
void send_copies(Address barrier, std::vector<Copy> copies, bool increments);
// The same of all the bytes that these copies have.
void send_pieces(Address barrier, std::vector<Copy> pieces);
// Lets those copies arrive that it has sent so, but for pieces.
void deliver_own_copies();

// Lets what is under way arrive. As blocks run: some of it, if they run shuffled.
// When none of the cluster can go on: what was sent last. False if nothing arrives.
bool deliver_some();
bool deliver_late();

}
