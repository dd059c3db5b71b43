// Graphs, and their nodes.
#include "runtime/runtime.h"

using namespace cudart;

namespace {

// Of one size and layout in both.
template <typename To, typename From>
To* as(From* from) {
  return reinterpret_cast<To*>(from);
}

// With the driver's parameters of a kernel.
template <typename Call>
cudaError_t with_kernel(const cudaKernelNodeParams* node, Call call) {
  return in_context([&] {
    if (!node) {
      return cudaErrorInvalidValue;
    }
    cudaError_t why = cudaSuccess;
    CUDA_KERNEL_NODE_PARAMS parameters = {};
    parameters.func = function_of(node->func, why);
    parameters.gridDimX = node->gridDim.x;
    parameters.gridDimY = node->gridDim.y;
    parameters.gridDimZ = node->gridDim.z;
    parameters.blockDimX = node->blockDim.x;
    parameters.blockDimY = node->blockDim.y;
    parameters.blockDimZ = node->blockDim.z;
    parameters.sharedMemBytes = node->sharedMemBytes;
    parameters.kernelParams = node->kernelParams;
    parameters.extra = node->extra;
    return parameters.func ? cudaError_t(call(&parameters)) : why;
  });
}

template <typename Call>
cudaError_t with_box(const cudaMemcpy3DParms* box, Call call) {
  return in_context([&] {
    CUDA_MEMCPY3D copy;
    CUresult result = box ? drivers_box(*box, copy) : CUDA_ERROR_INVALID_VALUE;
    return result == CUDA_SUCCESS ? call(&copy) : result;
  });
}

cudaMemcpy3DParms piece(void* to, const void* from, size_t bytes, cudaMemcpyKind kind) {
  cudaMemcpy3DParms box = {};
  box.srcPtr = {const_cast<void*>(from), bytes, bytes, 1};
  box.dstPtr = {to, bytes, bytes, 1};
  box.extent = {bytes, 1, 1};
  box.kind = kind;
  return box;
}

}

DIRECT(cudaGraphInstantiate, (cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long flags),
       cuGraphInstantiateWithFlags, (executable, graph, flags))
DIRECT(cudaGraphInstantiateWithFlags, (cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long flags),
       cuGraphInstantiateWithFlags, (executable, graph, flags))
#define INSTANTIATE(name)                                                                                         \
  DIRECT(name, (cudaGraphExec_t* executable, cudaGraph_t graph, cudaGraphInstantiateParams* parameters),          \
         cuGraphInstantiateWithParams, (executable, graph, as<CUDA_GRAPH_INSTANTIATE_PARAMS>(parameters)))
INSTANTIATE(cudaGraphInstantiateWithParams)
INSTANTIATE(cudaGraphInstantiateWithParams_ptsz)
STREAMED(cudaGraphLaunch, (cudaGraphExec_t executable, cudaStream_t stream), cuGraphLaunch, (executable, stream))
STREAMED(cudaGraphUpload, (cudaGraphExec_t executable, cudaStream_t stream), cuGraphUpload, (executable, stream))
DIRECT(cudaGraphDestroy, (cudaGraph_t graph), cuGraphDestroy, (graph))
DIRECT(cudaGraphExecDestroy, (cudaGraphExec_t executable), cuGraphExecDestroy, (executable))
DIRECT(cudaGraphExecGetFlags, (cudaGraphExec_t executable, unsigned long long* flags), cuGraphExecGetFlags,
       (executable, as<uint64_t>(flags)))
DIRECT(cudaGraphExecUpdate, (cudaGraphExec_t executable, cudaGraph_t graph, cudaGraphExecUpdateResultInfo* info),
       cuGraphExecUpdate_v2, (executable, graph, as<CUgraphExecUpdateResultInfo>(info)))
DIRECT(cudaGraphCreate, (cudaGraph_t* graph, unsigned flags), cuGraphCreate, (graph, flags))
DIRECT(cudaGraphClone, (cudaGraph_t* clone, cudaGraph_t graph), cuGraphClone, (clone, graph))
DIRECT(cudaGraphNodeFindInClone, (cudaGraphNode_t* found, cudaGraphNode_t node, cudaGraph_t clone),
       cuGraphNodeFindInClone, (found, node, clone))
DIRECT(cudaGraphDestroyNode, (cudaGraphNode_t node), cuGraphDestroyNode, (node))
DIRECT(cudaGraphNodeGetType, (cudaGraphNode_t node, cudaGraphNodeType* type), cuGraphNodeGetType,
       (node, as<CUgraphNodeType>(type)))
DIRECT(cudaGraphGetNodes, (cudaGraph_t graph, cudaGraphNode_t* nodes, size_t* count), cuGraphGetNodes,
       (graph, nodes, count))
DIRECT(cudaGraphGetRootNodes, (cudaGraph_t graph, cudaGraphNode_t* nodes, size_t* count), cuGraphGetRootNodes,
       (graph, nodes, count))
DIRECT(cudaGraphChildGraphNodeGetGraph, (cudaGraphNode_t node, cudaGraph_t* graph), cuGraphChildGraphNodeGetGraph,
       (node, graph))
DIRECT(cudaGraphAddEmptyNode, (cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* dependencies, size_t
       count),
       cuGraphAddEmptyNode, (node, graph, dependencies, count))
DIRECT(cudaGraphAddChildGraphNode, (cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* dependencies,
       size_t count,
                                    cudaGraph_t child),
       cuGraphAddChildGraphNode, (node, graph, dependencies, count, child))
DIRECT(cudaGraphAddMemsetNode, (cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* dependencies, size_t
       count,
                                const cudaMemsetParams* parameters),
       cuGraphAddMemsetNode, (node, graph, dependencies, count, as<const CUDA_MEMSET_NODE_PARAMS>(parameters), nullptr))
DIRECT(cudaGraphMemsetNodeGetParams, (cudaGraphNode_t node, cudaMemsetParams* parameters), cuGraphMemsetNodeGetParams,
       (node, as<CUDA_MEMSET_NODE_PARAMS>(parameters)))
DIRECT(cudaGraphMemsetNodeSetParams, (cudaGraphNode_t node, const cudaMemsetParams* parameters),
       cuGraphMemsetNodeSetParams, (node, as<const CUDA_MEMSET_NODE_PARAMS>(parameters)))
DIRECT(cudaGraphExecMemsetNodeSetParams,
       (cudaGraphExec_t executable, cudaGraphNode_t node, const cudaMemsetParams* parameters),
       cuGraphExecMemsetNodeSetParams, (executable, node, as<const CUDA_MEMSET_NODE_PARAMS>(parameters), nullptr))
DIRECT(cudaGraphAddHostNode, (cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* dependencies, size_t
       count,
                              const cudaHostNodeParams* parameters),
       cuGraphAddHostNode, (node, graph, dependencies, count, as<const CUDA_HOST_NODE_PARAMS>(parameters)))
DIRECT(cudaGraphHostNodeGetParams, (cudaGraphNode_t node, cudaHostNodeParams* parameters), cuGraphHostNodeGetParams,
       (node, as<CUDA_HOST_NODE_PARAMS>(parameters)))
DIRECT(cudaGraphHostNodeSetParams, (cudaGraphNode_t node, const cudaHostNodeParams* parameters),
       cuGraphHostNodeSetParams, (node, as<const CUDA_HOST_NODE_PARAMS>(parameters)))
DIRECT(cudaGraphExecHostNodeSetParams,
       (cudaGraphExec_t executable, cudaGraphNode_t node, const cudaHostNodeParams* parameters),
       cuGraphExecHostNodeSetParams, (executable, node, as<const CUDA_HOST_NODE_PARAMS>(parameters)))

EXPORT cudaError_t cudaGraphAddKernelNode(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t*
                                          dependencies, size_t count,
                                          const cudaKernelNodeParams* parameters) {
  return with_kernel(parameters, [=](const CUDA_KERNEL_NODE_PARAMS* kernel) {
    return CU(cuGraphAddKernelNode_v2)(node, graph, dependencies, count, kernel);
  });
}

EXPORT cudaError_t cudaGraphKernelNodeSetParams(cudaGraphNode_t node, const cudaKernelNodeParams* parameters) {
  return with_kernel(parameters, [=](const CUDA_KERNEL_NODE_PARAMS* kernel) {
    return CU(cuGraphKernelNodeSetParams_v2)(node, kernel);
  });
}

EXPORT cudaError_t cudaGraphExecKernelNodeSetParams(cudaGraphExec_t executable, cudaGraphNode_t node,
                                                    const cudaKernelNodeParams* parameters) {
  return with_kernel(parameters, [=](const CUDA_KERNEL_NODE_PARAMS* kernel) {
    return CU(cuGraphExecKernelNodeSetParams_v2)(executable, node, kernel);
  });
}

// The kernel is named as the driver names it, which every call here takes.
EXPORT cudaError_t cudaGraphKernelNodeGetParams(cudaGraphNode_t node, cudaKernelNodeParams* parameters) {
  return in_context([&] {
    CUDA_KERNEL_NODE_PARAMS kernel = {};
    CUresult result = parameters ? CU(cuGraphKernelNodeGetParams_v2)(node, &kernel) : CUDA_ERROR_INVALID_VALUE;
    if (result == CUDA_SUCCESS) {
      parameters->func = kernel.func;
      parameters->gridDim = {kernel.gridDimX, kernel.gridDimY, kernel.gridDimZ};
      parameters->blockDim = {kernel.blockDimX, kernel.blockDimY, kernel.blockDimZ};
      parameters->sharedMemBytes = kernel.sharedMemBytes;
      parameters->kernelParams = kernel.kernelParams;
      parameters->extra = kernel.extra;
    }
    return result;
  });
}

EXPORT cudaError_t cudaGraphAddMemcpyNode(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t*
                                          dependencies, size_t count,
                                          const cudaMemcpy3DParms* parameters) {
  return with_box(parameters, [=](const CUDA_MEMCPY3D* copy) {
    return CU(cuGraphAddMemcpyNode)(node, graph, dependencies, count, copy, nullptr);
  });
}

EXPORT cudaError_t cudaGraphMemcpyNodeSetParams(cudaGraphNode_t node, const cudaMemcpy3DParms* parameters) {
  return with_box(parameters, [=](const CUDA_MEMCPY3D* copy) { return CU(cuGraphMemcpyNodeSetParams)(node, copy); });
}

EXPORT cudaError_t cudaGraphExecMemcpyNodeSetParams(cudaGraphExec_t executable, cudaGraphNode_t node,
                                                    const cudaMemcpy3DParms* parameters) {
  return with_box(parameters, [=](const CUDA_MEMCPY3D* copy) {
    return CU(cuGraphExecMemcpyNodeSetParams)(executable, node, copy, nullptr);
  });
}

EXPORT cudaError_t cudaGraphAddMemcpyNode1D(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t*
                                            dependencies, size_t count,
                                            void* to, const void* from, size_t bytes, cudaMemcpyKind kind) {
  cudaMemcpy3DParms box = piece(to, from, bytes, kind);
  return cudaGraphAddMemcpyNode(node, graph, dependencies, count, &box);
}

EXPORT cudaError_t cudaGraphMemcpyNodeSetParams1D(cudaGraphNode_t node, void* to, const void* from, size_t bytes,
                                                  cudaMemcpyKind kind) {
  cudaMemcpy3DParms box = piece(to, from, bytes, kind);
  return cudaGraphMemcpyNodeSetParams(node, &box);
}

EXPORT cudaError_t cudaGraphExecMemcpyNodeSetParams1D(cudaGraphExec_t executable, cudaGraphNode_t node, void* to,
                                                      const void* from, size_t bytes, cudaMemcpyKind kind) {
  cudaMemcpy3DParms box = piece(to, from, bytes, kind);
  return cudaGraphExecMemcpyNodeSetParams(executable, node, &box);
}

// Edges have data from CUDA 13 on.
#if CHARLSTM_CUDART < 13
#define EDGES(type)
#define OF_EDGES(type) nullptr,
#else
#define EDGES(type) type edges,
#define OF_EDGES(type) as<type>(edges),
#endif
DIRECT(cudaGraphAddDependencies, (cudaGraph_t graph, const cudaGraphNode_t* from, const cudaGraphNode_t* to,
                                  EDGES(const cudaGraphEdgeData*) size_t count),
       cuGraphAddDependencies_v2, (graph, from, to, OF_EDGES(const CUgraphEdgeData) count))
DIRECT(cudaGraphRemoveDependencies, (cudaGraph_t graph, const cudaGraphNode_t* from, const cudaGraphNode_t* to,
                                     EDGES(const cudaGraphEdgeData*) size_t count),
       cuGraphRemoveDependencies_v2, (graph, from, to, OF_EDGES(const CUgraphEdgeData) count))
DIRECT(cudaGraphGetEdges, (cudaGraph_t graph, cudaGraphNode_t* from, cudaGraphNode_t* to, EDGES(cudaGraphEdgeData*)
                           size_t* count),
       cuGraphGetEdges_v2, (graph, from, to, OF_EDGES(CUgraphEdgeData) count))
DIRECT(cudaGraphNodeGetDependencies, (cudaGraphNode_t node, cudaGraphNode_t* nodes, EDGES(cudaGraphEdgeData*)
                                      size_t* count),
       cuGraphNodeGetDependencies_v2, (node, nodes, OF_EDGES(CUgraphEdgeData) count))
DIRECT(cudaGraphNodeGetDependentNodes, (cudaGraphNode_t node, cudaGraphNode_t* nodes, EDGES(cudaGraphEdgeData*)
                                        size_t* count),
       cuGraphNodeGetDependentNodes_v2, (node, nodes, OF_EDGES(CUgraphEdgeData) count))

#if CHARLSTM_CUDART >= 13
STREAMED(cudaStreamGetCaptureInfo, (cudaStream_t stream, cudaStreamCaptureStatus* state, unsigned long long* id,
                                    cudaGraph_t* graph, const cudaGraphNode_t** dependencies,
                                    const cudaGraphEdgeData** edges, size_t* count),
         cuStreamGetCaptureInfo_v3, (stream, as<CUstreamCaptureStatus>(state), as<uint64_t>(id), graph, dependencies,
                                     as<const CUgraphEdgeData*>(edges), count))
#else
STREAMED(cudaStreamGetCaptureInfo_v2, (cudaStream_t stream, cudaStreamCaptureStatus* state, unsigned long long* id,
                                       cudaGraph_t* graph, const cudaGraphNode_t** dependencies, size_t* count),
         cuStreamGetCaptureInfo_v3, (stream, as<CUstreamCaptureStatus>(state), as<uint64_t>(id), graph, dependencies,
                                     nullptr, count))
#endif
STREAMED(cudaStreamBeginCaptureToGraph, (cudaStream_t stream, cudaGraph_t graph, const cudaGraphNode_t* dependencies,
                                         const cudaGraphEdgeData* edges, size_t count, cudaStreamCaptureMode mode),
         cuStreamBeginCaptureToGraph, (stream, graph, dependencies, as<const CUgraphEdgeData>(edges), count,
                                       CUstreamCaptureMode(mode)))
