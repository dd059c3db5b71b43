// The last to touch each byte of a cluster's shared memory, and whether that certainly happened before the touch now.
#pragma once
#include <cstddef>
#include <cstdint>

namespace sim {

void forget_cluster_touches();

// By the running thread, of bytes of one array.
void check_cluster_touch(uintptr_t address, size_t size, bool writes);
void set_cluster_copy(uintptr_t address, size_t size, bool under_way);

// A write that the running thread starts and that ends later, and belongs then to a moment of an actor.
void begin_send(uintptr_t address, size_t size);
void end_send(uintptr_t address, size_t size, unsigned actor, uint32_t moment);

// Nobody may touch what has become an arrival barrier.
void make_untouchable(uintptr_t address, size_t size);

}
