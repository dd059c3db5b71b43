// NVIDIA's nvcc in place of its NVRTC, where a machine has that alone.
#pragma once
#include "nvrtc/options.h"
#include "nvrtc/program.h"

namespace nvrtc {

// The program's PTX, its log and its names in the code. The options are known, and nvcc has them.
Result compile_by_nvcc(Program& program, const std::string& nvcc, int count, const char* const* options);

// Functions without __device__ belong to the host in nvcc's eyes, whatever an option says.
bool serves_nvcc(int count, const char* const* options);

}
