// Recorded operations, and in which orders they may run.
#pragma once
#include "streams/streams.h"

namespace sim {

CUgraph add_graph(std::vector<Node> nodes);

// One that the nodes' dependencies allow: the first stream as far ahead as it can be, or the last. By priorities, the
// kernels of the greatest are as far ahead as they can be, and the first stream among equals.
enum class First { STREAM, LAST_STREAM, PRIORITY };
std::vector<size_t> order_of(const std::vector<Node>& nodes, First first);

// SUCCESS if the second may take the first's place, or why not; where nodes keep priorities, these may not change.
CUgraphExecUpdateResult compare(const std::vector<Node>& one, const std::vector<Node>& other, bool priorities);

// For each node those that run neither before it nor after it for sure.
std::vector<std::vector<size_t>> unordered(const std::vector<Node>& nodes);

}
