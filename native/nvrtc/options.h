// The options that NVRTC knows: nvcc, which stands in for it, knows others.
#pragma once
#include <string>

namespace nvrtc {

// The first option that NVRTC refuses, or an empty text.
std::string unknown_option(int count, const char* const* options);

}
