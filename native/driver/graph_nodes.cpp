// Nodes of operations: adding them, and reading and replacing their parameters.
#include "calls/calls.h"
#include "driver/node_operations.h"
#include "driver/refuse.h"

namespace sim {

namespace {

// Copies that a capture recorded as one piece, and library calls, have no such parameters.
template <typename Parameters>
CUresult get(CUgraphNode handle, Parameters* to) {
  const Node& node = place_of(handle).node();
  require(to && size_t(type_of(node)) == NodeParameters::Described(std::in_place_type<Parameters>).index());
  if (!node.operation.parameters) {
    refuse(CUDA_ERROR_NOT_SUPPORTED, "a graph",
           "parameters of a node that a capture recorded of " + node.operation.what + " are not simulated");
  }
  return tell(to, std::get<Parameters>(node.operation.parameters->described));
}

CUresult set(CUgraphNode handle, Operation operation) {
  Node& node = place_of(handle).node();
  require(type_of(node) == operation.type);
  operation.priority = node.operation.priority;
  operation.early = node.operation.early;
  node.operation = std::move(operation);
  return CUDA_SUCCESS;
}

}

#define AND_CONTEXT , CUcontext
#define NODES(Kind, version, Parameters, and_context)                                                              \
  CUresult cuGraphAdd##Kind##Node##version(CUgraphNode* made, CUgraph graph, const CUgraphNode* dependencies,      \
                                           size_t count, const Parameters* parameters and_context) {               \
    Node node;                                                                                                     \
    node.operation = operation_of(passed(parameters));                                                             \
    return add_node(made, graph, dependencies, count, std::move(node));                                            \
  }                                                                                                                \
  CUresult cuGraph##Kind##NodeGetParams##version(CUgraphNode node, Parameters* parameters) {                       \
    return get(node, parameters);                                                                                  \
  }                                                                                                                \
  CUresult cuGraph##Kind##NodeSetParams##version(CUgraphNode node, const Parameters* parameters) {                 \
    return set(node, operation_of(passed(parameters)));                                                            \
  }                                                                                                                \
  CUresult cuGraphExec##Kind##NodeSetParams##version(CUgraphExec executable, CUgraphNode node,                     \
                                                     const Parameters* parameters and_context) {                   \
    return replace_in(executable, node, operation_of(passed(parameters)));                                         \
  }
NODES(Kernel, _v2, CUDA_KERNEL_NODE_PARAMS, )
NODES(Memcpy, , CUDA_MEMCPY3D, AND_CONTEXT)
NODES(Memset, , CUDA_MEMSET_NODE_PARAMS, AND_CONTEXT)
NODES(Host, , CUDA_HOST_NODE_PARAMS, )

}
