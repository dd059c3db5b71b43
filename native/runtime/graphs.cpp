// Graphs, and their nodes.
#include "runtime/runtime.h"

using namespace cudart;

namespace {

// Casts between the runtime's and the driver's type, which have the same size and layout.
template <typename To, typename From>
To* as(From* from) {
  return reinterpret_cast<To*>(from);
}

// Calls `call` with the driver's parameters of a kernel.
template <typename Call>
cudaError_t with_kernel(const cudaKernelNodeParams* node, Call call) {
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
}

// The kernel is the driver's function, which every call here accepts.
CUresult parameters_of(cudaGraphNode_t node, cudaKernelNodeParams* parameters) {
  CUDA_KERNEL_NODE_PARAMS kernel = {};
  CUresult result = parameters ? CU(cuGraphKernelNodeGetParams_v2)(node, &kernel) : CUDA_ERROR_INVALID_VALUE;
  if (result == CUDA_SUCCESS) {
    *parameters = {kernel.func, {kernel.gridDimX, kernel.gridDimY, kernel.gridDimZ},
                   {kernel.blockDimX, kernel.blockDimY, kernel.blockDimZ}, kernel.sharedMemBytes, kernel.kernelParams,
                   kernel.extra};
  }
  return result;
}

CUresult add_copy(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* dependencies, size_t count,
                  const cudaMemcpy3DParms* box) {
  CUDA_MEMCPY3D copy;
  CUresult result = box ? drivers_box(*box, copy) : CUDA_ERROR_INVALID_VALUE;
  return result == CUDA_SUCCESS ? CU(cuGraphAddMemcpyNode)(node, graph, dependencies, count, &copy, nullptr) : result;
}

cudaMemcpy3DParms row(void* to, const void* from, size_t bytes, cudaMemcpyKind kind) {
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
STREAMED(cudaGraphLaunch, (cudaGraphExec_t executable, cudaStream_t stream), cuGraphLaunch, (executable, stream))
STREAMED(cudaGraphUpload, (cudaGraphExec_t executable, cudaStream_t stream), cuGraphUpload, (executable, stream))
DIRECT(cudaGraphDestroy, (cudaGraph_t graph), cuGraphDestroy, (graph))
DIRECT(cudaGraphExecDestroy, (cudaGraphExec_t executable), cuGraphExecDestroy, (executable))
DIRECT(cudaGraphExecUpdate, (cudaGraphExec_t executable, cudaGraph_t graph, cudaGraphExecUpdateResultInfo* info),
       cuGraphExecUpdate_v2, (executable, graph, as<CUgraphExecUpdateResultInfo>(info)))
DIRECT(cudaGraphCreate, (cudaGraph_t* graph, unsigned flags), cuGraphCreate, (graph, flags))
DIRECT(cudaGraphClone, (cudaGraph_t* clone, cudaGraph_t graph), cuGraphClone, (clone, graph))
DIRECT(cudaGraphDestroyNode, (cudaGraphNode_t node), cuGraphDestroyNode, (node))
DIRECT(cudaGraphNodeGetType, (cudaGraphNode_t node, cudaGraphNodeType* type), cuGraphNodeGetType,
       (node, as<CUgraphNodeType>(type)))
DIRECT(cudaGraphGetNodes, (cudaGraph_t graph, cudaGraphNode_t* nodes, size_t* count), cuGraphGetNodes,
       (graph, nodes, count))
DIRECT(cudaGraphGetRootNodes, (cudaGraph_t graph, cudaGraphNode_t* nodes, size_t* count), cuGraphGetRootNodes,
       (graph, nodes, count))

// A function that adds a node of a kind behind other nodes of the graph.
#define ADD(name, what, ...)                                                                                         \
  CALL(name, (cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* dependencies, size_t count WITH what), \
       __VA_ARGS__)
#define WITH(...) __VA_OPT__(,) __VA_ARGS__
ADD(cudaGraphAddEmptyNode, (), CU(cuGraphAddEmptyNode)(node, graph, dependencies, count))
ADD(cudaGraphAddChildGraphNode, (cudaGraph_t child),
    CU(cuGraphAddChildGraphNode)(node, graph, dependencies, count, child))
ADD(cudaGraphAddMemsetNode, (const cudaMemsetParams* parameters),
    CU(cuGraphAddMemsetNode)(node, graph, dependencies, count, as<const CUDA_MEMSET_NODE_PARAMS>(parameters), nullptr))
ADD(cudaGraphAddHostNode, (const cudaHostNodeParams* parameters),
    CU(cuGraphAddHostNode)(node, graph, dependencies, count, as<const CUDA_HOST_NODE_PARAMS>(parameters)))
ADD(cudaGraphAddKernelNode, (const cudaKernelNodeParams* parameters),
    with_kernel(parameters, [=](const CUDA_KERNEL_NODE_PARAMS* kernel) {
      return CU(cuGraphAddKernelNode_v2)(node, graph, dependencies, count, kernel);
    }))
ADD(cudaGraphAddMemcpyNode, (const cudaMemcpy3DParms* box), add_copy(node, graph, dependencies, count, box))
ADD(cudaGraphAddMemcpyNode1D, (void* to, const void* from, size_t bytes, cudaMemcpyKind kind), [=] {
  const cudaMemcpy3DParms box = row(to, from, bytes, kind);
  return add_copy(node, graph, dependencies, count, &box);
}())

CALL(cudaGraphKernelNodeGetParams, (cudaGraphNode_t node, cudaKernelNodeParams* parameters),
     parameters_of(node, parameters))
CALL(cudaGraphKernelNodeSetParams, (cudaGraphNode_t node, const cudaKernelNodeParams* parameters),
     with_kernel(parameters, [=](const CUDA_KERNEL_NODE_PARAMS* kernel) {
       return CU(cuGraphKernelNodeSetParams_v2)(node, kernel);
     }))
CALL(cudaGraphExecKernelNodeSetParams, (cudaGraphExec_t executable, cudaGraphNode_t node,
                                        const cudaKernelNodeParams* parameters),
     with_kernel(parameters, [=](const CUDA_KERNEL_NODE_PARAMS* kernel) {
       return CU(cuGraphExecKernelNodeSetParams_v2)(executable, node, kernel);
     }))

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
DIRECT(cudaGraphGetEdges, (cudaGraph_t graph, cudaGraphNode_t* from, cudaGraphNode_t* to, EDGES(cudaGraphEdgeData*)
                           size_t* count),
       cuGraphGetEdges_v2, (graph, from, to, OF_EDGES(CUgraphEdgeData) count))

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
