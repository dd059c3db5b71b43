// Launches that may begin before the previous kernel has ended: griddepcontrol, and accesses before its wait.
#pragma once
#include "machine/block.h"
#include "memory/overlap.h"

namespace sim {

void wait_for_launch_before() __attribute__((visibility("default")));
void let_next_launch_begin() __attribute__((visibility("default")));

// Fails the running thread if a kernel that may still run accesses the same bytes, and one of the two writes them.
void check_overlap(Address address, size_t size, bool writes, bool strong);

}
