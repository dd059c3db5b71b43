// The program's own constants, which a kernel may read.
#pragma once
#include <cstdint>

namespace sim {

bool in_program(uintptr_t address);

}
