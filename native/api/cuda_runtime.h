// The types of CUDA's runtime. The build compiles the room `runtime` with NVIDIA's own header too, where it finds one:
// that holds every function to its arguments, and the numbers below to NVIDIA's.
#pragma once
#include "api/cuda.h"

#ifdef CHARLSTM_CUDA_RUNTIME_H
#include CHARLSTM_CUDA_RUNTIME_H
#else
#include "api/cuda_runtime_subset.h"
#endif
