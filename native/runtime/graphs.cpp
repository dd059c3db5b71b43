// Graphs.
#include "runtime/runtime.h"

using namespace cudart;

EXPORT cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long flags) {
  return in_context([&] { return CU(cuGraphInstantiateWithFlags)(executable, graph, flags); });
}

EXPORT cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t* executable, cudaGraph_t graph,
                                                 unsigned long long flags) {
  return cudaGraphInstantiate(executable, graph, flags);
}

EXPORT cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  return in_context([&] { return CU(cuGraphLaunch)(executable, stream); });
}
ON_STREAM(cudaGraphLaunch, (cudaGraphExec_t executable, cudaStream_t stream), (executable, stream))

EXPORT cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  return in_context([&] { return CU(cuGraphDestroy)(graph); });
}

EXPORT cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  return in_context([&] { return CU(cuGraphExecDestroy)(executable); });
}
