// libcuda.so.1: NVIDIA's names, forwarded. A function that is not here is absent, as on a driver too old to have it.
#include "calls/calls.h"
#include "calls/forward.h"

#define FORWARD(needs, name, parameters, arguments) \
  FORWARD_AS(CUresult, CUresult, needs, name, parameters, arguments)

FORWARD(NOTHING, cuInit, (unsigned int flags), (flags))
FORWARD(NOTHING, cuDriverGetVersion, (int* version), (version))
FORWARD(NOTHING, cuGetExportTable, (const void** table, const CUuuid* id), (table, id))
FORWARD(DRIVER, cuDeviceGetCount, (int* count), (count))
FORWARD(DRIVER, cuDeviceGet, (CUdevice* device, int ordinal), (device, ordinal))
FORWARD(DRIVER, cuDeviceGetName, (char* name, int length, CUdevice device), (name, length, device))
FORWARD(DRIVER, cuDeviceGetAttribute, (int* value, CUdevice_attribute attribute, CUdevice device),
        (value, attribute, device))
FORWARD(DRIVER, cuDeviceTotalMem_v2, (size_t* bytes, CUdevice device), (bytes, device))
FORWARD(DRIVER, cuDeviceComputeCapability, (int* major, int* minor, CUdevice device), (major, minor, device))
FORWARD(DRIVER, cuDevicePrimaryCtxRetain, (CUcontext* context, CUdevice device), (context, device))
FORWARD(DRIVER_TO_RELEASE, cuDevicePrimaryCtxRelease_v2, (CUdevice device), (device))
FORWARD(DRIVER, cuDevicePrimaryCtxGetState, (CUdevice device, unsigned int* flags, int* active),
        (device, flags, active))
FORWARD(DRIVER, cuCtxCreate_v2, (CUcontext* context, unsigned int flags, CUdevice device), (context, flags, device))
FORWARD(DRIVER, cuCtxCreate_v3,
        (CUcontext* context, CUexecAffinityParam* affinities, int count, unsigned int flags, CUdevice device),
        (context, affinities, count, flags, device))
FORWARD(DRIVER, cuCtxCreate_v4,
        (CUcontext* context, CUctxCreateParams* parameters, unsigned int flags, CUdevice device),
        (context, parameters, flags, device))
FORWARD(DRIVER_TO_RELEASE, cuCtxDestroy_v2, (CUcontext context), (context))
FORWARD(DRIVER, cuCtxSetCurrent, (CUcontext context), (context))
FORWARD(DRIVER, cuCtxGetCurrent, (CUcontext* context), (context))
FORWARD(DRIVER, cuCtxPushCurrent_v2, (CUcontext context), (context))
FORWARD(DRIVER, cuCtxPopCurrent_v2, (CUcontext* context), (context))
FORWARD(CONTEXT, cuCtxGetDevice, (CUdevice* device), (device))
FORWARD(CONTEXT, cuCtxSynchronize, (), ())
FORWARD(CONTEXT, cuCtxGetStreamPriorityRange, (int* least, int* greatest), (least, greatest))

FORWARD(CONTEXT, cuMemAlloc_v2, (CUdeviceptr* address, size_t bytes), (address, bytes))
FORWARD(CONTEXT, cuMemGetInfo_v2, (size_t* free, size_t* total), (free, total))
FORWARD(CONTEXT_TO_RELEASE, cuMemFree_v2, (CUdeviceptr address), (address))
FORWARD(CONTEXT, cuMemGetAddressRange_v2, (CUdeviceptr* start, size_t* size, CUdeviceptr address),
        (start, size, address))
FORWARD(CONTEXT, cuPointerGetAttribute, (void* data, CUpointer_attribute attribute, CUdeviceptr address),
        (data, attribute, address))
FORWARD(CONTEXT, cuMemAllocAsync, (CUdeviceptr* address, size_t bytes, CUstream stream), (address, bytes, stream))
FORWARD(CONTEXT_TO_RELEASE, cuMemFreeAsync, (CUdeviceptr address, CUstream stream), (address, stream))
FORWARD(DRIVER, cuDeviceGetDefaultMemPool, (CUmemoryPool* pool, CUdevice device), (pool, device))
FORWARD(DRIVER, cuMemPoolSetAttribute, (CUmemoryPool pool, CUmemPool_attribute attribute, void* value),
        (pool, attribute, value))
FORWARD(CONTEXT, cuMemAllocManaged, (CUdeviceptr* address, size_t bytes, unsigned int flags), (address, bytes, flags))
FORWARD(DRIVER, cuDeviceCanAccessPeer, (int* can, CUdevice device, CUdevice peer), (can, device, peer))
FORWARD(CONTEXT, cuMemcpyPeerAsync,
        (CUdeviceptr to, CUcontext toContext, CUdeviceptr from, CUcontext fromContext, size_t bytes, CUstream stream),
        (to, toContext, from, fromContext, bytes, stream))
FORWARD(CONTEXT, cuMemcpy2DAsync_v2, (const CUDA_MEMCPY2D* copy, CUstream stream), (copy, stream))
FORWARD(CONTEXT, cuMemHostAlloc, (void** address, size_t bytes, unsigned int flags), (address, bytes, flags))
FORWARD(CONTEXT, cuMemAllocHost_v2, (void** address, size_t bytes), (address, bytes))
FORWARD(CONTEXT_TO_RELEASE, cuMemFreeHost, (void* address), (address))
FORWARD(CONTEXT, cuMemcpyHtoD_v2, (CUdeviceptr to, const void* from, size_t bytes), (to, from, bytes))
FORWARD(CONTEXT, cuMemcpyDtoH_v2, (void* to, CUdeviceptr from, size_t bytes), (to, from, bytes))
FORWARD(CONTEXT, cuMemcpyDtoD_v2, (CUdeviceptr to, CUdeviceptr from, size_t bytes), (to, from, bytes))
FORWARD(CONTEXT, cuMemcpyHtoDAsync_v2, (CUdeviceptr to, const void* from, size_t bytes, CUstream stream),
        (to, from, bytes, stream))
FORWARD(CONTEXT, cuMemcpyDtoHAsync_v2, (void* to, CUdeviceptr from, size_t bytes, CUstream stream),
        (to, from, bytes, stream))
FORWARD(CONTEXT, cuMemcpyDtoDAsync_v2, (CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream),
        (to, from, bytes, stream))
FORWARD(CONTEXT, cuMemsetD8_v2, (CUdeviceptr to, unsigned char value, size_t count), (to, value, count))
FORWARD(CONTEXT, cuMemsetD16_v2, (CUdeviceptr to, unsigned short value, size_t count), (to, value, count))
FORWARD(CONTEXT, cuMemsetD32_v2, (CUdeviceptr to, unsigned int value, size_t count), (to, value, count))
FORWARD(CONTEXT, cuMemsetD8Async, (CUdeviceptr to, unsigned char value, size_t count, CUstream stream),
        (to, value, count, stream))
FORWARD(CONTEXT, cuMemsetD16Async, (CUdeviceptr to, unsigned short value, size_t count, CUstream stream),
        (to, value, count, stream))
FORWARD(CONTEXT, cuMemsetD32Async, (CUdeviceptr to, unsigned int value, size_t count, CUstream stream),
        (to, value, count, stream))
FORWARD(CONTEXT, cuMemsetD2D32Async,
        (CUdeviceptr to, size_t pitch, unsigned int value, size_t width, size_t height, CUstream stream),
        (to, pitch, value, width, height, stream))

FORWARD(CONTEXT, cuStreamCreate, (CUstream* stream, unsigned int flags), (stream, flags))
FORWARD(CONTEXT, cuStreamCreateWithPriority, (CUstream* stream, unsigned int flags, int priority),
        (stream, flags, priority))
FORWARD(CONTEXT, cuStreamGetPriority, (CUstream stream, int* priority), (stream, priority))
FORWARD(CONTEXT, cuStreamGetCtx, (CUstream stream, CUcontext* context), (stream, context))
FORWARD(CONTEXT_TO_RELEASE, cuStreamDestroy_v2, (CUstream stream), (stream))
FORWARD(CONTEXT, cuStreamSynchronize, (CUstream stream), (stream))
FORWARD(CONTEXT, cuStreamQuery, (CUstream stream), (stream))
FORWARD(CONTEXT, cuStreamAddCallback, (CUstream stream, CUstreamCallback callback, void* data, unsigned int flags),
        (stream, callback, data, flags))
FORWARD(CONTEXT, cuLaunchHostFunc, (CUstream stream, CUhostFn function, void* data), (stream, function, data))
FORWARD(CONTEXT, cuStreamBeginCapture_v2, (CUstream stream, CUstreamCaptureMode mode), (stream, mode))
FORWARD(CONTEXT, cuGraphInstantiateWithFlags, (CUgraphExec* executable, CUgraph graph, unsigned long long flags),
        (executable, graph, flags))
FORWARD(CONTEXT, cuGraphExecUpdate_v2, (CUgraphExec executable, CUgraph graph, CUgraphExecUpdateResultInfo* info),
        (executable, graph, info))
FORWARD(CONTEXT, cuGraphLaunch, (CUgraphExec executable, CUstream stream), (executable, stream))
FORWARD(CONTEXT_TO_RELEASE, cuGraphDestroy, (CUgraph graph), (graph))
FORWARD(CONTEXT_TO_RELEASE, cuGraphExecDestroy, (CUgraphExec executable), (executable))

FORWARD(CONTEXT, cuEventCreate, (CUevent* event, unsigned int flags), (event, flags))
FORWARD(CONTEXT_TO_RELEASE, cuEventDestroy_v2, (CUevent event), (event))
FORWARD(CONTEXT, cuEventRecord, (CUevent event, CUstream stream), (event, stream))
FORWARD(CONTEXT, cuEventQuery, (CUevent event), (event))
FORWARD(CONTEXT, cuEventSynchronize, (CUevent event), (event))
FORWARD(CONTEXT, cuStreamWaitEvent, (CUstream stream, CUevent event, unsigned int flags), (stream, event, flags))
FORWARD(CONTEXT, cuEventElapsedTime, (float* milliseconds, CUevent start, CUevent end), (milliseconds, start, end))

FORWARD(CONTEXT, cuModuleLoad, (CUmodule* module, const char* path), (module, path))
FORWARD(CONTEXT, cuModuleLoadData, (CUmodule* module, const void* image), (module, image))
FORWARD(CONTEXT, cuModuleLoadDataEx,
        (CUmodule* module, const void* image, unsigned int count, CUjit_option* options, void** values),
        (module, image, count, options, values))
FORWARD(CONTEXT, cuModuleLoadFatBinary, (CUmodule* module, const void* image), (module, image))
FORWARD(CONTEXT_TO_RELEASE, cuModuleUnload, (CUmodule module), (module))
FORWARD(CONTEXT, cuModuleGetFunction, (CUfunction* function, CUmodule module, const char* name),
        (function, module, name))
FORWARD(CONTEXT, cuModuleGetFunctionCount, (unsigned int* count, CUmodule module), (count, module))
FORWARD(CONTEXT, cuModuleEnumerateFunctions, (CUfunction* functions, unsigned int most, CUmodule module),
        (functions, most, module))
FORWARD(CONTEXT, cuModuleGetGlobal_v2, (CUdeviceptr* start, size_t* size, CUmodule module, const char* name),
        (start, size, module, name))
FORWARD(CONTEXT, cuLinkCreate_v2, (unsigned int count, CUjit_option* options, void** values, CUlinkState* link),
        (count, options, values, link))
FORWARD(CONTEXT, cuLinkAddData_v2,
        (CUlinkState link, CUjitInputType type, void* data, size_t size, const char* name, unsigned int count,
         CUjit_option* options, void** values),
        (link, type, data, size, name, count, options, values))
FORWARD(CONTEXT, cuLinkAddFile_v2,
        (CUlinkState link, CUjitInputType type, const char* path, unsigned int count, CUjit_option* options,
         void** values),
        (link, type, path, count, options, values))
FORWARD(CONTEXT, cuLinkComplete, (CUlinkState link, void** image, size_t* size), (link, image, size))
FORWARD(CONTEXT_TO_RELEASE, cuLinkDestroy, (CUlinkState link), (link))
FORWARD(CONTEXT, cuFuncGetModule, (CUmodule* module, CUfunction function), (module, function))
FORWARD(CONTEXT, cuFuncSetCacheConfig, (CUfunction function, CUfunc_cache preference), (function, preference))
FORWARD(CONTEXT, cuFuncSetAttribute, (CUfunction function, CUfunction_attribute attribute, int value),
        (function, attribute, value))
FORWARD(CONTEXT, cuFuncGetAttribute, (int* value, CUfunction_attribute attribute, CUfunction function),
        (value, attribute, function))
FORWARD(CONTEXT, cuFuncGetParamInfo, (CUfunction function, size_t index, size_t* offset, size_t* size),
        (function, index, offset, size))
FORWARD(CONTEXT, cuOccupancyMaxActiveBlocksPerMultiprocessor,
        (int* blocks, CUfunction function, int threads, size_t dynamicShared),
        (blocks, function, threads, dynamicShared))
FORWARD(CONTEXT, cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags,
        (int* blocks, CUfunction function, int threads, size_t dynamicShared, unsigned int flags),
        (blocks, function, threads, dynamicShared, flags))
FORWARD(CONTEXT, cuOccupancyMaxPotentialBlockSize,
        (int* grid, int* threads, CUfunction function, CUoccupancyB2DSize sharedFor, size_t dynamicShared, int limit),
        (grid, threads, function, sharedFor, dynamicShared, limit))
FORWARD(CONTEXT, cuLaunchKernel,
        (CUfunction function, unsigned int gridX, unsigned int gridY, unsigned int gridZ, unsigned int blockX,
         unsigned int blockY, unsigned int blockZ, unsigned int sharedBytes, CUstream stream, void** arguments,
         void** extra),
        (function, gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes, stream, arguments, extra))
FORWARD(CONTEXT, cuOccupancyMaxActiveClusters, (int* clusters, CUfunction function, const CUlaunchConfig* config),
        (clusters, function, config))
FORWARD(CONTEXT, cuOccupancyMaxPotentialClusterSize, (int* blocks, CUfunction function, const CUlaunchConfig* config),
        (blocks, function, config))
FORWARD(CONTEXT, cuLaunchCooperativeKernel,
        (CUfunction function, unsigned int gridX, unsigned int gridY, unsigned int gridZ, unsigned int blockX,
         unsigned int blockY, unsigned int blockZ, unsigned int sharedBytes, CUstream stream, void** arguments),
        (function, gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes, stream, arguments))
FORWARD(CONTEXT, cuLaunchKernelEx,
        (const CUlaunchConfig* config, CUfunction function, void** arguments, void** extra),
        (config, function, arguments, extra))

// A capture whose end fails is over all the same, and leaves no graph.
EXPORT CUresult cuStreamEndCapture(CUstream stream, CUgraph* graph) {
  sim::Admission admission(sim::Needs::CONTEXT_TO_RELEASE);
  CUresult result = admission.granted() ? sim::cuStreamEndCapture(stream, graph) : CUDA_SUCCESS;
  CUresult answer = admission.answer(result);
  if (admission.granted() && result == CUDA_SUCCESS && answer != CUDA_SUCCESS) {
    sim::cuGraphDestroy(*graph);
    *graph = nullptr;
  }
  return answer;
}

// Explaining an error is never refused and never made to fail, or no message could be tested.
EXPORT CUresult cuGetErrorName(CUresult code, const char** name) {
  return sim::cuGetErrorName(code, name);
}
