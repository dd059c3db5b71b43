// The last to touch each byte of device memory in the launch of an interpreted kernel, and whether that certainly
// happened before the touch now.
#pragma once
#include "machine/memory.h"
#include "machine/trace.h"

namespace sim {

// A launch begins in another order.
void forget_global_touches();

// By the running thread, of bytes of one allocation.
void check_global_touch(Allocation& allocation, Address address, size_t size, bool writes, Strength strength);
void check_global_change(Allocation& allocation, Address address, size_t size, Strength strength);
// A read of what nobody writes during the launch.
void check_constant_touch(Allocation& allocation, Address address, size_t size);

}
