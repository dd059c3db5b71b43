// Operations on device memory.
#pragma once
#include "api/cuda.h"
#include "memory/memory.h"

namespace sim {

// The range was good when the call came; if it is not when the operation runs, it was freed too early, which fails the
// context.
CUresult freed_too_early(const char* what, size_t bytes, Address address);

}
