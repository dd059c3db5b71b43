// The options that NVRTC knows, since nvcc, its replacement, knows others.
#pragma once
#include <string>

namespace nvrtc {

// The first option that NVRTC would refuse, or an empty text.
std::string unknown_option(int count, const char* const* options);

}
