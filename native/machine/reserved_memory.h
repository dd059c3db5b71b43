// The system's own part of a block's shared memory.
#pragma once
#include <cstddef>

namespace sim {

// For cooperative_groups.h too; zeros at first. No limit counts it.
constexpr size_t RESERVED_SHARED = 1 << 10;
void* reserved_shared();

}
