// The driver's types and prototypes: NVIDIA's own header where the build found one, so that the compiler holds every
// function here to its argument order and widths; otherwise the few declarations that are needed.
#pragma once

#ifdef CHARLSTM_CUDA_H
#include CHARLSTM_CUDA_H
// From CUDA 12.8 on it stands for cuEventElapsedTime_v2; the older name takes the same and is the one that is called.
#undef cuEventElapsedTime
extern "C" CUresult CUDAAPI cuEventElapsedTime(float* milliseconds, CUevent start, CUevent end);
#else
#include "api/cuda_subset.h"
#endif
