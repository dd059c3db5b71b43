// The functions of libcudadevrt by which the blocks of a grid meet, in numba's kernels and in older programs.
#pragma once
#include <string>

namespace sim::ptx {

// PTX that defines the functions.
extern const char DEVICE_RUNTIME[];

bool in_device_runtime(const std::string& function);

}
