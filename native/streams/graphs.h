// Operations as nodes, and in which orders they may run.
#pragma once
#include <variant>

#include "calls/handles.h"
#include "streams/streams.h"

namespace sim {

struct Graph {
  std::vector<Node> nodes;
};

// A node was made of one of these, which stand in the order of the types of nodes.
struct NodeParameters {
  using Described =
      std::variant<CUDA_KERNEL_NODE_PARAMS, CUDA_MEMCPY3D, CUDA_MEMSET_NODE_PARAMS, CUDA_HOST_NODE_PARAMS>;
  Described described;
  std::vector<std::vector<unsigned char>> arguments = {};  // of the kernel, at which its addresses point
  std::vector<void*> addresses = {};
};

template <typename Parameters>
std::shared_ptr<NodeParameters> parameters_of(const Parameters& described) {
  return std::make_shared<NodeParameters>(NodeParameters{described});
}

CUgraph add_graph(std::shared_ptr<Graph> graph);
// Null if there is none; or ends the call.
std::shared_ptr<Graph> find_graph(CUgraph handle);
std::shared_ptr<Graph> graph_of(CUgraph handle);

// A graph's own copy of another, which ends with the context.
CUgraph add_child(const Graph& of);

// Adds a node, which gets its handle.
void add_node(const std::shared_ptr<Graph>& graph, Node node);

// A node in its graph, by its handle; ends the call if it is gone.
struct NodePlace {
  std::shared_ptr<Graph> graph;
  size_t number;

  Node& node() const { return graph->nodes[number]; }
};
NodePlace place_of(CUgraphNode handle);

// The numbers of nodes in a graph; ends the call if one is not there, or twice.
std::vector<size_t> numbers_of(const Graph& graph, const CUgraphNode* handles, size_t count);

CUgraphNodeType type_of(const Node& node);

Operation operation_of(const CUDA_HOST_NODE_PARAMS& node);

// A node of that operation behind the dependencies.
CUresult add_node(CUgraphNode* made, CUgraph graph, const CUgraphNode* dependencies, size_t count, Node node);

// Puts another operation of the same type in the place of a node's, in all later launches.
CUresult replace_in(CUgraphExec executable, CUgraphNode node, Operation operation);

// Children in the place of their nodes, and each node behind those that it comes after; false if some go round.
bool flatten(const Graph& graph, std::vector<Node>& flat);

// One that the nodes' dependencies allow: the first stream as far ahead as it can be, or the last. By priorities, the
// kernels of the greatest are as far ahead as they can be, and the first stream among equals.
enum class First { STREAM, LAST_STREAM, PRIORITY };
std::vector<size_t> order_of(const std::vector<Node>& nodes, First first);

// For each node those that run neither before it nor after it for sure.
std::vector<std::vector<size_t>> unordered(const std::vector<Node>& nodes);

}
