// A block's shared memory: arrays apart from one another, and who touched each byte since the last barrier.
#pragma once
#include <cstddef>
#include <cstdint>

namespace sim {

bool in_shared_space(uintptr_t address);

// At the start of a block it has none; each is made as the first thread comes to its declaration.
void forget_shared_arrays();

void check_shared(uintptr_t address, size_t size, bool writes);

// Forbids all access to these bytes, of one array, while a copy to them is under way.
void set_under_way(uintptr_t address, size_t size, bool under_way);

}
