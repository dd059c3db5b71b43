// Which place of the program made the call that runs, or an access.
#pragma once
#include <cstdint>
#include <string>

namespace sim {

// "main, program+0x1234", whose number addr2line takes; empty where the program's frames cannot be read, as in Java.
std::string caller();

// The same of an instruction, with its line if addr2line finds one. A function of the C library stands for its caller.
std::string place_of_code(uintptr_t instruction, uintptr_t above);

}
