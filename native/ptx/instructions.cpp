#include "ptx/instructions.h"

#include <algorithm>

namespace sim::ptx {

namespace {

Decode find(const Known* family, std::string_view name) {
  while (!family->name.empty() && family->name != name) {
    family++;
  }
  return family->decode;
}

bool has_any(const Statement& statement, std::initializer_list<std::string_view> types) {
  return std::find_first_of(statement.modifiers.begin(), statement.modifiers.end(), types.begin(), types.end()) !=
         statement.modifiers.end();
}

}

Decode find_instruction(const Statement& statement) {
  for (const Known* family : {BITS, COMPARISONS, MOVES, MEMORY, ATOMICS, CONTROL, WARPS, CLUSTERS, COPIES}) {
    if (Decode decode = find(family, statement.name)) {
      return decode;
    }
  }
  const Known* arithmetic = has_any(statement, {"f16", "f16x2", "bf16", "bf16x2"}) ? HALVES
                            : has_any(statement, {"f32", "f64", "f32x2"})          ? FLOATS
                                                                                   : INTEGERS;
  return find(arithmetic, statement.name);
}

}
