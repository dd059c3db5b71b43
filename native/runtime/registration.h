// Kernels and variables of the program's own fat binaries.
#pragma once
#include "api/cuda_runtime.h"

namespace cudart {

// The modules of a context are gone.
void forget_loaded(CUcontext context);

}
