// The driver's types and prototypes. Where the build finds NVIDIA's own header, it compiles the shim with that header,
// too, which checks the order and width of every function's arguments.
#pragma once

#ifdef CHARLSTM_CUDA_H
// Programs also call deprecated functions.
#define CUDA_ENABLE_DEPRECATED
#include CHARLSTM_CUDA_H
// From CUDA 12.8 on this name is a macro for cuEventElapsedTime_v2; programs call the older name, which has the same
// parameters.
#undef cuEventElapsedTime
// Programs built with older headers call these names.
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
// An older header lacks some of these functions; NVIDIA's library has all.
extern "C" CUresult CUDAAPI cuCtxCreate_v2(CUcontext* context, unsigned int flags, CUdevice device);
extern "C" CUresult CUDAAPI cuCtxCreate_v3(CUcontext* context, CUexecAffinityParam* affinities, int count,
                                           unsigned int flags, CUdevice device);
#else
#include "api/cuda_subset.h"
#endif
