// Captured operations, and what makes them ready to be launched again and again.
#include "streams/graphs.h"

#include <cstring>

#include "calls/calls.h"
#include "calls/handles.h"
#include "memory/footprint.h"
#include "memory/findings.h"
#include "memory/state.h"

namespace sim {

namespace {

// The driver that knows priorities of nodes.
constexpr int FIRST_WITH_PRIORITIES = 11070;

struct Content {
  std::vector<Node> nodes;
  std::vector<std::vector<size_t>> beside;
};

// A launch keeps the content of its moment: an update may come before it runs.
struct Executable {
  std::shared_ptr<const Content> content;
  unsigned long long flags;
  bool priorities;  // whether kernels run at those of the streams that recorded them, not at the launch's
  long long launches = 0;
};

// Null if its nodes wait for one another in a circle.
std::shared_ptr<Content> content_of(const Graph& graph) {
  auto content = std::make_shared<Content>();
  if (!flatten(graph, content->nodes)) {
    return nullptr;
  }
  content->beside = unordered(content->nodes);
  return content;
}

Handles<CUgraph, Graph> graphs(&counters.graphs_live), children;
Handles<CUgraphExec, Executable> executables(&counters.graphs_live);

CUresult conflict(const Node& one, const Node& other, Address address) {
  Allocation* allocation = allocation_of(address, 1);
  std::string where = allocation ? " byte " + std::to_string(address - allocation->start) + " of an allocation of " +
                                       std::to_string(allocation->size)
                                 : bytes_at(address, 1);
  return fail_context(Flaw::RACE, "graph", "graph: " + one.operation.what + " and " + other.operation.what +
                                               " both touch" + where +
                                               ", one writes it, and no dependency orders them",
                      "Add a dependency, or let a stream wait for an event of the other");
}

// A node of a launch has run: compares what it accessed with what those have accessed that may run beside it.
CUresult compare_nodes(const Content& graph, size_t node, std::vector<Footprint>& footprints) {
  for (size_t other : graph.beside[node]) {
    Address address = first_conflict(footprints[node], footprints[other]);
    if (address) {
      return conflict(graph.nodes[other], graph.nodes[node], address);
    }
  }
  return CUDA_SUCCESS;
}

}

CUgraph add_graph(std::shared_ptr<Graph> graph) {
  return graphs.add(std::move(graph));
}

CUgraph add_child(const Graph& of) {
  auto copy = std::make_shared<Graph>();
  for (Node node : of.nodes) {
    node.cloned_from = node.handle;
    add_node(copy, std::move(node));
  }
  return children.add(copy);
}

std::shared_ptr<Graph> find_graph(CUgraph handle) {
  std::shared_ptr<Graph> found = graphs.find(handle);
  return found ? found : children.find(handle);
}

CUresult cuGraphClone(CUgraph* clone, CUgraph handle) {
  std::shared_ptr<Graph> graph = find_graph(handle);
  if (!clone || !graph) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  CUgraph copy = add_child(*graph);
  *clone = graphs.add(children.find(copy));
  children.remove(copy);
  return CUDA_SUCCESS;
}

CUresult replace_in(CUgraphExec handle, CUgraphNode node, CUgraphNodeType type, Operation operation) {
  std::shared_ptr<Executable> executable = executables.find(handle);
  auto content = executable ? std::make_shared<Content>(*executable->content) : nullptr;
  for (size_t i = 0; content && i < content->nodes.size(); i++) {
    Node& found = content->nodes[i];
    if (found.handle == node && type_of(found) == type) {
      operation.priority = found.operation.priority;
      found.operation = std::move(operation);
      executable->content = content;
      return CUDA_SUCCESS;
    }
  }
  return CUDA_ERROR_INVALID_VALUE;
}

CUresult cuGraphInstantiateWithFlags(CUgraphExec* executable, CUgraph handle, unsigned long long flags) {
  std::shared_ptr<Graph> graph = find_graph(handle);
  bool priorities = flags & CUDA_GRAPH_INSTANTIATE_FLAG_USE_NODE_PRIORITY;
  constexpr unsigned KNOWN = CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH | CUDA_GRAPH_INSTANTIATE_FLAG_UPLOAD |
                             CUDA_GRAPH_INSTANTIATE_FLAG_USE_NODE_PRIORITY;
  std::shared_ptr<Content> content = graph ? content_of(*graph) : nullptr;
  if (!executable || !content || (flags & ~0xfull) ||
      (priorities && settings.driver_version < FIRST_WITH_PRIORITIES)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (flags & ~(unsigned long long)KNOWN) {
    complain("cuGraphInstantiate: launches by the device are not simulated");
    return CUDA_ERROR_NOT_SUPPORTED;
  }
  *executable = executables.add(std::make_shared<Executable>(Executable{content, flags, priorities}));
  counters.graphs_instantiated++;
  return CUDA_SUCCESS;
}

CUresult cuGraphInstantiateWithParams(CUgraphExec* executable, CUgraph graph,
                                      CUDA_GRAPH_INSTANTIATE_PARAMS* parameters) {
  if (!parameters) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  CUresult result = sim::cuGraphInstantiateWithFlags(executable, graph, parameters->flags);
  parameters->hErrNode_out = nullptr;
  std::memset(&parameters->result_out, result != CUDA_SUCCESS, 1);
  return result;
}

CUresult cuGraphExecGetFlags(CUgraphExec handle, uint64_t* flags) {
  std::shared_ptr<Executable> executable = executables.find(handle);
  if (!executable || !flags) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *flags = executable->flags;
  return CUDA_SUCCESS;
}

// It is there already.
CUresult cuGraphUpload(CUgraphExec executable, CUstream stream) {
  return executables.find(executable) && find_stream(stream) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuGraphLaunch(CUgraphExec handle, CUstream stream) {
  std::shared_ptr<Executable> executable = executables.find(handle);
  if (!executable) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  // Every other launch in another order: what a forgotten dependency spoils must not stay the same.
  bool last_stream_first = settings.every_order > 0 && executable->launches++ % 2 == 1;
  First first = last_stream_first ? First::LAST_STREAM : executable->priorities ? First::PRIORITY : First::STREAM;
  std::shared_ptr<const Content> content = executable->content;
  auto footprints = std::make_shared<std::vector<Footprint>>(content->nodes.size());
  for (size_t node : order_of(content->nodes, first)) {
    Operation operation = content->nodes[node].operation;
    if (!content->beside[node].empty()) {
      operation.compare = [=](const Footprint& footprint) {
        (*footprints)[node] = footprint;
        return compare_nodes(*content, node, *footprints);
      };
    }
    bool own_priority = executable->priorities && operation.type == CU_GRAPH_NODE_TYPE_KERNEL;
    CUresult result = enqueue(stream, std::move(operation), own_priority);
    if (result != CUDA_SUCCESS) {
      return result;
    }
  }
  if (!find_stream(stream)) {
    return CUDA_ERROR_INVALID_HANDLE;
  }
  counters.graph_launches++;
  return CUDA_SUCCESS;
}

CUresult cuGraphExecUpdate_v2(CUgraphExec executable_handle, CUgraph handle, CUgraphExecUpdateResultInfo* info) {
  std::shared_ptr<Executable> executable = executables.find(executable_handle);
  std::shared_ptr<Graph> graph = find_graph(handle);
  if (!info) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *info = {CU_GRAPH_EXEC_UPDATE_ERROR, nullptr, nullptr};
  if (!executable || !graph) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  std::shared_ptr<Content> content = content_of(*graph);
  info->result = !content ? CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED
                          : compare(executable->content->nodes, content->nodes, executable->priorities);
  if (info->result != CU_GRAPH_EXEC_UPDATE_SUCCESS) {
    return CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE;
  }
  // Its nodes keep their names.
  for (size_t i = 0; i < content->nodes.size(); i++) {
    content->nodes[i].handle = executable->content->nodes[i].handle;
  }
  executable->content = content;
  return CUDA_SUCCESS;
}

CUresult cuGraphDestroy(CUgraph handle) {
  return graphs.remove(handle) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuGraphExecDestroy(CUgraphExec handle) {
  return executables.remove(handle) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

}
