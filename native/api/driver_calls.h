// Every function of the driver that is here, once: what a call needs, its name, parameters and arguments. Who includes
// this says by CALL what to make of one. STREAM_CALL is of a call that has a stream, which has another name where null
// is the calling thread's own (_ptsz); DEFAULT_CALL of one that is always in the default stream (_ptds); OWN_CALL of
// one that the shim defines by itself. A function that is not here is absent, as on a driver too old to have it.
#ifndef STREAM_CALL
#define STREAM_CALL CALL
#endif
#ifndef DEFAULT_CALL
#define DEFAULT_CALL CALL
#endif
#ifndef OWN_CALL
#define OWN_CALL(name, parameters) CALL(NOTHING, name, parameters, ())
#endif

CALL(NOTHING, cuInit, (unsigned int flags), (flags))
CALL(NOTHING, cuDriverGetVersion, (int* version), (version))
CALL(NOTHING, cuGetExportTable, (const void** table, const CUuuid* id), (table, id))
CALL(DRIVER, cuDeviceGetCount, (int* count), (count))
CALL(DRIVER, cuDeviceGet, (CUdevice* device, int ordinal), (device, ordinal))
CALL(DRIVER, cuDeviceGetName, (char* name, int length, CUdevice device), (name, length, device))
CALL(DRIVER, cuDeviceGetAttribute, (int* value, CUdevice_attribute attribute, CUdevice device), (value, attribute,
     device))
CALL(DRIVER, cuDeviceTotalMem_v2, (size_t* bytes, CUdevice device), (bytes, device))
CALL(DRIVER, cuDeviceComputeCapability, (int* major, int* minor, CUdevice device), (major, minor, device))
CALL(DRIVER, cuDevicePrimaryCtxRetain, (CUcontext* context, CUdevice device), (context, device))
CALL(DRIVER_TO_RELEASE, cuDevicePrimaryCtxRelease_v2, (CUdevice device), (device))
CALL(DRIVER, cuDevicePrimaryCtxGetState, (CUdevice device, unsigned int* flags, int* active), (device, flags, active))
CALL(DRIVER, cuCtxCreate_v2, (CUcontext* context, unsigned int flags, CUdevice device), (context, flags, device))
CALL(DRIVER, cuCtxCreate_v3, (CUcontext* context, CUexecAffinityParam* affinities, int count, unsigned int flags,
     CUdevice device), (context, affinities, count, flags, device))
CALL(DRIVER, cuCtxCreate_v4, (CUcontext* context, CUctxCreateParams* parameters, unsigned int flags, CUdevice device),
     (context, parameters, flags, device))
CALL(DRIVER_TO_RELEASE, cuCtxDestroy_v2, (CUcontext context), (context))
CALL(DRIVER, cuCtxSetCurrent, (CUcontext context), (context))
CALL(DRIVER, cuCtxGetCurrent, (CUcontext* context), (context))
CALL(DRIVER, cuCtxPushCurrent_v2, (CUcontext context), (context))
CALL(DRIVER, cuCtxPopCurrent_v2, (CUcontext* context), (context))
CALL(CONTEXT, cuCtxGetDevice, (CUdevice* device), (device))
CALL(CONTEXT, cuCtxSynchronize, (), ())
CALL(CONTEXT, cuCtxGetStreamPriorityRange, (int* least, int* greatest), (least, greatest))

CALL(CONTEXT, cuMemAlloc_v2, (CUdeviceptr* address, size_t bytes), (address, bytes))
CALL(CONTEXT, cuMemGetInfo_v2, (size_t* free, size_t* total), (free, total))
CALL(CONTEXT_TO_RELEASE, cuMemFree_v2, (CUdeviceptr address), (address))
CALL(CONTEXT, cuMemGetAddressRange_v2, (CUdeviceptr* start, size_t* size, CUdeviceptr address), (start, size, address))
CALL(CONTEXT, cuPointerGetAttribute, (void* data, CUpointer_attribute attribute, CUdeviceptr address), (data, attribute,
     address))
STREAM_CALL(CONTEXT, cuMemAllocAsync, (CUdeviceptr* address, size_t bytes, CUstream stream), (address, bytes, stream))
STREAM_CALL(CONTEXT_TO_RELEASE, cuMemFreeAsync, (CUdeviceptr address, CUstream stream), (address, stream))
CALL(DRIVER, cuDeviceGetDefaultMemPool, (CUmemoryPool* pool, CUdevice device), (pool, device))
CALL(DRIVER, cuMemPoolSetAttribute, (CUmemoryPool pool, CUmemPool_attribute attribute, void* value), (pool, attribute,
     value))
CALL(CONTEXT, cuMemAllocManaged, (CUdeviceptr* address, size_t bytes, unsigned int flags), (address, bytes, flags))
CALL(DRIVER, cuDeviceCanAccessPeer, (int* can, CUdevice device, CUdevice peer), (can, device, peer))
STREAM_CALL(CONTEXT, cuMemcpyPeerAsync, (CUdeviceptr to, CUcontext toContext, CUdeviceptr from, CUcontext fromContext,
     size_t bytes, CUstream stream), (to, toContext, from, fromContext, bytes, stream))
STREAM_CALL(CONTEXT, cuMemcpy2DAsync_v2, (const CUDA_MEMCPY2D* copy, CUstream stream), (copy, stream))
CALL(CONTEXT, cuMemHostAlloc, (void** address, size_t bytes, unsigned int flags), (address, bytes, flags))
CALL(CONTEXT, cuMemAllocHost_v2, (void** address, size_t bytes), (address, bytes))
CALL(CONTEXT_TO_RELEASE, cuMemFreeHost, (void* address), (address))
DEFAULT_CALL(CONTEXT, cuMemcpyHtoD_v2, (CUdeviceptr to, const void* from, size_t bytes), (to, from, bytes))
DEFAULT_CALL(CONTEXT, cuMemcpyDtoH_v2, (void* to, CUdeviceptr from, size_t bytes), (to, from, bytes))
DEFAULT_CALL(CONTEXT, cuMemcpyDtoD_v2, (CUdeviceptr to, CUdeviceptr from, size_t bytes), (to, from, bytes))
STREAM_CALL(CONTEXT, cuMemcpyHtoDAsync_v2, (CUdeviceptr to, const void* from, size_t bytes, CUstream stream), (to, from,
     bytes, stream))
STREAM_CALL(CONTEXT, cuMemcpyDtoHAsync_v2, (void* to, CUdeviceptr from, size_t bytes, CUstream stream), (to, from,
     bytes, stream))
STREAM_CALL(CONTEXT, cuMemcpyDtoDAsync_v2, (CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream), (to, from,
     bytes, stream))
DEFAULT_CALL(CONTEXT, cuMemsetD8_v2, (CUdeviceptr to, unsigned char value, size_t count), (to, value, count))
DEFAULT_CALL(CONTEXT, cuMemsetD16_v2, (CUdeviceptr to, unsigned short value, size_t count), (to, value, count))
DEFAULT_CALL(CONTEXT, cuMemsetD32_v2, (CUdeviceptr to, unsigned int value, size_t count), (to, value, count))
STREAM_CALL(CONTEXT, cuMemsetD8Async, (CUdeviceptr to, unsigned char value, size_t count, CUstream stream), (to, value,
     count, stream))
STREAM_CALL(CONTEXT, cuMemsetD16Async, (CUdeviceptr to, unsigned short value, size_t count, CUstream stream), (to,
     value, count, stream))
STREAM_CALL(CONTEXT, cuMemsetD32Async, (CUdeviceptr to, unsigned int value, size_t count, CUstream stream), (to, value,
     count, stream))
STREAM_CALL(CONTEXT, cuMemsetD2D32Async, (CUdeviceptr to, size_t pitch, unsigned int value, size_t width, size_t height,
     CUstream stream), (to, pitch, value, width, height, stream))

CALL(CONTEXT, cuStreamCreate, (CUstream* stream, unsigned int flags), (stream, flags))
CALL(CONTEXT, cuStreamCreateWithPriority, (CUstream* stream, unsigned int flags, int priority), (stream, flags,
     priority))
STREAM_CALL(CONTEXT, cuStreamGetPriority, (CUstream stream, int* priority), (stream, priority))
STREAM_CALL(CONTEXT, cuStreamGetCtx, (CUstream stream, CUcontext* context), (stream, context))
CALL(CONTEXT_TO_RELEASE, cuStreamDestroy_v2, (CUstream stream), (stream))
STREAM_CALL(CONTEXT, cuStreamSynchronize, (CUstream stream), (stream))
STREAM_CALL(CONTEXT, cuStreamQuery, (CUstream stream), (stream))
STREAM_CALL(CONTEXT, cuStreamAddCallback, (CUstream stream, CUstreamCallback callback, void* data, unsigned int flags),
     (stream, callback, data, flags))
STREAM_CALL(CONTEXT, cuLaunchHostFunc, (CUstream stream, CUhostFn function, void* data), (stream, function, data))
STREAM_CALL(CONTEXT, cuStreamBeginCapture_v2, (CUstream stream, CUstreamCaptureMode mode), (stream, mode))
CALL(CONTEXT, cuGraphInstantiateWithFlags, (CUgraphExec* executable, CUgraph graph, unsigned long long flags),
     (executable, graph, flags))
CALL(CONTEXT, cuGraphExecUpdate_v2, (CUgraphExec executable, CUgraph graph, CUgraphExecUpdateResultInfo* info),
     (executable, graph, info))
STREAM_CALL(CONTEXT, cuGraphLaunch, (CUgraphExec executable, CUstream stream), (executable, stream))
CALL(CONTEXT_TO_RELEASE, cuGraphDestroy, (CUgraph graph), (graph))
CALL(CONTEXT_TO_RELEASE, cuGraphExecDestroy, (CUgraphExec executable), (executable))

CALL(CONTEXT, cuEventCreate, (CUevent* event, unsigned int flags), (event, flags))
CALL(CONTEXT_TO_RELEASE, cuEventDestroy_v2, (CUevent event), (event))
STREAM_CALL(CONTEXT, cuEventRecord, (CUevent event, CUstream stream), (event, stream))
CALL(CONTEXT, cuEventQuery, (CUevent event), (event))
CALL(CONTEXT, cuEventSynchronize, (CUevent event), (event))
CALL(CONTEXT, cuEventElapsedTime_v2, (float* milliseconds, CUevent start, CUevent end), (milliseconds, start, end))
STREAM_CALL(CONTEXT, cuStreamWaitEvent, (CUstream stream, CUevent event, unsigned int flags), (stream, event, flags))
CALL(CONTEXT, cuEventElapsedTime, (float* milliseconds, CUevent start, CUevent end), (milliseconds, start, end))

CALL(CONTEXT, cuModuleLoad, (CUmodule* module, const char* path), (module, path))
CALL(CONTEXT, cuModuleLoadData, (CUmodule* module, const void* image), (module, image))
CALL(CONTEXT, cuModuleLoadDataEx, (CUmodule* module, const void* image, unsigned int count, CUjit_option* options,
     void** values), (module, image, count, options, values))
CALL(CONTEXT, cuModuleLoadFatBinary, (CUmodule* module, const void* image), (module, image))
CALL(CONTEXT_TO_RELEASE, cuModuleUnload, (CUmodule module), (module))
CALL(CONTEXT, cuModuleGetFunction, (CUfunction* function, CUmodule module, const char* name), (function, module, name))
CALL(CONTEXT, cuModuleGetFunctionCount, (unsigned int* count, CUmodule module), (count, module))
CALL(CONTEXT, cuModuleEnumerateFunctions, (CUfunction* functions, unsigned int most, CUmodule module), (functions, most,
     module))
CALL(CONTEXT, cuModuleGetGlobal_v2, (CUdeviceptr* start, size_t* size, CUmodule module, const char* name), (start, size,
     module, name))
CALL(CONTEXT, cuLinkCreate_v2, (unsigned int count, CUjit_option* options, void** values, CUlinkState* link), (count,
     options, values, link))
CALL(CONTEXT, cuLinkAddData_v2, (CUlinkState link, CUjitInputType type, void* data, size_t size, const char* name,
     unsigned int count, CUjit_option* options, void** values), (link, type, data, size, name, count, options, values))
CALL(CONTEXT, cuLinkAddFile_v2, (CUlinkState link, CUjitInputType type, const char* path, unsigned int count,
     CUjit_option* options, void** values), (link, type, path, count, options, values))
CALL(CONTEXT, cuLinkComplete, (CUlinkState link, void** image, size_t* size), (link, image, size))
CALL(CONTEXT_TO_RELEASE, cuLinkDestroy, (CUlinkState link), (link))
CALL(CONTEXT, cuFuncGetModule, (CUmodule* module, CUfunction function), (module, function))
CALL(CONTEXT, cuFuncSetCacheConfig, (CUfunction function, CUfunc_cache preference), (function, preference))
CALL(CONTEXT, cuFuncSetAttribute, (CUfunction function, CUfunction_attribute attribute, int value), (function,
     attribute, value))
CALL(CONTEXT, cuFuncGetAttribute, (int* value, CUfunction_attribute attribute, CUfunction function), (value, attribute,
     function))
CALL(CONTEXT, cuFuncGetParamInfo, (CUfunction function, size_t index, size_t* offset, size_t* size), (function, index,
     offset, size))
CALL(CONTEXT, cuOccupancyMaxActiveBlocksPerMultiprocessor, (int* blocks, CUfunction function, int threads, size_t
     dynamicShared), (blocks, function, threads, dynamicShared))
CALL(CONTEXT, cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags, (int* blocks, CUfunction function, int threads,
     size_t dynamicShared, unsigned int flags), (blocks, function, threads, dynamicShared, flags))
CALL(CONTEXT, cuOccupancyMaxPotentialBlockSize, (int* grid, int* threads, CUfunction function, CUoccupancyB2DSize
     sharedFor, size_t dynamicShared, int limit), (grid, threads, function, sharedFor, dynamicShared, limit))
STREAM_CALL(CONTEXT, cuLaunchKernel, (CUfunction function, unsigned int gridX, unsigned int gridY, unsigned int gridZ,
     unsigned int blockX, unsigned int blockY, unsigned int blockZ, unsigned int sharedBytes, CUstream stream, void**
     arguments, void** extra), (function, gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes, stream, arguments,
     extra))
CALL(CONTEXT, cuOccupancyMaxActiveClusters, (int* clusters, CUfunction function, const CUlaunchConfig* config),
     (clusters, function, config))
CALL(CONTEXT, cuOccupancyMaxPotentialClusterSize, (int* blocks, CUfunction function, const CUlaunchConfig* config),
     (blocks, function, config))
STREAM_CALL(CONTEXT, cuLaunchCooperativeKernel, (CUfunction function, unsigned int gridX, unsigned int gridY, unsigned
     int gridZ, unsigned int blockX, unsigned int blockY, unsigned int blockZ, unsigned int sharedBytes, CUstream
     stream, void** arguments), (function, gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes, stream, arguments))
STREAM_CALL(CONTEXT, cuLaunchKernelEx, (const CUlaunchConfig* config, CUfunction function, void** arguments, void**
     extra), (config, function, arguments, extra))

OWN_CALL(cuStreamEndCapture, (CUstream stream, CUgraph* graph))
OWN_CALL(cuGetErrorName, (CUresult code, const char** name))
OWN_CALL(cuGetErrorString, (CUresult code, const char** words))

#undef CALL
#undef STREAM_CALL
#undef DEFAULT_CALL
#undef OWN_CALL
