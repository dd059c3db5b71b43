// Nodes that work: made, asked for what they do, and given something else of their kind to do.
#include "calls/calls.h"
#include "driver/node_operations.h"
#include "images/host_memory.h"
#include "memory/state.h"

namespace sim {

namespace {

template <typename Parameters, typename Make>
CUresult add(CUgraphNode* made, CUgraph graph, const CUgraphNode* dependencies, size_t count,
             const Parameters* parameters, Make make) {
  if (!readable(parameters, sizeof *parameters)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  Node node;
  CUresult result = make(*parameters, node.operation);
  return result == CUDA_SUCCESS ? add_node(made, graph, dependencies, count, std::move(node)) : result;
}

// Copies that a capture recorded in one piece, and calls of libraries, have no such description.
template <typename Parameters>
CUresult get(CUgraphNode handle, CUgraphNodeType type, Parameters* to, Parameters NodeParameters::* which) {
  std::shared_ptr<Graph> graph;
  Node* node = find_node(handle, graph);
  if (!node || type_of(*node) != type || !to) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (!node->operation.parameters) {
    complain("parameters of a node that a capture recorded of " + node->operation.what + " are not simulated");
    return CUDA_ERROR_NOT_SUPPORTED;
  }
  *to = *node->operation.parameters.*which;
  return CUDA_SUCCESS;
}

template <typename Parameters, typename Make>
CUresult set(CUgraphNode handle, CUgraphNodeType type, const Parameters* parameters, Make make) {
  std::shared_ptr<Graph> graph;
  Node* node = find_node(handle, graph);
  if (!node || type_of(*node) != type || !readable(parameters, sizeof *parameters)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  Operation operation;
  CUresult result = make(*parameters, operation);
  if (result == CUDA_SUCCESS) {
    operation.priority = node->operation.priority;
    node->operation = std::move(operation);
  }
  return result;
}

template <typename Parameters, typename Make>
CUresult set_in(CUgraphExec executable, CUgraphNode node, CUgraphNodeType type, const Parameters* parameters,
                Make make) {
  if (!readable(parameters, sizeof *parameters)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  Operation operation;
  CUresult result = make(*parameters, operation);
  return result == CUDA_SUCCESS ? replace_in(executable, node, type, std::move(operation)) : result;
}

CUresult copy_operation(const CUDA_MEMCPY3D& copy, Operation& operation) {
  return copy.WidthInBytes && copy.Height && copy.Depth ? box_copy(copy, operation) : CUDA_ERROR_INVALID_VALUE;
}

}

#define NODES(KIND, Parameters, make, member, get_name, set_name)                                          \
  CUresult get_name(CUgraphNode node, Parameters* parameters) {                                            \
    return get(node, CU_GRAPH_NODE_TYPE_##KIND, parameters, &NodeParameters::member);                      \
  }                                                                                                        \
  CUresult set_name(CUgraphNode node, const Parameters* parameters) {                                      \
    return set(node, CU_GRAPH_NODE_TYPE_##KIND, parameters, make);                                         \
  }
NODES(KERNEL, CUDA_KERNEL_NODE_PARAMS, kernel_operation, kernel,
      cuGraphKernelNodeGetParams_v2, cuGraphKernelNodeSetParams_v2)
NODES(MEMCPY, CUDA_MEMCPY3D, copy_operation, copy, cuGraphMemcpyNodeGetParams, cuGraphMemcpyNodeSetParams)
NODES(MEMSET, CUDA_MEMSET_NODE_PARAMS, fill_operation, fill, cuGraphMemsetNodeGetParams,
      cuGraphMemsetNodeSetParams)
NODES(HOST, CUDA_HOST_NODE_PARAMS, host_operation, host, cuGraphHostNodeGetParams, cuGraphHostNodeSetParams)

CUresult cuGraphAddKernelNode_v2(CUgraphNode* node, CUgraph graph, const CUgraphNode* dependencies, size_t count,
                                 const CUDA_KERNEL_NODE_PARAMS* parameters) {
  return add(node, graph, dependencies, count, parameters, kernel_operation);
}

CUresult cuGraphAddHostNode(CUgraphNode* node, CUgraph graph, const CUgraphNode* dependencies, size_t count,
                            const CUDA_HOST_NODE_PARAMS* parameters) {
  return add(node, graph, dependencies, count, parameters, host_operation);
}

CUresult cuGraphAddMemcpyNode(CUgraphNode* node, CUgraph graph, const CUgraphNode* dependencies, size_t count,
                              const CUDA_MEMCPY3D* copy, CUcontext) {
  return add(node, graph, dependencies, count, copy, copy_operation);
}

CUresult cuGraphAddMemsetNode(CUgraphNode* node, CUgraph graph, const CUgraphNode* dependencies, size_t count,
                              const CUDA_MEMSET_NODE_PARAMS* parameters, CUcontext) {
  return add(node, graph, dependencies, count, parameters, fill_operation);
}

CUresult cuGraphExecKernelNodeSetParams_v2(CUgraphExec executable, CUgraphNode node,
                                           const CUDA_KERNEL_NODE_PARAMS* parameters) {
  return set_in(executable, node, CU_GRAPH_NODE_TYPE_KERNEL, parameters, kernel_operation);
}

CUresult cuGraphExecHostNodeSetParams(CUgraphExec executable, CUgraphNode node,
                                      const CUDA_HOST_NODE_PARAMS* parameters) {
  return set_in(executable, node, CU_GRAPH_NODE_TYPE_HOST, parameters, host_operation);
}

CUresult cuGraphExecMemcpyNodeSetParams(CUgraphExec executable, CUgraphNode node, const CUDA_MEMCPY3D* copy,
                                        CUcontext) {
  return set_in(executable, node, CU_GRAPH_NODE_TYPE_MEMCPY, copy, copy_operation);
}

CUresult cuGraphExecMemsetNodeSetParams(CUgraphExec executable, CUgraphNode node,
                                        const CUDA_MEMSET_NODE_PARAMS* parameters, CUcontext) {
  return set_in(executable, node, CU_GRAPH_NODE_TYPE_MEMSET, parameters, fill_operation);
}

}
