// Captured operations, and what makes them ready to be launched again and again.
#include "driver/graphs.h"

#include "driver/calls.h"
#include "driver/handles.h"
#include "machine/state.h"
#include "machine/touches.h"

namespace sim {

namespace {

struct Graph {
  std::vector<Node> nodes;
};

struct Executable {
  std::vector<Node> nodes;
  std::vector<std::vector<size_t>> beside;
  long long launches = 0;
};

Handles<CUgraph, Graph> graphs(&counters.graphs_live);
Handles<CUgraphExec, Executable> executables(&counters.graphs_live);

CUresult conflict(const Node& one, const Node& other, Address address) {
  Allocation* allocation = allocation_of(address, 1);
  std::string where = allocation ? " byte " + std::to_string(address - allocation->start) + " of an allocation of " +
                                       std::to_string(allocation->size)
                                 : bytes_at(address, 1);
  return fail_context(CUDA_ERROR_LAUNCH_FAILED, "graph: " + one.operation.what + " and " + other.operation.what +
                                                    " both touch" + where +
                                                    ", one writes it, and no dependency orders them");
}

// Runs a node of a launch, and compares what it touches with what those have touched that may run beside it.
CUresult run_watched(const Executable& graph, size_t node, std::vector<Touches>& touched) {
  begin_to_note_touches();
  CUresult result = graph.nodes[node].operation.run();
  touched[node] = end_to_note_touches();
  for (size_t other : graph.beside[node]) {
    Address address = result == CUDA_SUCCESS ? first_conflict(touched[node], touched[other]) : 0;
    if (address) {
      result = conflict(graph.nodes[other], graph.nodes[node], address);
    }
  }
  return result;
}

}

CUgraph add_graph(std::vector<Node> nodes) {
  return graphs.add(std::make_shared<Graph>(Graph{std::move(nodes)}));
}

CUresult cuGraphInstantiateWithFlags(CUgraphExec* executable, CUgraph handle, unsigned long long flags) {
  std::shared_ptr<Graph> graph = graphs.find(handle);
  if (!executable || !graph || flags != 0) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *executable = executables.add(std::make_shared<Executable>(Executable{graph->nodes, unordered(graph->nodes)}));
  counters.graphs_instantiated++;
  return CUDA_SUCCESS;
}

CUresult cuGraphLaunch(CUgraphExec handle, CUstream stream) {
  std::shared_ptr<Executable> executable = executables.find(handle);
  if (!executable) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  // Every other launch in another order: what a forgotten dependency spoils must not stay the same.
  bool last_stream_first = settings.every_order && executable->launches++ % 2 == 1;
  auto touched = std::make_shared<std::vector<Touches>>(executable->nodes.size());
  for (size_t node : order_of(executable->nodes, last_stream_first)) {
    Operation operation = executable->nodes[node].operation;
    if (!executable->beside[node].empty()) {
      operation.run = [=] { return run_watched(*executable, node, *touched); };
    }
    CUresult result = enqueue(stream, std::move(operation));
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

CUresult cuGraphDestroy(CUgraph handle) {
  return graphs.remove(handle) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuGraphExecDestroy(CUgraphExec handle) {
  return executables.remove(handle) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

}
