// Whether one graph may take the place of another: nodes are compared in the order in which they were recorded.
#include <algorithm>

#include "streams/graphs.h"

namespace sim {

namespace {

bool same_dependencies(std::vector<size_t> one, std::vector<size_t> other) {
  std::sort(one.begin(), one.end());
  std::sort(other.begin(), other.end());
  return one == other;
}

// Operations of a type are alike if they are described alike: a kernel by its name, a 2D memset by its shape.
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

}

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
