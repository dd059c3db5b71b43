// Every function of the driver that is here, once: its needs, name, parameters and arguments. An includer defines CALL.
// STREAM_CALL is of a call that has a stream, which has another name where null is the calling thread's own (_ptsz);
// DEFAULT_CALL of one that is always in the default stream (_ptds); OWN_CALL and OWN_STREAM_CALL of those that the shim
// defines by itself. A function that is not here is absent, as on a driver too old to have it.
#ifndef STREAM_CALL
#define STREAM_CALL CALL
#endif
#ifndef DEFAULT_CALL
#define DEFAULT_CALL CALL
#endif
#ifndef OWN_CALL
#define OWN_CALL(name, parameters) CALL(NOTHING, name, parameters, ())
#endif
#ifndef OWN_STREAM_CALL
#define OWN_STREAM_CALL OWN_CALL
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
CALL(DRIVER, cuDeviceGetUuid, (CUuuid* id, CUdevice device), (id, device))
CALL(DRIVER, cuDeviceGetUuid_v2, (CUuuid* id, CUdevice device), (id, device))
CALL(DRIVER, cuDeviceGetPCIBusId, (char* id, int length, CUdevice device), (id, length, device))
CALL(DRIVER, cuDeviceGetByPCIBusId, (CUdevice* device, const char* id), (device, id))
CALL(DRIVER, cuDeviceGetProperties, (CUdevprop* properties, CUdevice device), (properties, device))
CALL(DRIVER, cuDevicePrimaryCtxSetFlags_v2, (CUdevice device, unsigned int flags), (device, flags))
CALL(DRIVER_TO_RELEASE, cuDevicePrimaryCtxReset_v2, (CUdevice device), (device))
CALL(DRIVER, cuCtxGetApiVersion, (CUcontext context, unsigned int* version), (context, version))
CALL(DRIVER, cuCtxGetId, (CUcontext context, unsigned long long* id), (context, id))
CALL(CONTEXT, cuCtxGetFlags, (unsigned int* flags), (flags))
CALL(CONTEXT, cuCtxSetFlags, (unsigned int flags), (flags))
CALL(CONTEXT, cuCtxGetLimit, (size_t* value, CUlimit limit), (value, limit))
CALL(CONTEXT, cuCtxSetLimit, (CUlimit limit, size_t value), (limit, value))
CALL(CONTEXT, cuCtxGetCacheConfig, (CUfunc_cache* preference), (preference))
CALL(CONTEXT, cuCtxSetCacheConfig, (CUfunc_cache preference), (preference))
CALL(CONTEXT, cuCtxResetPersistingL2Cache, (), ())
CALL(CONTEXT, cuCtxEnablePeerAccess, (CUcontext peer, unsigned int flags), (peer, flags))
CALL(CONTEXT, cuCtxDisablePeerAccess, (CUcontext peer), (peer))
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
DEFAULT_CALL(CONTEXT, cuMemcpy, (CUdeviceptr to, CUdeviceptr from, size_t bytes), (to, from, bytes))
STREAM_CALL(CONTEXT, cuMemcpyAsync, (CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream), (to, from, bytes,
     stream))
DEFAULT_CALL(CONTEXT, cuMemcpyPeer, (CUdeviceptr to, CUcontext toContext, CUdeviceptr from, CUcontext fromContext,
     size_t bytes), (to, toContext, from, fromContext, bytes))
DEFAULT_CALL(CONTEXT, cuMemcpy2D_v2, (const CUDA_MEMCPY2D* copy), (copy))
DEFAULT_CALL(CONTEXT, cuMemcpy2DUnaligned_v2, (const CUDA_MEMCPY2D* copy), (copy))
DEFAULT_CALL(CONTEXT, cuMemcpy3D_v2, (const CUDA_MEMCPY3D* copy), (copy))
STREAM_CALL(CONTEXT, cuMemcpy3DAsync_v2, (const CUDA_MEMCPY3D* copy, CUstream stream), (copy, stream))
CALL(CONTEXT, cuMemAllocPitch_v2, (CUdeviceptr* address, size_t* pitch, size_t width, size_t height, unsigned int
     element), (address, pitch, width, height, element))
DEFAULT_CALL(CONTEXT, cuMemsetD2D8_v2, (CUdeviceptr to, size_t pitch, unsigned char value, size_t width, size_t height),
     (to, pitch, value, width, height))
DEFAULT_CALL(CONTEXT, cuMemsetD2D16_v2, (CUdeviceptr to, size_t pitch, unsigned short value, size_t width, size_t
     height), (to, pitch, value, width, height))
DEFAULT_CALL(CONTEXT, cuMemsetD2D32_v2, (CUdeviceptr to, size_t pitch, unsigned int value, size_t width, size_t height),
     (to, pitch, value, width, height))
STREAM_CALL(CONTEXT, cuMemsetD2D8Async, (CUdeviceptr to, size_t pitch, unsigned char value, size_t width, size_t height,
     CUstream stream), (to, pitch, value, width, height, stream))
STREAM_CALL(CONTEXT, cuMemsetD2D16Async, (CUdeviceptr to, size_t pitch, unsigned short value, size_t width, size_t
     height, CUstream stream), (to, pitch, value, width, height, stream))
CALL(CONTEXT, cuPointerGetAttributes, (unsigned int count, CUpointer_attribute* attributes, void** data, CUdeviceptr
     address), (count, attributes, data, address))
CALL(CONTEXT, cuPointerSetAttribute, (const void* value, CUpointer_attribute attribute, CUdeviceptr address), (value,
     attribute, address))
CALL(CONTEXT, cuMemHostRegister_v2, (void* start, size_t bytes, unsigned int flags), (start, bytes, flags))
CALL(CONTEXT_TO_RELEASE, cuMemHostUnregister, (void* start), (start))
CALL(CONTEXT, cuMemHostGetDevicePointer_v2, (CUdeviceptr* address, void* host, unsigned int flags), (address, host,
     flags))
CALL(CONTEXT, cuMemHostGetFlags, (unsigned int* flags, void* host), (flags, host))
STREAM_CALL(CONTEXT, cuMemAllocFromPoolAsync, (CUdeviceptr* address, size_t bytes, CUmemoryPool pool, CUstream stream),
     (address, bytes, pool, stream))
CALL(DRIVER, cuMemPoolCreate, (CUmemoryPool* pool, const CUmemPoolProps* properties), (pool, properties))
CALL(DRIVER_TO_RELEASE, cuMemPoolDestroy, (CUmemoryPool pool), (pool))
CALL(DRIVER, cuMemPoolGetAttribute, (CUmemoryPool pool, CUmemPool_attribute attribute, void* value), (pool, attribute,
     value))
CALL(DRIVER, cuMemPoolTrimTo, (CUmemoryPool pool, size_t kept), (pool, kept))
CALL(DRIVER, cuDeviceSetMemPool, (CUdevice device, CUmemoryPool pool), (device, pool))
CALL(DRIVER, cuDeviceGetMemPool, (CUmemoryPool* pool, CUdevice device), (pool, device))
STREAM_CALL(CONTEXT, cuMemPrefetchAsync, (CUdeviceptr start, size_t bytes, CUdevice where, CUstream stream), (start,
     bytes, where, stream))
STREAM_CALL(CONTEXT, cuMemPrefetchAsync_v2, (CUdeviceptr start, size_t bytes, CUmemLocation where, unsigned int flags,
     CUstream stream), (start, bytes, where, flags, stream))
CALL(CONTEXT, cuMemAdvise, (CUdeviceptr start, size_t bytes, CUmem_advise advice, CUdevice where), (start, bytes,
     advice, where))
CALL(CONTEXT, cuMemAdvise_v2, (CUdeviceptr start, size_t bytes, CUmem_advise advice, CUmemLocation where), (start,
     bytes, advice, where))
STREAM_CALL(CONTEXT, cuStreamAttachMemAsync, (CUstream stream, CUdeviceptr start, size_t bytes, unsigned int flags),
     (stream, start, bytes, flags))

CALL(CONTEXT, cuArrayCreate_v2, (CUarray* array, const CUDA_ARRAY_DESCRIPTOR* descriptor), (array, descriptor))
CALL(CONTEXT, cuArrayGetDescriptor_v2, (CUDA_ARRAY_DESCRIPTOR* descriptor, CUarray array), (descriptor, array))
CALL(CONTEXT, cuArray3DCreate_v2, (CUarray* array, const CUDA_ARRAY3D_DESCRIPTOR* descriptor), (array, descriptor))
CALL(CONTEXT, cuArray3DGetDescriptor_v2, (CUDA_ARRAY3D_DESCRIPTOR* descriptor, CUarray array), (descriptor, array))
CALL(CONTEXT_TO_RELEASE, cuArrayDestroy, (CUarray array), (array))
DEFAULT_CALL(CONTEXT, cuMemcpyHtoA_v2, (CUarray to, size_t offset, const void* from, size_t bytes), (to, offset, from,
     bytes))
DEFAULT_CALL(CONTEXT, cuMemcpyAtoH_v2, (void* to, CUarray from, size_t offset, size_t bytes), (to, from, offset, bytes))
DEFAULT_CALL(CONTEXT, cuMemcpyDtoA_v2, (CUarray to, size_t offset, CUdeviceptr from, size_t bytes), (to, offset, from,
     bytes))
DEFAULT_CALL(CONTEXT, cuMemcpyAtoD_v2, (CUdeviceptr to, CUarray from, size_t offset, size_t bytes), (to, from, offset,
     bytes))
DEFAULT_CALL(CONTEXT, cuMemcpyAtoA_v2, (CUarray to, size_t toOffset, CUarray from, size_t fromOffset, size_t bytes),
     (to, toOffset, from, fromOffset, bytes))
STREAM_CALL(CONTEXT, cuMemcpyHtoAAsync_v2, (CUarray to, size_t offset, const void* from, size_t bytes, CUstream
     stream), (to, offset, from, bytes, stream))
STREAM_CALL(CONTEXT, cuMemcpyAtoHAsync_v2, (void* to, CUarray from, size_t offset, size_t bytes, CUstream stream), (to,
     from, offset, bytes, stream))
CALL(CONTEXT, cuTexObjectCreate, (CUtexObject* texture, const CUDA_RESOURCE_DESC* resource, const CUDA_TEXTURE_DESC*
     how, const CUDA_RESOURCE_VIEW_DESC* view), (texture, resource, how, view))
CALL(CONTEXT_TO_RELEASE, cuTexObjectDestroy, (CUtexObject texture), (texture))
CALL(CONTEXT, cuTexObjectGetResourceDesc, (CUDA_RESOURCE_DESC* resource, CUtexObject texture), (resource, texture))
CALL(CONTEXT, cuTexObjectGetTextureDesc, (CUDA_TEXTURE_DESC* how, CUtexObject texture), (how, texture))
CALL(CONTEXT, cuSurfObjectCreate, (CUsurfObject* surface, const CUDA_RESOURCE_DESC* resource), (surface, resource))
CALL(CONTEXT_TO_RELEASE, cuSurfObjectDestroy, (CUsurfObject surface), (surface))
CALL(CONTEXT, cuSurfObjectGetResourceDesc, (CUDA_RESOURCE_DESC* resource, CUsurfObject surface), (resource, surface))

CALL(CONTEXT, cuStreamCreate, (CUstream* stream, unsigned int flags), (stream, flags))
CALL(CONTEXT, cuStreamCreateWithPriority, (CUstream* stream, unsigned int flags, int priority), (stream, flags,
     priority))
STREAM_CALL(CONTEXT, cuStreamGetFlags, (CUstream stream, unsigned int* flags), (stream, flags))
STREAM_CALL(CONTEXT, cuStreamGetId, (CUstream stream, unsigned long long* id), (stream, id))
STREAM_CALL(CONTEXT, cuStreamGetDevice, (CUstream stream, CUdevice* device), (stream, device))
STREAM_CALL(CONTEXT, cuStreamIsCapturing, (CUstream stream, CUstreamCaptureStatus* state), (stream, state))
CALL(DRIVER, cuThreadExchangeStreamCaptureMode, (CUstreamCaptureMode* mode), (mode))
STREAM_CALL(CONTEXT, cuEventRecordWithFlags, (CUevent event, CUstream stream, unsigned int flags), (event, stream,
     flags))
STREAM_CALL(CONTEXT, cuStreamGetPriority, (CUstream stream, int* priority), (stream, priority))
STREAM_CALL(CONTEXT, cuStreamGetCtx, (CUstream stream, CUcontext* context), (stream, context))
CALL(CONTEXT_TO_RELEASE, cuStreamDestroy_v2, (CUstream stream), (stream))
STREAM_CALL(CONTEXT, cuStreamSynchronize, (CUstream stream), (stream))
STREAM_CALL(CONTEXT, cuStreamQuery, (CUstream stream), (stream))
STREAM_CALL(CONTEXT, cuStreamAddCallback, (CUstream stream, CUstreamCallback callback, void* data, unsigned int flags),
     (stream, callback, data, flags))
STREAM_CALL(CONTEXT, cuLaunchHostFunc, (CUstream stream, CUhostFn function, void* data), (stream, function, data))
STREAM_CALL(CONTEXT, cuStreamBeginCapture_v2, (CUstream stream, CUstreamCaptureMode mode), (stream, mode))
CALL(CONTEXT, cuGraphCreate, (CUgraph* graph, unsigned int flags), (graph, flags))
CALL(CONTEXT, cuGraphClone, (CUgraph* clone, CUgraph graph), (clone, graph))
CALL(CONTEXT, cuGraphNodeFindInClone, (CUgraphNode* found, CUgraphNode node, CUgraph clone), (found, node, clone))
CALL(CONTEXT, cuGraphAddKernelNode_v2, (CUgraphNode* node, CUgraph graph, const CUgraphNode* dependencies, size_t count,
     const CUDA_KERNEL_NODE_PARAMS* parameters), (node, graph, dependencies, count, parameters))
CALL(CONTEXT, cuGraphAddMemcpyNode, (CUgraphNode* node, CUgraph graph, const CUgraphNode* dependencies, size_t count,
     const CUDA_MEMCPY3D* copy, CUcontext context), (node, graph, dependencies, count, copy, context))
CALL(CONTEXT, cuGraphAddMemsetNode, (CUgraphNode* node, CUgraph graph, const CUgraphNode* dependencies, size_t count,
     const CUDA_MEMSET_NODE_PARAMS* parameters, CUcontext context), (node, graph, dependencies, count, parameters,
     context))
CALL(CONTEXT, cuGraphAddHostNode, (CUgraphNode* node, CUgraph graph, const CUgraphNode* dependencies, size_t count,
     const CUDA_HOST_NODE_PARAMS* parameters), (node, graph, dependencies, count, parameters))
CALL(CONTEXT, cuGraphAddEmptyNode, (CUgraphNode* node, CUgraph graph, const CUgraphNode* dependencies, size_t count),
     (node, graph, dependencies, count))
CALL(CONTEXT, cuGraphAddChildGraphNode, (CUgraphNode* node, CUgraph graph, const CUgraphNode* dependencies, size_t
     count, CUgraph child), (node, graph, dependencies, count, child))
CALL(CONTEXT, cuGraphChildGraphNodeGetGraph, (CUgraphNode node, CUgraph* graph), (node, graph))
CALL(CONTEXT, cuGraphAddDependencies, (CUgraph graph, const CUgraphNode* from, const CUgraphNode* to, size_t count),
     (graph, from, to, count))
CALL(CONTEXT, cuGraphAddDependencies_v2, (CUgraph graph, const CUgraphNode* from, const CUgraphNode* to, const
     CUgraphEdgeData* edges, size_t count), (graph, from, to, edges, count))
CALL(CONTEXT, cuGraphRemoveDependencies, (CUgraph graph, const CUgraphNode* from, const CUgraphNode* to, size_t count),
     (graph, from, to, count))
CALL(CONTEXT, cuGraphRemoveDependencies_v2, (CUgraph graph, const CUgraphNode* from, const CUgraphNode* to, const
     CUgraphEdgeData* edges, size_t count), (graph, from, to, edges, count))
CALL(CONTEXT, cuGraphGetNodes, (CUgraph graph, CUgraphNode* nodes, size_t* count), (graph, nodes, count))
CALL(CONTEXT, cuGraphGetRootNodes, (CUgraph graph, CUgraphNode* nodes, size_t* count), (graph, nodes, count))
CALL(CONTEXT, cuGraphGetEdges, (CUgraph graph, CUgraphNode* from, CUgraphNode* to, size_t* count), (graph, from, to,
     count))
CALL(CONTEXT, cuGraphGetEdges_v2, (CUgraph graph, CUgraphNode* from, CUgraphNode* to, CUgraphEdgeData* edges, size_t*
     count), (graph, from, to, edges, count))
CALL(CONTEXT, cuGraphNodeGetType, (CUgraphNode node, CUgraphNodeType* type), (node, type))
CALL(CONTEXT, cuGraphNodeGetDependencies, (CUgraphNode node, CUgraphNode* nodes, size_t* count), (node, nodes, count))
CALL(CONTEXT, cuGraphNodeGetDependencies_v2, (CUgraphNode node, CUgraphNode* nodes, CUgraphEdgeData* edges, size_t*
     count), (node, nodes, edges, count))
CALL(CONTEXT, cuGraphNodeGetDependentNodes, (CUgraphNode node, CUgraphNode* nodes, size_t* count), (node, nodes, count))
CALL(CONTEXT, cuGraphNodeGetDependentNodes_v2, (CUgraphNode node, CUgraphNode* nodes, CUgraphEdgeData* edges, size_t*
     count), (node, nodes, edges, count))
CALL(CONTEXT_TO_RELEASE, cuGraphDestroyNode, (CUgraphNode node), (node))
CALL(CONTEXT, cuGraphKernelNodeGetParams_v2, (CUgraphNode node, CUDA_KERNEL_NODE_PARAMS* parameters), (node,
     parameters))
CALL(CONTEXT, cuGraphKernelNodeSetParams_v2, (CUgraphNode node, const CUDA_KERNEL_NODE_PARAMS* parameters), (node,
     parameters))
CALL(CONTEXT, cuGraphMemcpyNodeGetParams, (CUgraphNode node, CUDA_MEMCPY3D* copy), (node, copy))
CALL(CONTEXT, cuGraphMemcpyNodeSetParams, (CUgraphNode node, const CUDA_MEMCPY3D* copy), (node, copy))
CALL(CONTEXT, cuGraphMemsetNodeGetParams, (CUgraphNode node, CUDA_MEMSET_NODE_PARAMS* parameters), (node, parameters))
CALL(CONTEXT, cuGraphMemsetNodeSetParams, (CUgraphNode node, const CUDA_MEMSET_NODE_PARAMS* parameters), (node,
     parameters))
CALL(CONTEXT, cuGraphHostNodeGetParams, (CUgraphNode node, CUDA_HOST_NODE_PARAMS* parameters), (node, parameters))
CALL(CONTEXT, cuGraphHostNodeSetParams, (CUgraphNode node, const CUDA_HOST_NODE_PARAMS* parameters), (node, parameters))
CALL(CONTEXT, cuGraphExecKernelNodeSetParams_v2, (CUgraphExec executable, CUgraphNode node, const
     CUDA_KERNEL_NODE_PARAMS* parameters), (executable, node, parameters))
CALL(CONTEXT, cuGraphExecMemcpyNodeSetParams, (CUgraphExec executable, CUgraphNode node, const CUDA_MEMCPY3D* copy,
     CUcontext context), (executable, node, copy, context))
CALL(CONTEXT, cuGraphExecMemsetNodeSetParams, (CUgraphExec executable, CUgraphNode node, const CUDA_MEMSET_NODE_PARAMS*
     parameters, CUcontext context), (executable, node, parameters, context))
CALL(CONTEXT, cuGraphExecHostNodeSetParams, (CUgraphExec executable, CUgraphNode node, const CUDA_HOST_NODE_PARAMS*
     parameters), (executable, node, parameters))
STREAM_CALL(CONTEXT, cuGraphInstantiateWithParams, (CUgraphExec* executable, CUgraph graph,
     CUDA_GRAPH_INSTANTIATE_PARAMS* parameters), (executable, graph, parameters))
CALL(CONTEXT, cuGraphExecGetFlags, (CUgraphExec executable, uint64_t* flags), (executable, flags))
STREAM_CALL(CONTEXT, cuGraphUpload, (CUgraphExec executable, CUstream stream), (executable, stream))
STREAM_CALL(CONTEXT, cuStreamGetCaptureInfo_v2, (CUstream stream, CUstreamCaptureStatus* state, uint64_t* id, CUgraph*
     graph, const CUgraphNode** dependencies, size_t* count), (stream, state, id, graph, dependencies, count))
STREAM_CALL(CONTEXT, cuStreamGetCaptureInfo_v3, (CUstream stream, CUstreamCaptureStatus* state, uint64_t* id, CUgraph*
     graph, const CUgraphNode** dependencies, const CUgraphEdgeData** edges, size_t* count), (stream, state, id, graph,
     dependencies, edges, count))
STREAM_CALL(CONTEXT, cuStreamBeginCaptureToGraph, (CUstream stream, CUgraph graph, const CUgraphNode* dependencies,
     const CUgraphEdgeData* edges, size_t count, CUstreamCaptureMode mode),
     (stream, graph, dependencies, edges, count, mode))
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
CALL(DRIVER, cuLibraryLoadData, (CUlibrary* library, const void* code, CUjit_option* jit, void** jitValues, unsigned int
     jitCount, CUlibraryOption* options, void** values, unsigned int count), (library, code, jit, jitValues, jitCount,
     options, values, count))
CALL(DRIVER, cuLibraryLoadFromFile, (CUlibrary* library, const char* path, CUjit_option* jit, void** jitValues, unsigned
     int jitCount, CUlibraryOption* options, void** values, unsigned int count), (library, path, jit, jitValues,
     jitCount, options, values, count))
CALL(DRIVER_TO_RELEASE, cuLibraryUnload, (CUlibrary library), (library))
CALL(DRIVER, cuLibraryGetKernel, (CUkernel* kernel, CUlibrary library, const char* name), (kernel, library, name))
CALL(DRIVER, cuLibraryGetKernelCount, (unsigned int* count, CUlibrary library), (count, library))
CALL(DRIVER, cuLibraryEnumerateKernels, (CUkernel* kernels, unsigned int most, CUlibrary library), (kernels, most,
     library))
CALL(CONTEXT, cuLibraryGetModule, (CUmodule* module, CUlibrary library), (module, library))
CALL(CONTEXT, cuLibraryGetGlobal, (CUdeviceptr* start, size_t* size, CUlibrary library, const char* name), (start, size,
     library, name))
CALL(CONTEXT, cuLibraryGetManaged, (CUdeviceptr* start, size_t* size, CUlibrary library, const char* name), (start,
     size, library, name))
CALL(CONTEXT, cuKernelGetFunction, (CUfunction* function, CUkernel kernel), (function, kernel))
CALL(DRIVER, cuKernelGetName, (const char** name, CUkernel kernel), (name, kernel))
CALL(DRIVER, cuKernelGetAttribute, (int* value, CUfunction_attribute attribute, CUkernel kernel, CUdevice device),
     (value, attribute, kernel, device))
CALL(DRIVER, cuKernelSetAttribute, (CUfunction_attribute attribute, int value, CUkernel kernel, CUdevice device),
     (attribute, value, kernel, device))
CALL(DRIVER, cuKernelGetParamInfo, (CUkernel kernel, size_t index, size_t* offset, size_t* size), (kernel, index,
     offset, size))
CALL(DRIVER, cuKernelSetCacheConfig, (CUkernel kernel, CUfunc_cache preference, CUdevice device), (kernel, preference,
     device))
CALL(CONTEXT, cuFuncGetName, (const char** name, CUfunction function), (name, function))
CALL(CONTEXT, cuFuncLoad, (CUfunction function), (function))
CALL(NOTHING, cuModuleGetLoadingMode, (CUmoduleLoadingMode* mode), (mode))
CALL(CONTEXT, cuOccupancyAvailableDynamicSMemPerBlock, (size_t* bytes, CUfunction function, int blocks, int threads),
     (bytes, function, blocks, threads))
CALL(CONTEXT, cuOccupancyMaxPotentialBlockSizeWithFlags, (int* grid, int* threads, CUfunction function,
     CUoccupancyB2DSize sharedFor, size_t dynamicShared, int limit, unsigned int flags), (grid, threads, function,
     sharedFor, dynamicShared, limit, flags))
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

OWN_STREAM_CALL(cuStreamEndCapture, (CUstream stream, CUgraph* graph))
OWN_CALL(cuGetProcAddress, (const char* name, void** function, int version, uint64_t flags))
OWN_CALL(cuGetProcAddress_v2, (const char* name, void** function, int version, uint64_t flags,
     CUdriverProcAddressQueryResult* found))
OWN_CALL(cuGetErrorName, (CUresult code, const char** name))
OWN_CALL(cuGetErrorString, (CUresult code, const char** words))

#undef CALL
#undef STREAM_CALL
#undef DEFAULT_CALL
#undef OWN_CALL
#undef OWN_STREAM_CALL
