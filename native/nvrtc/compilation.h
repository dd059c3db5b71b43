// A text that becomes a shared object, by the C++ compiler of this machine.
#pragma once
#include <string>

#include "nvrtc/options.h"
#include "nvrtc/program.h"

namespace nvrtc {

// The code is empty where the text has no kernels. Errors go to the program's log, in NVRTC's form.
Result compile(Program& program, const Options& options, std::string& code);

}
