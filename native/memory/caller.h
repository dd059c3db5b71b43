// Which place of the program made the call that runs.
#pragma once
#include <string>

namespace sim {

// "main, program+0x1234", whose number addr2line takes; empty where the program's frames cannot be read, as in Java.
std::string caller();

}
