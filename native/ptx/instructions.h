// The instructions that are simulated, by their names.
#pragma once
#include <string_view>

#include "ptx/statement.h"

namespace sim::ptx {

// Decodes a statement: gives its step, and fills in the rest of what was made.
using Decode = Step (*)(Statement& statement);

struct Known {
  std::string_view name;
  Decode decode;
};

// By its name and the kind of its types; refuses others.
Decode find_instruction(const Statement& statement);

// The families, each a list that ends with an empty name.
extern const Known INTEGERS[], FLOATS[], HALVES[], BITS[], COMPARISONS[], MOVES[], MEMORY[], ATOMICS[], CONTROL[],
    WARPS[], CLUSTERS[], COPIES[], TEXTURES[], VIDEOS[], WMMA[];

}
