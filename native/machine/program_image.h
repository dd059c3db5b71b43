// Constants of kernels, which they may read, in this library and in those that are loaded later.
#pragma once
#include <cstdint>

namespace sim {

bool in_program(uintptr_t address);

// The library that holds this address, which stays loaded.
void add_program(const void* inside);

}
