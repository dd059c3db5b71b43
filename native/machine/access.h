// The checks that the simulated device makes of every access.
#pragma once
#include <cstddef>

#include "machine/order/access_record.h"
#include "memory/memory.h"

namespace sim {

// Fails the running thread, if there is one, where it may not read or write there.
void check_access(Address address, size_t size, bool writes, Strength strength = Strength::WEAK);

// The same for device memory, by an interpreted kernel.
void check_device(Address address, size_t size, bool writes);

// The same for a read and a write that nothing of another thread comes between.
void check_atomic(Address address, size_t size, Strength strength = Strength::GPU);

// The same for a read of device memory that nothing writes during the launch.
void check_constant(Address address, size_t size);

}
