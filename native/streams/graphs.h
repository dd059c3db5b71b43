// Operations as nodes of a graph, and the orders in which nodes may run.
#pragma once
#include <variant>

#include "calls/handles.h"
#include "streams/streams.h"

namespace sim {

struct Graph {
  std::vector<Node> nodes;
};

// The parameters of a node; the alternatives stand in the order of node types.
struct NodeParameters {
  using Described =
      std::variant<CUDA_KERNEL_NODE_PARAMS, CUDA_MEMCPY3D, CUDA_MEMSET_NODE_PARAMS, CUDA_HOST_NODE_PARAMS>;
  Described described;
  std::vector<std::vector<unsigned char>> arguments = {};  // the kernel's, to which its addresses point
  std::vector<void*> addresses = {};
};

template <typename Parameters>
std::shared_ptr<NodeParameters> parameters_of(const Parameters& described) {
  return std::make_shared<NodeParameters>(NodeParameters{described});
}

CUgraph add_graph(std::shared_ptr<Graph> graph);
// The graph of a handle: the first function returns null if there is none, the second ends the call.
std::shared_ptr<Graph> find_graph(CUgraph handle);
std::shared_ptr<Graph> graph_of(CUgraph handle);

// Adds a graph's own copy of another graph, which ends with the context.
CUgraph add_child(const Graph& of);

// Adds a node and gives it a handle.
void add_node(const std::shared_ptr<Graph>& graph, Node node);

// A node in its graph; place_of ends the call if the handle is gone.
struct NodePlace {
  std::shared_ptr<Graph> graph;
  size_t number;

  Node& node() const { return graph->nodes[number]; }
};
NodePlace place_of(CUgraphNode handle);

// The indices of nodes in a graph; ends the call if a node is missing or stands there twice.
std::vector<size_t> numbers_of(const Graph& graph, const CUgraphNode* handles, size_t count);

CUgraphNodeType type_of(const Node& node);

Operation operation_of(const CUDA_HOST_NODE_PARAMS& node);

// Adds a node of an operation behind the dependencies.
CUresult add_node(CUgraphNode* made, CUgraph graph, const CUgraphNode* dependencies, size_t count, Node node);

// Replaces a node's operation by another of the same type, in all later launches.
CUresult replace_in(CUgraphExec executable, CUgraphNode node, Operation operation);

// Replaces child-graph nodes by the child's nodes, and puts each node behind its dependencies; false if there is a
// cycle.
bool flatten(const Graph& graph, std::vector<Node>& flat);

// An order that the dependencies allow: the first stream runs as early as possible, or the last stream, or kernels with
// the greatest priority, with the first stream first among equals.
enum class First { STREAM, LAST_STREAM, PRIORITY };
std::vector<size_t> order_of(const std::vector<Node>& nodes, First first);

// For each node, the nodes that are not ordered before or after it.
std::vector<std::vector<size_t>> unordered(const std::vector<Node>& nodes);

}
