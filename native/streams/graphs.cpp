// Captured operations, and the executable graphs that are instantiated from them.
#include "streams/graphs.h"

#include <algorithm>
#include <cstring>

#include "calls/calls.h"
#include "calls/handles.h"
#include "memory/footprint.h"
#include "memory/findings.h"
#include "memory/state.h"

namespace sim {

namespace {

// The first driver that knows priorities of nodes.
constexpr int FIRST_WITH_PRIORITIES = 11070;

struct Content {
  std::vector<Node> nodes;
  std::vector<std::vector<size_t>> beside;
};

// A launch keeps the content at the time of the call, because an update may come before the launch runs.
struct Executable {
  std::shared_ptr<const Content> content;
  unsigned long long flags;
  bool priorities;  // whether kernels run with the priorities of their recording streams, not the launch's
  long long launches = 0;
};

// The content of a graph; null if its nodes form a cycle.
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

std::shared_ptr<Executable> executable_of(CUgraphExec handle) {
  return found(executables.find(handle), CUDA_ERROR_INVALID_VALUE);
}

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

// A node of a launch has run: compares its accesses with those of earlier nodes that may run beside it.
CUresult compare_nodes(const Content& graph, size_t node, std::vector<Footprint>& footprints) {
  for (size_t other : graph.beside[node]) {
    Address address = first_conflict(footprints[node], footprints[other]);
    if (address) {
      return conflict(graph.nodes[other], graph.nodes[node], address);
    }
  }
  return CUDA_SUCCESS;
}

bool same_dependencies(std::vector<size_t> one, std::vector<size_t> other) {
  std::sort(one.begin(), one.end());
  std::sort(other.begin(), other.end());
  return one == other;
}

// Compares operations: two of a type are alike if their descriptions are: a kernel's name, a 2D memset's shape.
CUgraphExecUpdateResult compare(const Operation& one, const Operation& other) {
  if (one.type != other.type) {
    return CU_GRAPH_EXEC_UPDATE_ERROR_NODE_TYPE_CHANGED;
  }
  if (one.what == other.what) {
    return CU_GRAPH_EXEC_UPDATE_SUCCESS;
  }
  return one.type == CU_GRAPH_NODE_TYPE_KERNEL ? CU_GRAPH_EXEC_UPDATE_ERROR_UNSUPPORTED_FUNCTION_CHANGE
                                               : CU_GRAPH_EXEC_UPDATE_ERROR_PARAMETERS_CHANGED;
}

// SUCCESS if the second graph may replace the first, or the reason why not. If nodes keep priorities, these may not
// change. Nodes are compared in the order in which they were recorded.
CUgraphExecUpdateResult compare(const std::vector<Node>& one, const std::vector<Node>& other, bool priorities) {
  if (one.size() != other.size()) {
    return CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED;
  }
  for (size_t i = 0; i < one.size(); i++) {
    if (!same_dependencies(one[i].after, other[i].after)) {
      return CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED;
    }
    CUgraphExecUpdateResult result = compare(one[i].operation, other[i].operation);
    if (result != CU_GRAPH_EXEC_UPDATE_SUCCESS) {
      return result;
    }
    bool kernel = one[i].operation.type == CU_GRAPH_NODE_TYPE_KERNEL;
    if (priorities && kernel && one[i].operation.priority != other[i].operation.priority) {
      return CU_GRAPH_EXEC_UPDATE_ERROR_ATTRIBUTES_CHANGED;
    }
  }
  return CU_GRAPH_EXEC_UPDATE_SUCCESS;
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

std::shared_ptr<Graph> graph_of(CUgraph handle) {
  return found(find_graph(handle), CUDA_ERROR_INVALID_VALUE);
}

CUresult cuGraphClone(CUgraph* clone, CUgraph handle) {
  require(clone);
  CUgraph copy = add_child(*graph_of(handle));
  *clone = graphs.add(children.find(copy));
  children.remove(copy);
  return CUDA_SUCCESS;
}

CUresult replace_in(CUgraphExec handle, CUgraphNode node, Operation operation) {
  std::shared_ptr<Executable> executable = executable_of(handle);
  auto content = std::make_shared<Content>(*executable->content);
  for (Node& one : content->nodes) {
    if (one.handle == node && type_of(one) == operation.type) {
      operation.priority = one.operation.priority;
      operation.early = one.operation.early;
      one.operation = std::move(operation);
      executable->content = content;
      return CUDA_SUCCESS;
    }
  }
  return CUDA_ERROR_INVALID_VALUE;
}

CUresult cuGraphInstantiateWithFlags(CUgraphExec* executable, CUgraph handle, unsigned long long flags) {
  bool priorities = flags & CUDA_GRAPH_INSTANTIATE_FLAG_USE_NODE_PRIORITY;
  constexpr unsigned KNOWN = CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH | CUDA_GRAPH_INSTANTIATE_FLAG_UPLOAD |
                             CUDA_GRAPH_INSTANTIATE_FLAG_USE_NODE_PRIORITY;
  std::shared_ptr<Content> content = found(content_of(*graph_of(handle)), CUDA_ERROR_INVALID_VALUE);
  require(executable && !(flags & ~0xfull) && (!priorities || settings.driver_version >= FIRST_WITH_PRIORITIES));
  if (flags & ~(unsigned long long)KNOWN) {
    complain("cuGraphInstantiate: launches by the device are not simulated");
    return CUDA_ERROR_NOT_SUPPORTED;
  }
  counters.graphs_instantiated++;
  return tell(executable, executables.add(std::make_shared<Executable>(Executable{content, flags, priorities})));
}

CUresult cuGraphInstantiateWithParams(CUgraphExec* executable, CUgraph graph,
                                      CUDA_GRAPH_INSTANTIATE_PARAMS* parameters) {
  require(parameters);
  parameters->hErrNode_out = nullptr;
  std::memset(&parameters->result_out, 1, 1);
  CUresult result = sim::cuGraphInstantiateWithFlags(executable, graph, parameters->flags);
  std::memset(&parameters->result_out, result != CUDA_SUCCESS, 1);
  return result;
}

CUresult cuGraphExecGetFlags(CUgraphExec executable, uint64_t* flags) {
  return tell(flags, executable_of(executable)->flags);
}

// The graph is on the device already.
CUresult cuGraphUpload(CUgraphExec executable, CUstream stream) {
  executable_of(executable);
  found(find_stream(stream), CUDA_ERROR_INVALID_VALUE);
  return CUDA_SUCCESS;
}

CUresult cuGraphLaunch(CUgraphExec handle, CUstream stream) {
  std::shared_ptr<Executable> executable = executable_of(handle);
  found(find_stream(stream));
  // Every other launch runs in another order, so the effect of a missing dependency shows.
  bool last_stream_first = settings.every_order > 0 && executable->launches++ % 2 == 1;
  First first = last_stream_first ? First::LAST_STREAM : executable->priorities ? First::PRIORITY : First::STREAM;
  std::shared_ptr<const Content> content = executable->content;
  auto footprints = std::make_shared<std::vector<Footprint>>(content->nodes.size());
  std::vector<std::shared_ptr<Overlap>> overlaps(content->nodes.size());
  for (size_t node : order_of(content->nodes, first)) {
    Operation operation = content->nodes[node].operation;
    const std::vector<size_t>& after = content->nodes[node].after;
    if (operation.type == CU_GRAPH_NODE_TYPE_KERNEL) {
      overlaps[node] = operation.overlap = std::make_shared<Overlap>();
      operation.overlap->before = operation.early && after.size() == 1 ? overlaps[after[0]] : nullptr;
    }
    if (!content->beside[node].empty()) {
      operation.compare = [=](const Footprint& footprint) {
        (*footprints)[node] = footprint;
        return compare_nodes(*content, node, *footprints);
      };
    }
    bool own_priority = executable->priorities && operation.type == CU_GRAPH_NODE_TYPE_KERNEL;
    require_success(enqueue(stream, std::move(operation), own_priority));
  }
  counters.graph_launches++;
  return CUDA_SUCCESS;
}

CUresult cuGraphExecUpdate_v2(CUgraphExec handle, CUgraph graph, CUgraphExecUpdateResultInfo* info) {
  require(info);
  *info = {CU_GRAPH_EXEC_UPDATE_ERROR, nullptr, nullptr};
  std::shared_ptr<Executable> executable = executable_of(handle);
  std::shared_ptr<Content> content = content_of(*graph_of(graph));
  info->result = !content ? CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED
                          : compare(executable->content->nodes, content->nodes, executable->priorities);
  require(info->result == CU_GRAPH_EXEC_UPDATE_SUCCESS, CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE);
  // The nodes keep their handles.
  for (size_t i = 0; i < content->nodes.size(); i++) {
    content->nodes[i].handle = executable->content->nodes[i].handle;
  }
  executable->content = content;
  return CUDA_SUCCESS;
}

CUresult cuGraphDestroy(CUgraph handle) {
  return require(graphs.remove(handle));
}

CUresult cuGraphExecDestroy(CUgraphExec handle) {
  return require(executables.remove(handle));
}

}
