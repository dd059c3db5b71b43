// Captured operations, and what makes them ready to be launched again and again.
#pragma once
#include <vector>

#include "driver/streams.h"

namespace sim {

struct Graph {
  std::vector<Operation> operations;
};

void drop_graphs();

}
