// Every driver function that is implemented, once: its needs, name and parameters. An includer defines CALL.
// STREAM_CALL is for a call with a stream; its _ptsz name takes null as the calling thread's own default stream.
// DEFAULT_CALL is for a call that always runs in the default stream (_ptds), OWN_CALL for a function that the shim
// defines by itself. A function of names/libcuda.txt that is not listed here answers that it is not supported.
#ifndef STREAM_CALL
#define STREAM_CALL CALL
#endif
#ifndef DEFAULT_CALL
#define DEFAULT_CALL CALL
#endif
#ifndef OWN_CALL
#define OWN_CALL(name, parameters) CALL(NOTHING, name, parameters)
#endif

// The calls for one kind of node: add a node, get its parameters, set its parameters.
#define AND_CONTEXT , CUcontext context
#define NODE_CALLS(Kind, version, Parameters, and_context)                                                            \
  CALL(CONTEXT, cuGraphAdd##Kind##Node##version, (CUgraphNode* node, CUgraph graph, const CUgraphNode* dependencies,  \
       size_t count, const Parameters* parameters and_context))                                                      \
  CALL(CONTEXT, cuGraph##Kind##NodeGetParams##version, (CUgraphNode node, Parameters* parameters))                    \
  CALL(CONTEXT, cuGraph##Kind##NodeSetParams##version, (CUgraphNode node, const Parameters* parameters))              \
  CALL(CONTEXT, cuGraphExec##Kind##NodeSetParams##version, (CUgraphExec executable, CUgraphNode node,                 \
       const Parameters* parameters and_context))

CALL(NOTHING, cuInit, (unsigned int flags))
CALL(NOTHING, cuDriverGetVersion, (int* version))
CALL(NOTHING, cuGetExportTable, (const void** table, const CUuuid* id))
CALL(DRIVER, cuDeviceGetCount, (int* count))
CALL(DRIVER, cuDeviceGet, (CUdevice* device, int ordinal))
CALL(DRIVER, cuDeviceGetName, (char* name, int length, CUdevice device))
CALL(DRIVER, cuDeviceGetAttribute, (int* value, CUdevice_attribute attribute, CUdevice device))
CALL(DRIVER, cuDeviceTotalMem_v2, (size_t* bytes, CUdevice device))
CALL(DRIVER, cuDeviceComputeCapability, (int* major, int* minor, CUdevice device))
CALL(DRIVER, cuDevicePrimaryCtxRetain, (CUcontext* context, CUdevice device))
CALL(DRIVER_TO_RELEASE, cuDevicePrimaryCtxRelease_v2, (CUdevice device))
CALL(DRIVER, cuDevicePrimaryCtxGetState, (CUdevice device, unsigned int* flags, int* active))
CALL(DRIVER, cuCtxCreate_v2, (CUcontext* context, unsigned int flags, CUdevice device))
CALL(DRIVER, cuCtxCreate_v4, (CUcontext* context, CUctxCreateParams* parameters, unsigned int flags, CUdevice device))
CALL(DRIVER_TO_RELEASE, cuCtxDestroy_v2, (CUcontext context))
CALL(DRIVER, cuCtxSetCurrent, (CUcontext context))
CALL(DRIVER, cuCtxGetCurrent, (CUcontext* context))
CALL(DRIVER, cuCtxPushCurrent_v2, (CUcontext context))
CALL(DRIVER, cuCtxPopCurrent_v2, (CUcontext* context))
CALL(CONTEXT, cuCtxGetDevice, (CUdevice* device))
CALL(CONTEXT, cuCtxSynchronize, ())
CALL(DRIVER, cuDeviceGetUuid, (CUuuid* id, CUdevice device))
CALL(DRIVER, cuDeviceGetUuid_v2, (CUuuid* id, CUdevice device))
CALL(DRIVER, cuDeviceGetPCIBusId, (char* id, int length, CUdevice device))
CALL(DRIVER, cuDeviceGetByPCIBusId, (CUdevice* device, const char* id))
CALL(DRIVER, cuDevicePrimaryCtxSetFlags_v2, (CUdevice device, unsigned int flags))
CALL(DRIVER, cuDevicePrimaryCtxReset_v2, (CUdevice device))
CALL(CONTEXT, cuCtxGetFlags, (unsigned int* flags))
CALL(CONTEXT, cuCtxGetLimit, (size_t* value, CUlimit limit))
CALL(CONTEXT, cuCtxSetLimit, (CUlimit limit, size_t value))
CALL(CONTEXT, cuCtxGetCacheConfig, (CUfunc_cache* preference))
CALL(CONTEXT, cuCtxSetCacheConfig, (CUfunc_cache preference))
CALL(CONTEXT, cuCtxGetSharedMemConfig, (CUsharedconfig* banks))
CALL(CONTEXT, cuCtxSetSharedMemConfig, (CUsharedconfig banks))
CALL(CONTEXT, cuFuncSetSharedMemConfig, (CUfunction function, CUsharedconfig banks))
CALL(CONTEXT, cuProfilerStart, ())
CALL(CONTEXT, cuProfilerStop, ())
CALL(CONTEXT, cuCtxGetStreamPriorityRange, (int* least, int* greatest))

CALL(CONTEXT, cuMemAlloc_v2, (CUdeviceptr* address, size_t bytes))
CALL(CONTEXT, cuMemGetInfo_v2, (size_t* free, size_t* total))
CALL(CONTEXT_TO_RELEASE, cuMemFree_v2, (CUdeviceptr address))
CALL(CONTEXT, cuMemGetAddressRange_v2, (CUdeviceptr* start, size_t* size, CUdeviceptr address))
CALL(CONTEXT, cuPointerGetAttribute, (void* data, CUpointer_attribute attribute, CUdeviceptr address))
STREAM_CALL(CONTEXT, cuMemAllocAsync, (CUdeviceptr* address, size_t bytes, CUstream stream))
STREAM_CALL(CONTEXT_TO_RELEASE, cuMemFreeAsync, (CUdeviceptr address, CUstream stream))
CALL(DRIVER, cuDeviceGetDefaultMemPool, (CUmemoryPool* pool, CUdevice device))
CALL(DRIVER, cuMemPoolSetAttribute, (CUmemoryPool pool, CUmemPool_attribute attribute, void* value))
CALL(CONTEXT, cuMemAllocManaged, (CUdeviceptr* address, size_t bytes, unsigned int flags))
CALL(DRIVER, cuDeviceCanAccessPeer, (int* can, CUdevice device, CUdevice peer))
CALL(DRIVER, cuDeviceGetP2PAttribute, (int* value, CUdevice_P2PAttribute attribute, CUdevice device, CUdevice peer))
CALL(CONTEXT, cuCtxEnablePeerAccess, (CUcontext peer, unsigned int flags))
CALL(CONTEXT, cuCtxDisablePeerAccess, (CUcontext peer))
DEFAULT_CALL(CONTEXT, cuMemcpyPeer, (CUdeviceptr to, CUcontext toContext, CUdeviceptr from, CUcontext fromContext,
     size_t bytes))
STREAM_CALL(CONTEXT, cuMemcpyPeerAsync, (CUdeviceptr to, CUcontext toContext, CUdeviceptr from, CUcontext fromContext,
     size_t bytes, CUstream stream))
STREAM_CALL(CONTEXT, cuMemcpy2DAsync_v2, (const CUDA_MEMCPY2D* copy, CUstream stream))
CALL(CONTEXT, cuMemHostAlloc, (void** address, size_t bytes, unsigned int flags))
CALL(CONTEXT, cuMemAllocHost_v2, (void** address, size_t bytes))
CALL(CONTEXT_TO_RELEASE, cuMemFreeHost, (void* address))
DEFAULT_CALL(CONTEXT, cuMemcpyHtoD_v2, (CUdeviceptr to, const void* from, size_t bytes))
DEFAULT_CALL(CONTEXT, cuMemcpyDtoH_v2, (void* to, CUdeviceptr from, size_t bytes))
DEFAULT_CALL(CONTEXT, cuMemcpyDtoD_v2, (CUdeviceptr to, CUdeviceptr from, size_t bytes))
STREAM_CALL(CONTEXT, cuMemcpyHtoDAsync_v2, (CUdeviceptr to, const void* from, size_t bytes, CUstream stream))
STREAM_CALL(CONTEXT, cuMemcpyDtoHAsync_v2, (void* to, CUdeviceptr from, size_t bytes, CUstream stream))
STREAM_CALL(CONTEXT, cuMemcpyDtoDAsync_v2, (CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream))
DEFAULT_CALL(CONTEXT, cuMemsetD8_v2, (CUdeviceptr to, unsigned char value, size_t count))
STREAM_CALL(CONTEXT, cuMemsetD8Async, (CUdeviceptr to, unsigned char value, size_t count, CUstream stream))
DEFAULT_CALL(CONTEXT, cuMemsetD2D8_v2, (CUdeviceptr to, size_t pitch, unsigned char value, size_t width, size_t height))
STREAM_CALL(CONTEXT, cuMemsetD2D8Async, (CUdeviceptr to, size_t pitch, unsigned char value, size_t width,
     size_t height, CUstream stream))
DEFAULT_CALL(CONTEXT, cuMemsetD16_v2, (CUdeviceptr to, unsigned short value, size_t count))
STREAM_CALL(CONTEXT, cuMemsetD16Async, (CUdeviceptr to, unsigned short value, size_t count, CUstream stream))
DEFAULT_CALL(CONTEXT, cuMemsetD2D16_v2, (CUdeviceptr to, size_t pitch, unsigned short value, size_t width,
     size_t height))
STREAM_CALL(CONTEXT, cuMemsetD2D16Async, (CUdeviceptr to, size_t pitch, unsigned short value, size_t width,
     size_t height, CUstream stream))
DEFAULT_CALL(CONTEXT, cuMemsetD32_v2, (CUdeviceptr to, unsigned int value, size_t count))
STREAM_CALL(CONTEXT, cuMemsetD32Async, (CUdeviceptr to, unsigned int value, size_t count, CUstream stream))
DEFAULT_CALL(CONTEXT, cuMemsetD2D32_v2, (CUdeviceptr to, size_t pitch, unsigned int value, size_t width, size_t height))
STREAM_CALL(CONTEXT, cuMemsetD2D32Async, (CUdeviceptr to, size_t pitch, unsigned int value, size_t width,
     size_t height, CUstream stream))
DEFAULT_CALL(CONTEXT, cuMemcpy, (CUdeviceptr to, CUdeviceptr from, size_t bytes))
STREAM_CALL(CONTEXT, cuMemcpyAsync, (CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream))
DEFAULT_CALL(CONTEXT, cuMemcpy2D_v2, (const CUDA_MEMCPY2D* copy))
DEFAULT_CALL(CONTEXT, cuMemcpy2DUnaligned_v2, (const CUDA_MEMCPY2D* copy))
DEFAULT_CALL(CONTEXT, cuMemcpy3D_v2, (const CUDA_MEMCPY3D* copy))
STREAM_CALL(CONTEXT, cuMemcpy3DAsync_v2, (const CUDA_MEMCPY3D* copy, CUstream stream))
DEFAULT_CALL(CONTEXT, cuMemcpy3DPeer, (const CUDA_MEMCPY3D_PEER* copy))
STREAM_CALL(CONTEXT, cuMemcpy3DPeerAsync, (const CUDA_MEMCPY3D_PEER* copy, CUstream stream))
CALL(CONTEXT, cuMemAllocPitch_v2, (CUdeviceptr* address, size_t* pitch, size_t width, size_t height,
     unsigned int element))
CALL(CONTEXT, cuPointerGetAttributes, (unsigned int count, CUpointer_attribute* attributes, void** data,
     CUdeviceptr address))
CALL(CONTEXT, cuMemHostRegister_v2, (void* start, size_t bytes, unsigned int flags))
CALL(CONTEXT_TO_RELEASE, cuMemHostUnregister, (void* start))
CALL(CONTEXT, cuMemHostGetDevicePointer_v2, (CUdeviceptr* address, void* host, unsigned int flags))
CALL(CONTEXT, cuMemHostGetFlags, (unsigned int* flags, void* host))
STREAM_CALL(CONTEXT, cuMemAllocFromPoolAsync, (CUdeviceptr* address, size_t bytes, CUmemoryPool pool, CUstream stream))
CALL(DRIVER, cuMemPoolCreate, (CUmemoryPool* pool, const CUmemPoolProps* properties))
CALL(DRIVER_TO_RELEASE, cuMemPoolDestroy, (CUmemoryPool pool))
CALL(DRIVER, cuMemPoolGetAttribute, (CUmemoryPool pool, CUmemPool_attribute attribute, void* value))
CALL(DRIVER, cuMemPoolTrimTo, (CUmemoryPool pool, size_t kept))
CALL(DRIVER, cuDeviceSetMemPool, (CUdevice device, CUmemoryPool pool))
CALL(DRIVER, cuDeviceGetMemPool, (CUmemoryPool* pool, CUdevice device))
STREAM_CALL(CONTEXT, cuMemPrefetchAsync, (CUdeviceptr start, size_t bytes, CUdevice where, CUstream stream))
STREAM_CALL(CONTEXT, cuMemPrefetchAsync_v2, (CUdeviceptr start, size_t bytes, CUmemLocation where, unsigned int flags,
     CUstream stream))
CALL(CONTEXT, cuMemAdvise, (CUdeviceptr start, size_t bytes, CUmem_advise advice, CUdevice where))
CALL(CONTEXT, cuMemAdvise_v2, (CUdeviceptr start, size_t bytes, CUmem_advise advice, CUmemLocation where))
STREAM_CALL(CONTEXT, cuStreamAttachMemAsync, (CUstream stream, CUdeviceptr start, size_t bytes, unsigned int flags))

CALL(CONTEXT, cuArrayCreate_v2, (CUarray* array, const CUDA_ARRAY_DESCRIPTOR* descriptor))
CALL(CONTEXT, cuArray3DCreate_v2, (CUarray* array, const CUDA_ARRAY3D_DESCRIPTOR* descriptor))
CALL(CONTEXT, cuArray3DGetDescriptor_v2, (CUDA_ARRAY3D_DESCRIPTOR* descriptor, CUarray array))
CALL(CONTEXT_TO_RELEASE, cuArrayDestroy, (CUarray array))
CALL(CONTEXT, cuTexObjectCreate, (CUtexObject* texture, const CUDA_RESOURCE_DESC* resource,
     const CUDA_TEXTURE_DESC* how, const CUDA_RESOURCE_VIEW_DESC* view))
CALL(CONTEXT_TO_RELEASE, cuTexObjectDestroy, (CUtexObject texture))
CALL(CONTEXT, cuTexObjectGetTextureDesc, (CUDA_TEXTURE_DESC* how, CUtexObject texture))
CALL(CONTEXT, cuSurfObjectCreate, (CUsurfObject* surface, const CUDA_RESOURCE_DESC* resource))
CALL(CONTEXT_TO_RELEASE, cuSurfObjectDestroy, (CUsurfObject surface))

CALL(CONTEXT, cuStreamCreate, (CUstream* stream, unsigned int flags))
CALL(CONTEXT, cuStreamCreateWithPriority, (CUstream* stream, unsigned int flags, int priority))
STREAM_CALL(CONTEXT, cuStreamGetFlags, (CUstream stream, unsigned int* flags))
STREAM_CALL(CONTEXT, cuStreamGetId, (CUstream stream, unsigned long long* id))
STREAM_CALL(CONTEXT, cuStreamGetDevice, (CUstream stream, CUdevice* device))
STREAM_CALL(CONTEXT, cuStreamIsCapturing, (CUstream stream, CUstreamCaptureStatus* state))
CALL(DRIVER, cuThreadExchangeStreamCaptureMode, (CUstreamCaptureMode* mode))
STREAM_CALL(CONTEXT, cuEventRecordWithFlags, (CUevent event, CUstream stream, unsigned int flags))
STREAM_CALL(CONTEXT, cuStreamGetPriority, (CUstream stream, int* priority))
STREAM_CALL(CONTEXT, cuStreamGetCtx, (CUstream stream, CUcontext* context))
CALL(CONTEXT_TO_RELEASE, cuStreamDestroy_v2, (CUstream stream))
STREAM_CALL(CONTEXT, cuStreamSynchronize, (CUstream stream))
STREAM_CALL(CONTEXT, cuStreamQuery, (CUstream stream))
STREAM_CALL(CONTEXT, cuStreamAddCallback, (CUstream stream, CUstreamCallback callback, void* data, unsigned int flags))
STREAM_CALL(CONTEXT, cuLaunchHostFunc, (CUstream stream, CUhostFn function, void* data))
STREAM_CALL(CONTEXT, cuStreamBeginCapture_v2, (CUstream stream, CUstreamCaptureMode mode))
STREAM_CALL(CONTEXT_TO_RELEASE, cuStreamEndCapture, (CUstream stream, CUgraph* graph))
CALL(CONTEXT, cuGraphCreate, (CUgraph* graph, unsigned int flags))
CALL(CONTEXT, cuGraphClone, (CUgraph* clone, CUgraph graph))
CALL(CONTEXT, cuGraphNodeFindInClone, (CUgraphNode* found, CUgraphNode node, CUgraph clone))
NODE_CALLS(Kernel, _v2, CUDA_KERNEL_NODE_PARAMS, )
NODE_CALLS(Memcpy, , CUDA_MEMCPY3D, AND_CONTEXT)
NODE_CALLS(Memset, , CUDA_MEMSET_NODE_PARAMS, AND_CONTEXT)
NODE_CALLS(Host, , CUDA_HOST_NODE_PARAMS, )
CALL(CONTEXT, cuGraphAddEmptyNode, (CUgraphNode* node, CUgraph graph, const CUgraphNode* dependencies, size_t count))
CALL(CONTEXT, cuGraphAddChildGraphNode, (CUgraphNode* node, CUgraph graph, const CUgraphNode* dependencies,
     size_t count, CUgraph child))
CALL(CONTEXT, cuGraphChildGraphNodeGetGraph, (CUgraphNode node, CUgraph* graph))
CALL(CONTEXT, cuGraphAddDependencies_v2, (CUgraph graph, const CUgraphNode* from, const CUgraphNode* to,
     const CUgraphEdgeData* edges, size_t count))
CALL(CONTEXT, cuGraphRemoveDependencies_v2, (CUgraph graph, const CUgraphNode* from, const CUgraphNode* to,
     const CUgraphEdgeData* edges, size_t count))
CALL(CONTEXT, cuGraphGetNodes, (CUgraph graph, CUgraphNode* nodes, size_t* count))
CALL(CONTEXT, cuGraphGetRootNodes, (CUgraph graph, CUgraphNode* nodes, size_t* count))
CALL(CONTEXT, cuGraphGetEdges_v2, (CUgraph graph, CUgraphNode* from, CUgraphNode* to, CUgraphEdgeData* edges,
     size_t* count))
CALL(CONTEXT, cuGraphNodeGetType, (CUgraphNode node, CUgraphNodeType* type))
CALL(CONTEXT, cuGraphNodeGetDependencies_v2, (CUgraphNode node, CUgraphNode* nodes, CUgraphEdgeData* edges,
     size_t* count))
CALL(CONTEXT, cuGraphNodeGetDependentNodes_v2, (CUgraphNode node, CUgraphNode* nodes, CUgraphEdgeData* edges,
     size_t* count))
CALL(CONTEXT_TO_RELEASE, cuGraphDestroyNode, (CUgraphNode node))
STREAM_CALL(CONTEXT, cuGraphInstantiateWithParams, (CUgraphExec* executable, CUgraph graph,
     CUDA_GRAPH_INSTANTIATE_PARAMS* parameters))
CALL(CONTEXT, cuGraphExecGetFlags, (CUgraphExec executable, uint64_t* flags))
STREAM_CALL(CONTEXT, cuGraphUpload, (CUgraphExec executable, CUstream stream))
STREAM_CALL(CONTEXT, cuStreamGetCaptureInfo_v3, (CUstream stream, CUstreamCaptureStatus* state, uint64_t* id,
     CUgraph* graph, const CUgraphNode** dependencies, const CUgraphEdgeData** edges, size_t* count))
STREAM_CALL(CONTEXT, cuStreamBeginCaptureToGraph, (CUstream stream, CUgraph graph, const CUgraphNode* dependencies,
     const CUgraphEdgeData* edges, size_t count, CUstreamCaptureMode mode))
CALL(CONTEXT, cuGraphInstantiateWithFlags, (CUgraphExec* executable, CUgraph graph, unsigned long long flags))
CALL(CONTEXT, cuGraphExecUpdate_v2, (CUgraphExec executable, CUgraph graph, CUgraphExecUpdateResultInfo* info))
STREAM_CALL(CONTEXT, cuGraphLaunch, (CUgraphExec executable, CUstream stream))
CALL(CONTEXT_TO_RELEASE, cuGraphDestroy, (CUgraph graph))
CALL(CONTEXT_TO_RELEASE, cuGraphExecDestroy, (CUgraphExec executable))

CALL(CONTEXT, cuEventCreate, (CUevent* event, unsigned int flags))
CALL(CONTEXT_TO_RELEASE, cuEventDestroy_v2, (CUevent event))
STREAM_CALL(CONTEXT, cuEventRecord, (CUevent event, CUstream stream))
CALL(CONTEXT, cuEventQuery, (CUevent event))
CALL(CONTEXT, cuEventSynchronize, (CUevent event))
CALL(CONTEXT, cuEventElapsedTime_v2, (float* milliseconds, CUevent start, CUevent end))
STREAM_CALL(CONTEXT, cuStreamWaitEvent, (CUstream stream, CUevent event, unsigned int flags))
CALL(CONTEXT, cuEventElapsedTime, (float* milliseconds, CUevent start, CUevent end))

CALL(CONTEXT, cuModuleLoad, (CUmodule* module, const char* path))
CALL(CONTEXT, cuModuleLoadData, (CUmodule* module, const void* image))
CALL(CONTEXT, cuModuleLoadDataEx, (CUmodule* module, const void* image, unsigned int count, CUjit_option* options,
     void** values))
CALL(CONTEXT, cuModuleLoadFatBinary, (CUmodule* module, const void* image))
CALL(CONTEXT_TO_RELEASE, cuModuleUnload, (CUmodule module))
CALL(CONTEXT, cuModuleGetFunction, (CUfunction* function, CUmodule module, const char* name))
CALL(CONTEXT, cuModuleGetFunctionCount, (unsigned int* count, CUmodule module))
CALL(CONTEXT, cuModuleEnumerateFunctions, (CUfunction* functions, unsigned int most, CUmodule module))
CALL(CONTEXT, cuModuleGetGlobal_v2, (CUdeviceptr* start, size_t* size, CUmodule module, const char* name))
CALL(CONTEXT, cuLinkCreate_v2, (unsigned int count, CUjit_option* options, void** values, CUlinkState* link))
CALL(CONTEXT, cuLinkAddData_v2, (CUlinkState link, CUjitInputType type, void* data, size_t size, const char* name,
     unsigned int count, CUjit_option* options, void** values))
CALL(CONTEXT, cuLinkAddFile_v2, (CUlinkState link, CUjitInputType type, const char* path, unsigned int count,
     CUjit_option* options, void** values))
CALL(CONTEXT, cuLinkComplete, (CUlinkState link, void** image, size_t* size))
CALL(CONTEXT_TO_RELEASE, cuLinkDestroy, (CUlinkState link))
CALL(DRIVER, cuLibraryLoadData, (CUlibrary* library, const void* code, CUjit_option* jit, void** jitValues,
     unsigned int jitCount, CUlibraryOption* options, void** values, unsigned int count))
CALL(DRIVER, cuLibraryLoadFromFile, (CUlibrary* library, const char* path, CUjit_option* jit, void** jitValues,
     unsigned int jitCount, CUlibraryOption* options, void** values, unsigned int count))
CALL(DRIVER_TO_RELEASE, cuLibraryUnload, (CUlibrary library))
CALL(DRIVER, cuLibraryGetKernel, (CUkernel* kernel, CUlibrary library, const char* name))
CALL(DRIVER, cuLibraryGetKernelCount, (unsigned int* count, CUlibrary library))
CALL(DRIVER, cuLibraryEnumerateKernels, (CUkernel* kernels, unsigned int most, CUlibrary library))
CALL(CONTEXT, cuLibraryGetModule, (CUmodule* module, CUlibrary library))
CALL(CONTEXT, cuLibraryGetGlobal, (CUdeviceptr* start, size_t* size, CUlibrary library, const char* name))
CALL(CONTEXT, cuLibraryGetManaged, (CUdeviceptr* start, size_t* size, CUlibrary library, const char* name))
CALL(CONTEXT, cuKernelGetFunction, (CUfunction* function, CUkernel kernel))
CALL(DRIVER, cuKernelGetName, (const char** name, CUkernel kernel))
CALL(DRIVER, cuKernelGetAttribute, (int* value, CUfunction_attribute attribute, CUkernel kernel, CUdevice device))
CALL(DRIVER, cuKernelSetAttribute, (CUfunction_attribute attribute, int value, CUkernel kernel, CUdevice device))
CALL(CONTEXT, cuFuncGetName, (const char** name, CUfunction function))
CALL(CONTEXT, cuOccupancyAvailableDynamicSMemPerBlock, (size_t* bytes, CUfunction function, int blocks, int threads))
CALL(CONTEXT, cuFuncGetModule, (CUmodule* module, CUfunction function))
CALL(CONTEXT, cuFuncSetCacheConfig, (CUfunction function, CUfunc_cache preference))
CALL(CONTEXT, cuFuncSetAttribute, (CUfunction function, CUfunction_attribute attribute, int value))
CALL(CONTEXT, cuFuncGetAttribute, (int* value, CUfunction_attribute attribute, CUfunction function))
CALL(CONTEXT, cuFuncGetParamInfo, (CUfunction function, size_t index, size_t* offset, size_t* size))
CALL(CONTEXT, cuOccupancyMaxActiveBlocksPerMultiprocessor, (int* blocks, CUfunction function, int threads,
     size_t dynamicShared))
CALL(CONTEXT, cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags, (int* blocks, CUfunction function, int threads,
     size_t dynamicShared, unsigned int flags))
CALL(CONTEXT, cuOccupancyMaxPotentialBlockSize, (int* grid, int* threads, CUfunction function,
     CUoccupancyB2DSize sharedFor, size_t dynamicShared, int limit))
CALL(CONTEXT, cuOccupancyMaxPotentialBlockSizeWithFlags, (int* grid, int* threads, CUfunction function,
     CUoccupancyB2DSize sharedFor, size_t dynamicShared, int limit, unsigned int flags))
STREAM_CALL(CONTEXT, cuLaunchKernel, (CUfunction function, unsigned int gridX, unsigned int gridY, unsigned int gridZ,
     unsigned int blockX, unsigned int blockY, unsigned int blockZ, unsigned int sharedBytes, CUstream stream,
     void** arguments, void** extra))
CALL(CONTEXT, cuOccupancyMaxActiveClusters, (int* clusters, CUfunction function, const CUlaunchConfig* config))
CALL(CONTEXT, cuOccupancyMaxPotentialClusterSize, (int* blocks, CUfunction function, const CUlaunchConfig* config))
STREAM_CALL(CONTEXT, cuLaunchCooperativeKernel, (CUfunction function, unsigned int gridX, unsigned int gridY,
     unsigned int gridZ, unsigned int blockX, unsigned int blockY, unsigned int blockZ, unsigned int sharedBytes,
     CUstream stream, void** arguments))
STREAM_CALL(CONTEXT, cuLaunchKernelEx, (const CUlaunchConfig* config, CUfunction function, void** arguments,
     void** extra))

OWN_CALL(cuGetProcAddress, (const char* name, void** function, int version, uint64_t flags))
OWN_CALL(cuGetProcAddress_v2, (const char* name, void** function, int version, uint64_t flags,
     CUdriverProcAddressQueryResult* found))
CALL(NOTHING, cuGetErrorName, (CUresult code, const char** name))
CALL(NOTHING, cuGetErrorString, (CUresult code, const char** words))

#undef CALL
#undef STREAM_CALL
#undef DEFAULT_CALL
#undef OWN_CALL
#undef NODE_CALLS
#undef AND_CONTEXT
