// Bytes that threads of a cluster have sent, and copies that an arrival barrier waits for, while they are in flight.
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

// The sends of a cluster.
struct Sends {
  std::vector<Sent> under_way;
};

// Makes the running thread's copies arrive at an arrival barrier.
void send_copies(Address barrier, std::vector<Copy> copies, bool increments);
// The same for all bytes of these copies.
void send_pieces(Address barrier, std::vector<Copy> pieces);
// Delivers the thread's own copies, except for pieces.
void deliver_own_copies();

// Delivers sends in flight: some of them while shuffled blocks run, and the last one when no thread of the cluster can
// continue. False if nothing arrives.
bool deliver_some();
bool deliver_late();

}
