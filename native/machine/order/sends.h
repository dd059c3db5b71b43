// Bytes that threads of a cluster have sent, and copies that an arrival barrier waits for, which have not arrived yet.
#pragma once
#include <memory>
#include <vector>

#include "machine/block.h"

namespace sim {

// Those of a cluster, which has none yet.
struct Sends;
std::shared_ptr<Sends> no_sends();

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
