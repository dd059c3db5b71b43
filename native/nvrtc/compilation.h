// A text that becomes a shared object, by the C++ compiler of this machine.
#pragma once
#include <string>

#include "nvrtc/options.h"
#include "nvrtc/program.h"

namespace nvrtc {

// The code is empty where the text has no kernels. What is wrong goes to the program's log, as NVRTC says it.
Result compile(Program& program, const Options& options, std::string& code);

}
