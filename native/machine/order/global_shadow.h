// The last accesses to each byte of device memory in a launch of an interpreted kernel, and whether they happened
// before a new access for sure.
#pragma once
#include "machine/order/access_record.h"
#include "memory/memory.h"

namespace sim {

// Forgets all accesses when a launch begins in another order; a unit has this number of threads.
void forget_global_shadow(size_t actors);

// Checks the running thread's access to bytes of one allocation.
void check_global_access(Allocation& allocation, Address address, size_t size, bool writes, Strength strength);
void check_global_change(Allocation& allocation, Address address, size_t size, Strength strength);
// A plain access of 4, 8 or 16 bytes of device memory, aligned to its size: true if it is right, and kept; what takes
// longer is left to the whole check.
template <size_t size>
bool quickly_accessed(Address address, bool writes);
// Whether anybody has written one of them.
bool is_written_in_launch(Allocation& allocation, Address address, size_t size);
// Whether the last writes of these bytes were strong accesses, such as those of atomic operations to a lock.
bool is_strongly_written(Allocation& allocation, Address address, size_t size);
// Checks a read of memory that the launch must not write.
void check_constant_read(Allocation& allocation, Address address, size_t size);

}
