// Constants of kernels, which they may read, in this library and in those that are loaded later.
#pragma once
#include <cstdint>

namespace sim {

bool in_program(uintptr_t address);
// Of a program's own kernels alone.
bool in_own_code(uintptr_t address);

// The library that holds this address, as long as it is loaded; of a program's own kernels or not.
void add_program(const void* inside, bool own);
void remove_program(const void* inside);

}
