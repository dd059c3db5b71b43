// The checks that the simulated device makes of every access.
#pragma once
#include <cstddef>

#include "machine/memory.h"

namespace sim {

// Fails the running thread, if there is one, where it may not read or write there.
void check_access(Address address, size_t size, bool writes);

// The same for a read and a write that nothing of another thread comes between.
void check_atomic(Address address, size_t size);

}
