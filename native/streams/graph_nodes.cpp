// Nodes as a program makes them by itself, and what it may ask of any.
#include <algorithm>

#include "calls/calls.h"
#include "calls/of_context.h"
#include "streams/graphs.h"

namespace sim {

namespace {

OfContext<std::map<CUgraphNode, std::weak_ptr<Graph>>> owners;

// Hands out so many of a list as there is room for, or says how many there are.
CUresult hand_out(const std::vector<CUgraphNode>& list, CUgraphNode* to, size_t* count) {
  if (!count) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  for (size_t i = 0; to && i < *count; i++) {
    to[i] = i < list.size() ? list[i] : nullptr;
  }
  *count = to ? std::min(*count, list.size()) : list.size();
  return CUDA_SUCCESS;
}

size_t number_of(const Graph& graph, CUgraphNode handle) {
  return std::find_if(graph.nodes.begin(), graph.nodes.end(), [=](const Node& one) { return one.handle == handle; }) -
         graph.nodes.begin();
}

// Each pair makes or ends a dependency; nothing changes where one may not.
CUresult change(CUgraph handle, const CUgraphNode* from, const CUgraphNode* to, size_t count, bool adds) {
  std::shared_ptr<Graph> graph = find_graph(handle);
  if (!graph || (count && (!from || !to))) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  std::vector<Node> changed = graph->nodes;
  for (size_t i = 0; i < count; i++) {
    size_t first = number_of(*graph, from[i]), second = number_of(*graph, to[i]);
    if (std::max(first, second) >= changed.size() || first == second) {
      return CUDA_ERROR_INVALID_VALUE;
    }
    std::vector<size_t>& after = changed[second].after;
    auto found = std::find(after.begin(), after.end(), first);
    if ((found == after.end()) != adds) {
      return CUDA_ERROR_INVALID_VALUE;
    }
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

Node* find_node(CUgraphNode handle, std::shared_ptr<Graph>& graph) {
  auto found = owners.find(handle);
  graph = found == owners.end() ? nullptr : found->second.lock();
  size_t number = graph ? number_of(*graph, handle) : 0;
  return graph && number < graph->nodes.size() ? &graph->nodes[number] : nullptr;
}

bool numbers_of(const Graph& graph, const CUgraphNode* handles, size_t count, std::vector<size_t>& numbers) {
  for (size_t i = 0; i < count; i++) {
    size_t number = handles ? number_of(graph, handles[i]) : graph.nodes.size();
    if (number == graph.nodes.size() || std::find(numbers.begin(), numbers.end(), number) != numbers.end()) {
      return false;
    }
    numbers.push_back(number);
  }
  return true;
}

CUgraphNodeType type_of(const Node& node) {
  return node.child ? CU_GRAPH_NODE_TYPE_GRAPH : node.operation.type;
}

CUresult add_node(CUgraphNode* made, CUgraph handle, const CUgraphNode* dependencies, size_t count, Node node) {
  std::shared_ptr<Graph> graph = find_graph(handle);
  if (!made || !graph || !numbers_of(*graph, dependencies, count, node.after)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  node.rank = unsigned(graph->nodes.size()) + 1;
  add_node(graph, std::move(node));
  *made = graph->nodes.back().handle;
  return CUDA_SUCCESS;
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
  if (!graph || flags != 0) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *graph = add_graph(std::make_shared<Graph>());
  return CUDA_SUCCESS;
}

CUresult cuGraphAddEmptyNode(CUgraphNode* made, CUgraph graph, const CUgraphNode* dependencies, size_t count) {
  Node node;
  node.operation = {"nothing", [] { return CUDA_SUCCESS; }};
  return add_node(made, graph, dependencies, count, std::move(node));
}

// It takes the child as it is now.
CUresult cuGraphAddChildGraphNode(CUgraphNode* made, CUgraph graph, const CUgraphNode* dependencies, size_t count,
                                  CUgraph child) {
  std::shared_ptr<Graph> found = find_graph(child);
  if (!found || child == graph) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  Node node;
  node.operation = {"nothing", [] { return CUDA_SUCCESS; }};
  node.child = add_child(*found);
  return add_node(made, graph, dependencies, count, std::move(node));
}

CUresult cuGraphChildGraphNodeGetGraph(CUgraphNode handle, CUgraph* child) {
  std::shared_ptr<Graph> graph;
  Node* node = find_node(handle, graph);
  if (!node || !child || !node->child) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *child = node->child;
  return CUDA_SUCCESS;
}

CUresult cuGraphNodeFindInClone(CUgraphNode* found, CUgraphNode node, CUgraph clone) {
  std::shared_ptr<Graph> graph = find_graph(clone);
  for (const Node& one : graph ? graph->nodes : std::vector<Node>()) {
    if (found && one.cloned_from == node) {
      *found = one.handle;
      return CUDA_SUCCESS;
    }
  }
  return CUDA_ERROR_INVALID_VALUE;
}

CUresult cuGraphAddDependencies(CUgraph graph, const CUgraphNode* from, const CUgraphNode* to, size_t count) {
  return change(graph, from, to, count, true);
}

// Edges say when a kernel that launches others early is over enough, which is at its end here.
CUresult cuGraphAddDependencies_v2(CUgraph graph, const CUgraphNode* from, const CUgraphNode* to,
                                   const CUgraphEdgeData*, size_t count) {
  return change(graph, from, to, count, true);
}

CUresult cuGraphRemoveDependencies(CUgraph graph, const CUgraphNode* from, const CUgraphNode* to, size_t count) {
  return change(graph, from, to, count, false);
}

CUresult cuGraphRemoveDependencies_v2(CUgraph graph, const CUgraphNode* from, const CUgraphNode* to,
                                      const CUgraphEdgeData*, size_t count) {
  return change(graph, from, to, count, false);
}

namespace {

// Handles of those nodes of a graph that are asked for.
template <typename Asked>
CUresult hand_out_those(const std::shared_ptr<Graph>& graph, CUgraphNode* to, size_t* count, Asked asked) {
  std::vector<CUgraphNode> list;
  for (size_t i = 0; graph && i < graph->nodes.size(); i++) {
    if (asked(i)) {
      list.push_back(graph->nodes[i].handle);
    }
  }
  return graph ? hand_out(list, to, count) : CUDA_ERROR_INVALID_VALUE;
}

bool has(const std::vector<size_t>& numbers, size_t number) {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

void no_data(CUgraphEdgeData* edges, const size_t* count) {
  for (size_t i = 0; edges && count && i < *count; i++) {
    edges[i] = CUgraphEdgeData();
  }
}

}

CUresult cuGraphGetNodes(CUgraph graph, CUgraphNode* nodes, size_t* count) {
  return hand_out_those(find_graph(graph), nodes, count, [](size_t) { return true; });
}

CUresult cuGraphGetRootNodes(CUgraph handle, CUgraphNode* nodes, size_t* count) {
  std::shared_ptr<Graph> graph = find_graph(handle);
  return hand_out_those(graph, nodes, count, [&](size_t i) { return graph->nodes[i].after.empty(); });
}

CUresult cuGraphGetEdges(CUgraph handle, CUgraphNode* from, CUgraphNode* to, size_t* count) {
  std::shared_ptr<Graph> graph = find_graph(handle);
  if (!graph || !count || !from != !to) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  std::vector<CUgraphNode> first, second;
  for (const Node& node : graph->nodes) {
    for (size_t earlier : node.after) {
      first.push_back(graph->nodes[earlier].handle);
      second.push_back(node.handle);
    }
  }
  size_t room = *count;
  hand_out(first, from, &room);
  return hand_out(second, to, count);
}

CUresult cuGraphGetEdges_v2(CUgraph graph, CUgraphNode* from, CUgraphNode* to, CUgraphEdgeData* edges, size_t* count) {
  CUresult result = sim::cuGraphGetEdges(graph, from, to, count);
  no_data(edges, count);
  return result;
}

CUresult cuGraphNodeGetDependencies(CUgraphNode handle, CUgraphNode* nodes, size_t* count) {
  std::shared_ptr<Graph> graph;
  Node* node = find_node(handle, graph);
  return node ? hand_out_those(graph, nodes, count, [=](size_t i) { return has(node->after, i); })
              : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuGraphNodeGetDependencies_v2(CUgraphNode node, CUgraphNode* nodes, CUgraphEdgeData* edges, size_t* count) {
  CUresult result = sim::cuGraphNodeGetDependencies(node, nodes, count);
  no_data(edges, count);
  return result;
}

CUresult cuGraphNodeGetDependentNodes(CUgraphNode handle, CUgraphNode* nodes, size_t* count) {
  std::shared_ptr<Graph> graph;
  Node* node = find_node(handle, graph);
  if (!node) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  size_t number = size_t(node - graph->nodes.data());
  return hand_out_those(graph, nodes, count, [&](size_t i) { return has(graph->nodes[i].after, number); });
}

CUresult cuGraphNodeGetDependentNodes_v2(CUgraphNode node, CUgraphNode* nodes, CUgraphEdgeData* edges, size_t* count) {
  CUresult result = sim::cuGraphNodeGetDependentNodes(node, nodes, count);
  no_data(edges, count);
  return result;
}

CUresult cuGraphNodeGetType(CUgraphNode handle, CUgraphNodeType* type) {
  std::shared_ptr<Graph> graph;
  Node* node = find_node(handle, graph);
  if (!node || !type) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *type = type_of(*node);
  return CUDA_SUCCESS;
}

CUresult cuGraphDestroyNode(CUgraphNode handle) {
  std::shared_ptr<Graph> graph;
  Node* node = find_node(handle, graph);
  if (!node) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  size_t number = size_t(node - graph->nodes.data());
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
