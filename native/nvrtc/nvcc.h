// NVIDIA's nvcc in place of its NVRTC, where a machine has that alone.
#pragma once
#include "nvrtc/program.h"

namespace nvrtc {

// The program's PTX, its log and its names in the code, by this file of nvcc.
Result compile_by_nvcc(Program& program, const std::string& nvcc, int count, const char* const* options);

}
