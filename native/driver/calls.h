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
decltype(::cuMemAlloc_v2) cuMemAlloc_v2;
decltype(::cuMemGetInfo_v2) cuMemGetInfo_v2;
decltype(::cuMemFree_v2) cuMemFree_v2;
decltype(::cuMemcpyHtoDAsync_v2) cuMemcpyHtoDAsync_v2;
decltype(::cuMemcpyDtoHAsync_v2) cuMemcpyDtoHAsync_v2;
decltype(::cuMemcpyDtoDAsync_v2) cuMemcpyDtoDAsync_v2;
decltype(::cuMemsetD32Async) cuMemsetD32Async;
decltype(::cuStreamCreateWithPriority) cuStreamCreateWithPriority;
decltype(::cuStreamDestroy_v2) cuStreamDestroy_v2;
decltype(::cuStreamSynchronize) cuStreamSynchronize;
decltype(::cuStreamBeginCapture_v2) cuStreamBeginCapture_v2;
decltype(::cuStreamEndCapture) cuStreamEndCapture;
decltype(::cuGraphInstantiateWithFlags) cuGraphInstantiateWithFlags;
decltype(::cuGraphLaunch) cuGraphLaunch;
decltype(::cuGraphDestroy) cuGraphDestroy;
decltype(::cuGraphExecDestroy) cuGraphExecDestroy;
decltype(::cuEventCreate) cuEventCreate;
decltype(::cuEventDestroy_v2) cuEventDestroy_v2;
decltype(::cuEventRecord) cuEventRecord;
decltype(::cuEventSynchronize) cuEventSynchronize;
decltype(::cuStreamWaitEvent) cuStreamWaitEvent;
decltype(::cuEventElapsedTime) cuEventElapsedTime;
decltype(::cuModuleLoadData) cuModuleLoadData;
decltype(::cuModuleUnload) cuModuleUnload;
decltype(::cuModuleGetFunction) cuModuleGetFunction;
decltype(::cuFuncSetAttribute) cuFuncSetAttribute;
decltype(::cuLaunchKernel) cuLaunchKernel;
decltype(::cuGetErrorName) cuGetErrorName;

}
