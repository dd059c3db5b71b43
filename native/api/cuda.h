// The driver's types and prototypes. The build compiles the shim with NVIDIA's own header too, where it finds one: that
// holds every function to its argument order and widths.
#pragma once

#ifdef CHARLSTM_CUDA_H
// Programs call what is deprecated, too.
#define CUDA_ENABLE_DEPRECATED
#include CHARLSTM_CUDA_H
// From CUDA 12.8 on it stands for cuEventElapsedTime_v2; the older name takes the same and is the one that is called.
#undef cuEventElapsedTime
// Programs of older headers call these.
#undef cuMemAdvise
#undef cuMemPrefetchAsync
#undef cuGetProcAddress
#undef cuDeviceGetUuid
#undef cuGraphAddDependencies
#undef cuGraphRemoveDependencies
#undef cuGraphGetEdges
#undef cuGraphNodeGetDependencies
#undef cuGraphNodeGetDependentNodes
extern "C" CUresult CUDAAPI cuEventElapsedTime(float* milliseconds, CUevent start, CUevent end);
// An older header has one of these; NVIDIA's library has all.
extern "C" CUresult CUDAAPI cuCtxCreate_v2(CUcontext* context, unsigned int flags, CUdevice device);
extern "C" CUresult CUDAAPI cuCtxCreate_v3(CUcontext* context, CUexecAffinityParam* affinities, int count,
                                           unsigned int flags, CUdevice device);
#else
#include "api/cuda_subset.h"
#endif
