// The simulated instructions, by their names.
#pragma once
#include <string_view>

#include "ptx/text/statement.h"

namespace sim::ptx {

// Decodes a statement: returns its step, and fills in the rest of the instruction.
using Decode = Step (*)(Statement& statement);

// The name may include modifiers, as in "mul.wide". The matching row with the most modifiers is used, and its modifiers
// are consumed.
struct Known {
  std::string_view name;
  Decode decode;
};

// Finds the decoder by name and kind of types; refuses unknown instructions.
Decode find_instruction(Statement& statement);

// The step that reads a special register, such as %tid.x, into a slot, and its type; null if there is none of that
// name.
Step special_register(std::string_view name, Type& type);

// The families of instructions, each a list that ends with an empty name.
extern const Known INTEGERS[], FLOATS[], HALVES[], BITS[], COMPARISONS[], MOVES[], MEMORY[], ATOMICS[], CONTROL[],
    WARPS[], CLUSTERS[], COPIES[], TEXTURES[], VIDEOS[], MATRICES[], WMMA[];

}
