// The last accesses to each byte of a cluster's shared memory, and whether they happened before a new access for sure.
#pragma once
#include <cstddef>
#include <cstdint>

#include "machine/order/access_record.h"

namespace sim {

// Returns the number of a new cluster's histories; if the cluster runs alone, earlier clusters' histories are
// forgotten.
uint32_t begin_cluster_shadow(bool alone);

// Checks the running thread's access to bytes of one array.
void check_cluster_access(uintptr_t address, size_t size, bool writes, Strength strength = Strength::WEAK);
void check_cluster_change(uintptr_t address, size_t size, Strength strength);
void set_cluster_copy(uintptr_t address, size_t size, bool under_way);

// A write that the running thread starts and that ends later; it then counts at a moment of an actor.
void begin_send(uintptr_t address, size_t size);
void end_send(uintptr_t address, size_t size, unsigned actor, uint32_t moment);

// Forbids accesses to the bytes of an arrival barrier, and allows them again when it is invalidated.
void make_inaccessible(uintptr_t address, size_t size);
void make_accessible(uintptr_t address, size_t size);

}
