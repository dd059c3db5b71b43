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

bool both_begin(const std::string& one, const std::string& other, const std::string& with) {
  return one.compare(0, with.size(), with) == 0 && other.compare(0, with.size(), with) == 0;
}

// Operations are alike if they are described alike: a kernel by its name, a 2D memset by its shape.
CUgraphExecUpdateResult compare(const std::string& one, const std::string& other) {
  if (one == other) {
    return CU_GRAPH_EXEC_UPDATE_SUCCESS;
  }
  return both_begin(one, other, "kernel ") ? CU_GRAPH_EXEC_UPDATE_ERROR_UNSUPPORTED_FUNCTION_CHANGE
         : both_begin(one, other, "a 2D memset ") ? CU_GRAPH_EXEC_UPDATE_ERROR_PARAMETERS_CHANGED
                                                  : CU_GRAPH_EXEC_UPDATE_ERROR_NODE_TYPE_CHANGED;
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
    CUgraphExecUpdateResult result = compare(one[i].operation.what, other[i].operation.what);
    if (result != CU_GRAPH_EXEC_UPDATE_SUCCESS) {
      return result;
    }
    if (priorities && one[i].operation.kernel && one[i].operation.priority != other[i].operation.priority) {
      return CU_GRAPH_EXEC_UPDATE_ERROR_ATTRIBUTES_CHANGED;
    }
  }
  return CU_GRAPH_EXEC_UPDATE_SUCCESS;
}

}
