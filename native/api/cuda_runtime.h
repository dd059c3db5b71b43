// The types of CUDA's runtime. Where the build finds NVIDIA's own header, it compiles the room `runtime` with that
// header, too, which checks every function's arguments and the numbers below.
#pragma once
#include "api/cuda.h"

#ifdef CHARLSTM_CUDA_RUNTIME_H
#include CHARLSTM_CUDA_RUNTIME_H
#else
#include "api/cuda_runtime_subset.h"
#endif
