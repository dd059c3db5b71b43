// The simulated driver as its shim sees it: each function of the real driver under its own name in this namespace, of
// exactly the type that cuda.h gives it.
#pragma once
#include "api/cuda.h"

namespace sim __attribute__((visibility("default"))) {

decltype(::cuInit) cuInit;
decltype(::cuDriverGetVersion) cuDriverGetVersion;
decltype(::cuDeviceGetCount) cuDeviceGetCount;
decltype(::cuDeviceGet) cuDeviceGet;
decltype(::cuDeviceGetName) cuDeviceGetName;
decltype(::cuDeviceGetAttribute) cuDeviceGetAttribute;
decltype(::cuDeviceTotalMem_v2) cuDeviceTotalMem_v2;
decltype(::cuDevicePrimaryCtxRetain) cuDevicePrimaryCtxRetain;
decltype(::cuDevicePrimaryCtxRelease_v2) cuDevicePrimaryCtxRelease_v2;
decltype(::cuCtxSetCurrent) cuCtxSetCurrent;
decltype(::cuCtxGetStreamPriorityRange) cuCtxGetStreamPriorityRange;
decltype(::cuMemAlloc_v2) cuMemAlloc_v2;
decltype(::cuMemGetInfo_v2) cuMemGetInfo_v2;
decltype(::cuMemFree_v2) cuMemFree_v2;
decltype(::cuMemHostAlloc) cuMemHostAlloc;
decltype(::cuMemFreeHost) cuMemFreeHost;
decltype(::cuMemcpyHtoDAsync_v2) cuMemcpyHtoDAsync_v2;
decltype(::cuMemcpyDtoHAsync_v2) cuMemcpyDtoHAsync_v2;
decltype(::cuMemcpyDtoDAsync_v2) cuMemcpyDtoDAsync_v2;
decltype(::cuMemsetD8Async) cuMemsetD8Async;
decltype(::cuMemsetD16Async) cuMemsetD16Async;
decltype(::cuMemsetD32Async) cuMemsetD32Async;
decltype(::cuMemsetD2D32Async) cuMemsetD2D32Async;
decltype(::cuStreamCreateWithPriority) cuStreamCreateWithPriority;
decltype(::cuStreamGetPriority) cuStreamGetPriority;
decltype(::cuStreamDestroy_v2) cuStreamDestroy_v2;
decltype(::cuStreamSynchronize) cuStreamSynchronize;
decltype(::cuStreamQuery) cuStreamQuery;
decltype(::cuStreamBeginCapture_v2) cuStreamBeginCapture_v2;
decltype(::cuStreamEndCapture) cuStreamEndCapture;
decltype(::cuGraphInstantiateWithFlags) cuGraphInstantiateWithFlags;
decltype(::cuGraphExecUpdate_v2) cuGraphExecUpdate_v2;
decltype(::cuGraphLaunch) cuGraphLaunch;
decltype(::cuGraphDestroy) cuGraphDestroy;
decltype(::cuGraphExecDestroy) cuGraphExecDestroy;
decltype(::cuEventCreate) cuEventCreate;
decltype(::cuEventDestroy_v2) cuEventDestroy_v2;
decltype(::cuEventRecord) cuEventRecord;
decltype(::cuEventQuery) cuEventQuery;
decltype(::cuEventSynchronize) cuEventSynchronize;
decltype(::cuStreamWaitEvent) cuStreamWaitEvent;
decltype(::cuEventElapsedTime) cuEventElapsedTime;
decltype(::cuModuleLoadData) cuModuleLoadData;
decltype(::cuModuleUnload) cuModuleUnload;
decltype(::cuModuleGetFunction) cuModuleGetFunction;
decltype(::cuFuncSetAttribute) cuFuncSetAttribute;
decltype(::cuFuncGetAttribute) cuFuncGetAttribute;
decltype(::cuFuncGetParamInfo) cuFuncGetParamInfo;
decltype(::cuOccupancyMaxActiveBlocksPerMultiprocessor) cuOccupancyMaxActiveBlocksPerMultiprocessor;
decltype(::cuOccupancyMaxPotentialBlockSize) cuOccupancyMaxPotentialBlockSize;
decltype(::cuLaunchKernel) cuLaunchKernel;
decltype(::cuLaunchKernelEx) cuLaunchKernelEx;
decltype(::cuGetErrorName) cuGetErrorName;

}
