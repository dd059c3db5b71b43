// The instructions that are simulated, by their names.
#pragma once
#include <string_view>

#include "ptx/statement.h"

namespace sim::ptx {

// Decodes a statement: gives its step, and fills in the rest of what was made.
using Decode = Step (*)(Statement& statement);

// The name may go on with modifiers, as "mul.wide". Of rows that fit, the first with the most is taken, and its
// modifiers are.
struct Known {
  std::string_view name;
  Decode decode;
};

// By its name and the kind of its types; refuses others.
Decode find_instruction(Statement& statement);

// How a register that PTX has predefined, such as %tid.x, is read into a slot, and its type; null if there is none of
// this name.
Step special_register(std::string_view name, Type& type);

// The families, each a list that ends with an empty name.
extern const Known INTEGERS[], FLOATS[], HALVES[], BITS[], COMPARISONS[], MOVES[], MEMORY[], ATOMICS[], CONTROL[],
    WARPS[], CLUSTERS[], COPIES[], TEXTURES[], VIDEOS[], MATRICES[], WMMA[];

}
