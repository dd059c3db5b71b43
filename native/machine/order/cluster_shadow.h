// The last to access each byte of a cluster's shared memory, and whether that certainly happened before the access now.
#pragma once
#include <cstddef>
#include <cstdint>

#include "machine/order/access_record.h"

namespace sim {

// The histories of a cluster that begins are those with this number; what those before have left is forgotten if it
// runs alone.
uint32_t begin_cluster_shadow(bool alone);

// By the running thread, of bytes of one array.
void check_cluster_access(uintptr_t address, size_t size, bool writes, Strength strength = Strength::WEAK);
void check_cluster_change(uintptr_t address, size_t size, Strength strength);
void set_cluster_copy(uintptr_t address, size_t size, bool under_way);

// A write that the running thread starts and that ends later, and belongs then to a moment of an actor.
void begin_send(uintptr_t address, size_t size);
void end_send(uintptr_t address, size_t size, unsigned actor, uint32_t moment);

// Nobody may touch what has become an arrival barrier, until it is one no longer.
void make_inaccessible(uintptr_t address, size_t size);
void make_accessible(uintptr_t address, size_t size);

}
