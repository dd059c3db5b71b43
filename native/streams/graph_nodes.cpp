// Nodes that a program creates itself, and queries of any node.
#include <algorithm>

#include "calls/calls.h"
#include "calls/of_context.h"
#include "streams/graphs.h"

namespace sim {

namespace {

OfContext<std::map<CUgraphNode, std::weak_ptr<Graph>>> owners;

size_t number_of(const Graph& graph, CUgraphNode handle) {
  return std::find_if(graph.nodes.begin(), graph.nodes.end(), [=](const Node& one) { return one.handle == handle; }) -
         graph.nodes.begin();
}

// Adds or removes a dependency for each pair; changes nothing if one pair is not allowed.
CUresult change(CUgraph handle, const CUgraphNode* from, const CUgraphNode* to, size_t count, bool adds) {
  std::shared_ptr<Graph> graph = graph_of(handle);
  require(count == 0 || (from && to));
  std::vector<Node> changed = graph->nodes;
  for (size_t i = 0; i < count; i++) {
    size_t first = number_of(*graph, from[i]), second = number_of(*graph, to[i]);
    require(std::max(first, second) < changed.size() && first != second);
    std::vector<size_t>& after = changed[second].after;
    auto found = std::find(after.begin(), after.end(), first);
    require((found == after.end()) == adds);
    adds ? after.push_back(first) : (void)after.erase(found);
  }
  graph->nodes = std::move(changed);
  return CUDA_SUCCESS;
}

}

void add_node(const std::shared_ptr<Graph>& graph, Node node) {
  node.handle = reinterpret_cast<CUgraphNode>(next_handle());
  owners[node.handle] = graph;
  graph->nodes.push_back(std::move(node));
}

NodePlace place_of(CUgraphNode handle) {
  auto owner = owners.find(handle);
  std::shared_ptr<Graph> graph = owner == owners.end() ? nullptr : owner->second.lock();
  size_t number = graph ? number_of(*graph, handle) : 0;
  require(graph && number < graph->nodes.size());
  return {graph, number};
}

std::vector<size_t> numbers_of(const Graph& graph, const CUgraphNode* handles, size_t count) {
  std::vector<size_t> numbers;
  require(handles || count == 0);
  for (size_t i = 0; i < count; i++) {
    numbers.push_back(number_of(graph, handles[i]));
    require(numbers[i] < graph.nodes.size() && std::count(numbers.begin(), numbers.end(), numbers[i]) == 1);
  }
  return numbers;
}

CUgraphNodeType type_of(const Node& node) {
  return node.child ? CU_GRAPH_NODE_TYPE_GRAPH : node.operation.type;
}

CUresult add_node(CUgraphNode* made, CUgraph handle, const CUgraphNode* dependencies, size_t count, Node node) {
  std::shared_ptr<Graph> graph = graph_of(handle);
  require(made);
  node.after = numbers_of(*graph, dependencies, count);
  node.rank = unsigned(graph->nodes.size()) + 1;
  add_node(graph, std::move(node));
  return tell(made, graph->nodes.back().handle);
}

bool flatten(const Graph& graph, std::vector<Node>& flat) {
  std::vector<size_t> order = order_of(graph.nodes, First::STREAM);
  bool in_order = true;
  for (size_t i = 0; i < graph.nodes.size(); i++) {
    const std::vector<size_t>& after = graph.nodes[i].after;
    in_order = in_order && std::all_of(after.begin(), after.end(), [=](size_t one) { return one < i; });
  }
  if (order.size() < graph.nodes.size()) {
    return false;
  }
  std::vector<std::vector<size_t>> ends(graph.nodes.size());  // by which each is over
  for (size_t place = 0; place < order.size(); place++) {
    size_t number = in_order ? place : order[place];
    Node node = graph.nodes[number];
    std::vector<size_t> after;
    for (size_t earlier : node.after) {
      after.insert(after.end(), ends[earlier].begin(), ends[earlier].end());
    }
    std::vector<Node> inner;
    std::shared_ptr<Graph> child = node.child ? find_graph(node.child) : nullptr;
    if (child && !flatten(*child, inner)) {
      return false;
    }
    if (inner.empty()) {
      node.after = std::move(after);
      ends[number].assign(1, flat.size());
      flat.push_back(std::move(node));
      continue;
    }
    size_t base = flat.size();
    std::vector<bool> last(inner.size(), true);
    for (Node& one : inner) {
      for (size_t& earlier : one.after) {
        last[earlier] = false;
        earlier += base;
      }
      one.after = one.after.empty() ? after : one.after;
      one.rank += node.rank;
      flat.push_back(one);
    }
    for (size_t i = 0; i < inner.size(); i++) {
      if (last[i]) {
        ends[number].push_back(base + i);
      }
    }
  }
  return true;
}

CUresult cuGraphCreate(CUgraph* graph, unsigned int flags) {
  require(graph && flags == 0);
  return tell(graph, add_graph(std::make_shared<Graph>()));
}

namespace {

Node empty_node(CUgraph child) {
  Node node;
  node.operation = {"nothing", [] { return CUDA_SUCCESS; }};
  node.child = child;
  return node;
}

}

CUresult cuGraphAddEmptyNode(CUgraphNode* made, CUgraph graph, const CUgraphNode* dependencies, size_t count) {
  return add_node(made, graph, dependencies, count, empty_node(nullptr));
}

// The node takes a copy of the child as it is now.
CUresult cuGraphAddChildGraphNode(CUgraphNode* made, CUgraph graph, const CUgraphNode* dependencies, size_t count,
                                  CUgraph child) {
  std::shared_ptr<Graph> of = graph_of(child);
  require(child != graph);
  return add_node(made, graph, dependencies, count, empty_node(add_child(*of)));
}

CUresult cuGraphChildGraphNodeGetGraph(CUgraphNode handle, CUgraph* child) {
  return tell(child, found(place_of(handle).node().child, CUDA_ERROR_INVALID_VALUE));
}

CUresult cuGraphNodeFindInClone(CUgraphNode* to, CUgraphNode node, CUgraph clone) {
  for (const Node& one : graph_of(clone)->nodes) {
    if (one.cloned_from == node) {
      return tell(to, one.handle);
    }
  }
  return CUDA_ERROR_INVALID_VALUE;
}

// Edge data tells when a kernel that triggers early launches counts as over; here that is its end.
CUresult cuGraphAddDependencies_v2(CUgraph graph, const CUgraphNode* from, const CUgraphNode* to,
                                   const CUgraphEdgeData*, size_t count) {
  return change(graph, from, to, count, true);
}

CUresult cuGraphRemoveDependencies_v2(CUgraph graph, const CUgraphNode* from, const CUgraphNode* to,
                                      const CUgraphEdgeData*, size_t count) {
  return change(graph, from, to, count, false);
}

namespace {

// Copies as many entries of a list as there is room for, or tells how many there are.
template <typename Value>
void hand_out(const std::vector<Value>& list, Value* to, size_t& count) {
  for (size_t i = 0; to && i < count; i++) {
    to[i] = i < list.size() ? list[i] : Value();
  }
  count = to ? std::min(count, list.size()) : list.size();
}

// Hands out the nodes of a graph that fit the condition.
template <typename Asked>
CUresult hand_out_those(const Graph& graph, CUgraphNode* to, CUgraphEdgeData* edges, size_t* count, Asked asked) {
  require(count);
  std::vector<CUgraphNode> list;
  for (size_t i = 0; i < graph.nodes.size(); i++) {
    if (asked(i)) {
      list.push_back(graph.nodes[i].handle);
    }
  }
  hand_out(list, to, *count);
  std::fill_n(edges, edges ? *count : 0, CUgraphEdgeData());
  return CUDA_SUCCESS;
}

bool has(const std::vector<size_t>& numbers, size_t number) {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

}

CUresult cuGraphGetNodes(CUgraph graph, CUgraphNode* nodes, size_t* count) {
  return hand_out_those(*graph_of(graph), nodes, nullptr, count, [](size_t) { return true; });
}

CUresult cuGraphGetRootNodes(CUgraph handle, CUgraphNode* nodes, size_t* count) {
  std::shared_ptr<Graph> graph = graph_of(handle);
  return hand_out_those(*graph, nodes, nullptr, count, [&](size_t i) { return graph->nodes[i].after.empty(); });
}

CUresult cuGraphGetEdges_v2(CUgraph handle, CUgraphNode* from, CUgraphNode* to, CUgraphEdgeData* edges, size_t* count) {
  std::shared_ptr<Graph> graph = graph_of(handle);
  require(count && !from == !to);
  std::vector<CUgraphNode> first, second;
  for (const Node& node : graph->nodes) {
    for (size_t earlier : node.after) {
      first.push_back(graph->nodes[earlier].handle);
      second.push_back(node.handle);
    }
  }
  size_t room = *count;
  hand_out(first, from, room);
  hand_out(second, to, *count);
  std::fill_n(edges, edges ? *count : 0, CUgraphEdgeData());
  return CUDA_SUCCESS;
}

CUresult cuGraphNodeGetDependencies_v2(CUgraphNode node, CUgraphNode* nodes, CUgraphEdgeData* edges, size_t* count) {
  NodePlace place = place_of(node);
  return hand_out_those(*place.graph, nodes, edges, count, [&](size_t i) { return has(place.node().after, i); });
}

CUresult cuGraphNodeGetDependentNodes_v2(CUgraphNode node, CUgraphNode* nodes, CUgraphEdgeData* edges, size_t* count) {
  NodePlace place = place_of(node);
  return hand_out_those(*place.graph, nodes, edges, count,
                        [&](size_t i) { return has(place.graph->nodes[i].after, place.number); });
}

CUresult cuGraphNodeGetType(CUgraphNode handle, CUgraphNodeType* type) {
  return tell(type, type_of(place_of(handle).node()));
}

CUresult cuGraphDestroyNode(CUgraphNode handle) {
  auto [graph, number] = place_of(handle);
  graph->nodes.erase(graph->nodes.begin() + long(number));
  for (Node& one : graph->nodes) {
    one.after.erase(std::remove(one.after.begin(), one.after.end(), number), one.after.end());
    for (size_t& earlier : one.after) {
      earlier -= earlier > number;
    }
  }
  return CUDA_SUCCESS;
}

}
