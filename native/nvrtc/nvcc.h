// Compiles by NVIDIA's nvcc on machines that have nvcc but not NVRTC.
#pragma once
#include "nvrtc/program.h"

namespace nvrtc {

// Compiles the program by this file of nvcc, and sets its PTX, its log and its lowered names.
Result compile_by_nvcc(Program& program, const std::string& nvcc, int count, const char* const* options);

}
