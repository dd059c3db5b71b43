// The last to access each byte of device memory in the launch of an interpreted kernel, and whether that certainly
// happened before the access now.
#pragma once
#include "machine/order/access_record.h"
#include "memory/memory.h"

namespace sim {

// A launch begins in another order, with so many threads in a unit.
void forget_global_shadow(size_t actors);

// By the running thread, of bytes of one allocation.
void check_global_access(Allocation& allocation, Address address, size_t size, bool writes, Strength strength);
void check_global_change(Allocation& allocation, Address address, size_t size, Strength strength);
// Whether anybody has written one of them.
bool is_written_in_launch(Allocation& allocation, Address address, size_t size);
// A read of what nobody writes during the launch.
void check_constant_read(Allocation& allocation, Address address, size_t size);

}
