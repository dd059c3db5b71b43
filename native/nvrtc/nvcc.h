// NVIDIA's nvcc in place of its NVRTC, where a machine has that alone.
#pragma once
#include "nvrtc/options.h"
#include "nvrtc/program.h"

namespace nvrtc {

// The program's PTX, its log and its names in the code. The options are known; nvcc goes without the one below.
Result compile_by_nvcc(Program& program, const std::string& nvcc, int count, const char* const* options);

// Whether functions without __device__ are the device's: nvcc has no option for that.
bool makes_device_functions(int count, const char* const* options);

}
