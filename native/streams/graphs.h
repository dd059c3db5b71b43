// Operations as nodes, and in which orders they may run.
#pragma once
#include "calls/handles.h"
#include "streams/streams.h"

namespace sim {

struct Graph {
  std::vector<Node> nodes;
};

// A node was made of one of these, as its type says.
struct NodeParameters {
  CUDA_KERNEL_NODE_PARAMS kernel = {};
  CUDA_MEMCPY3D copy = {};
  CUDA_MEMSET_NODE_PARAMS fill = {};
  CUDA_HOST_NODE_PARAMS host = {};
  std::vector<std::vector<unsigned char>> arguments;  // of the kernel, at which its addresses point
  std::vector<void*> addresses;
};

CUgraph add_graph(std::shared_ptr<Graph> graph);
std::shared_ptr<Graph> find_graph(CUgraph handle);

// A graph's own copy of another, which ends with the context.
CUgraph add_child(const Graph& of);

// Adds a node, which gets its handle.
void add_node(const std::shared_ptr<Graph>& graph, Node node);

// By its handle, with the graph that it is in; null if it is gone.
Node* find_node(CUgraphNode handle, std::shared_ptr<Graph>& graph);

// The numbers of nodes in a graph; false if one is not there, or twice.
bool numbers_of(const Graph& graph, const CUgraphNode* handles, size_t count, std::vector<size_t>& numbers);

CUgraphNodeType type_of(const Node& node);

CUresult host_operation(const CUDA_HOST_NODE_PARAMS& node, Operation& operation);

// A node of that operation behind the dependencies.
CUresult add_node(CUgraphNode* made, CUgraph graph, const CUgraphNode* dependencies, size_t count, Node node);

// Puts another operation of the same type in the place of a node's, in all later launches.
CUresult replace_in(CUgraphExec executable, CUgraphNode node, CUgraphNodeType type, Operation operation);

// Children in the place of their nodes, and each node behind those that it comes after; false if some go round.
bool flatten(const Graph& graph, std::vector<Node>& flat);

// One that the nodes' dependencies allow: the first stream as far ahead as it can be, or the last. By priorities, the
// kernels of the greatest are as far ahead as they can be, and the first stream among equals.
enum class First { STREAM, LAST_STREAM, PRIORITY };
std::vector<size_t> order_of(const std::vector<Node>& nodes, First first);

// SUCCESS if the second may take the first's place, or why not; where nodes keep priorities, these may not change.
CUgraphExecUpdateResult compare(const std::vector<Node>& one, const std::vector<Node>& other, bool priorities);

// For each node those that run neither before it nor after it for sure.
std::vector<std::vector<size_t>> unordered(const std::vector<Node>& nodes);

}
