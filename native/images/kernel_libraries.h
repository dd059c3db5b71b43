// Libraries of kernels that run as C++: native/kernels.sh makes one of a folder, and every .so of the folder that
// CHARLSTM_SIM_KERNELS names, or else of kernels/ beside the simulator, is loaded. They stay loaded: kernels may be in
// use until the process ends.
#pragma once
#include <string>

#include "language/kernel.h"

namespace sim {

// Null if no library has it; then why says which libraries cannot be used, if any.
const Kernel* kernel_of_libraries(const std::string& name, std::string& why);

// Whether one was made of this text, a kernel's or that of a header: its code is there already.
bool stands_for(const std::string& text);

}
