#include <algorithm>
#include <set>
#include <tuple>

#include "streams/graphs.h"

namespace sim {

std::vector<size_t> order_of(const std::vector<Node>& nodes, First first) {
  std::vector<size_t> missing(nodes.size());
  std::vector<std::vector<size_t>> followers(nodes.size());
  std::set<std::tuple<int, unsigned, size_t>> ready;
  auto make_ready = [&](size_t i) {
    const Operation& operation = nodes[i].operation;
    int priority = first == First::PRIORITY && operation.type == CU_GRAPH_NODE_TYPE_KERNEL ? operation.priority : 0;
    ready.emplace(priority, first == First::LAST_STREAM ? ~nodes[i].rank : nodes[i].rank, i);
  };
  for (size_t i = 0; i < nodes.size(); i++) {
    missing[i] = nodes[i].after.size();
    for (size_t earlier : nodes[i].after) {
      followers[earlier].push_back(i);
    }
    if (missing[i] == 0) {
      make_ready(i);
    }
  }
  std::vector<size_t> order;
  while (!ready.empty()) {
    size_t next = std::get<2>(*ready.begin());
    ready.erase(ready.begin());
    order.push_back(next);
    for (size_t follower : followers[next]) {
      if (--missing[follower] == 0) {
        make_ready(follower);
      }
    }
  }
  return order;
}

std::vector<std::vector<size_t>> unordered(const std::vector<Node>& nodes) {
  std::vector<std::vector<size_t>> beside(nodes.size());
  if (std::all_of(nodes.begin(), nodes.end(), [](const Node& node) { return node.rank == 0; })) {
    return beside;
  }
  std::vector<std::vector<bool>> before(nodes.size());
  for (size_t i = 0; i < nodes.size(); i++) {
    before[i].resize(i);
    for (size_t earlier : nodes[i].after) {
      before[i][earlier] = true;
      for (size_t j = 0; j < earlier; j++) {
        before[i][j] = before[i][j] || before[earlier][j];
      }
    }
    for (size_t j = 0; j < i; j++) {
      if (!before[i][j]) {
        beside[i].push_back(j);
        beside[j].push_back(i);
      }
    }
  }
  return beside;
}

}
