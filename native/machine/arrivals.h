// Arrival barriers of a cluster, and what its threads have sent and has not arrived yet.
#pragma once
#include <cstdint>
#include <string>

#include "machine/block.h"

namespace sim {

void forget_arrivals();

// Lets what is under way arrive: as blocks run, some of it in an order that they shuffle, or none; and where none of the
// cluster can go on, what was sent last, until somebody can. False if nothing was under way.
void deliver_some();
bool deliver_late();

// "phase P of the arrival barrier at byte N of a shared array of S", and of what a thread waits for, why it has not ended.
std::string name_of_phase(unsigned agent, uint64_t phase);
std::string what_it_waits_for(const Thread& thread);

// Fails the kernel, all of which has returned, if bytes may arrive where no block is any more.
void check_arrivals_at_end();

// Fails the thread if it runs in no cluster.
void want_cluster(const char* what);

}
