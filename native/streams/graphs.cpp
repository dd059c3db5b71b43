// Captured operations, and what makes them ready to be launched again and again.
#include "streams/graphs.h"

#include "calls/calls.h"
#include "calls/handles.h"
#include "memory/footprint.h"
#include "memory/findings.h"
#include "memory/state.h"

namespace sim {

namespace {

// The driver that knows priorities of nodes.
constexpr int FIRST_WITH_PRIORITIES = 11070;

struct Graph {
  std::vector<Node> nodes;
};

struct Content {
  std::vector<Node> nodes;
  std::vector<std::vector<size_t>> beside;
};

// A launch keeps the content of its moment: an update may come before it runs.
struct Executable {
  std::shared_ptr<const Content> content;
  bool priorities;  // whether kernels run at those of the streams that recorded them, not at the launch's
  long long launches = 0;
};

std::shared_ptr<const Content> content_of(const Graph& graph) {
  return std::make_shared<Content>(Content{graph.nodes, unordered(graph.nodes)});
}

Handles<CUgraph, Graph> graphs(&counters.graphs_live);
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

CUgraph add_graph(std::vector<Node> nodes) {
  return graphs.add(std::make_shared<Graph>(Graph{std::move(nodes)}));
}

CUresult cuGraphInstantiateWithFlags(CUgraphExec* executable, CUgraph handle, unsigned long long flags) {
  std::shared_ptr<Graph> graph = graphs.find(handle);
  bool priorities = flags == CUDA_GRAPH_INSTANTIATE_FLAG_USE_NODE_PRIORITY;
  if (!executable || !graph || (flags != 0 && !priorities) ||
      (priorities && settings.driver_version < FIRST_WITH_PRIORITIES)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *executable = executables.add(std::make_shared<Executable>(Executable{content_of(*graph), priorities}));
  counters.graphs_instantiated++;
  return CUDA_SUCCESS;
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
    bool own_priority = executable->priorities && operation.kernel;
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
  std::shared_ptr<Graph> graph = graphs.find(handle);
  if (!info) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *info = {CU_GRAPH_EXEC_UPDATE_ERROR, nullptr, nullptr};
  if (!executable || !graph) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  info->result = compare(executable->content->nodes, graph->nodes, executable->priorities);
  if (info->result != CU_GRAPH_EXEC_UPDATE_SUCCESS) {
    return CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE;
  }
  executable->content = content_of(*graph);
  return CUDA_SUCCESS;
}

CUresult cuGraphDestroy(CUgraph handle) {
  return graphs.remove(handle) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuGraphExecDestroy(CUgraphExec handle) {
  return executables.remove(handle) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

}
