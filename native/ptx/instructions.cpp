#include "ptx/instructions.h"

#include <algorithm>
#include <iterator>

namespace sim::ptx {

namespace {

Decode find(const Known* family, std::string_view name) {
  while (!family->name.empty() && family->name != name) {
    family++;
  }
  return family->decode;
}

// Of the PTX ISA's other instructions; what has no name of one is a mistake.
constexpr std::string_view NOT_SIMULATED[] = {
    "clusterlaunchcontrol", "istypep", "multimem", "suq", "sured", "tcgen05", "tensormap", "txq", "vabsdiff", "vadd",
    "vmad", "vmax", "vmin", "vset", "vshl", "vshr", "vsub", "wgmma"};

bool has_any(const Statement& statement, std::initializer_list<std::string_view> types) {
  return std::find_first_of(statement.modifiers.begin(), statement.modifiers.end(), types.begin(), types.end()) !=
         statement.modifiers.end();
}

}

Decode find_instruction(const Statement& statement) {
  for (const Known* family : {BITS, COMPARISONS, MOVES, MEMORY, ATOMICS, CONTROL, WARPS, CLUSTERS, COPIES, TEXTURES,
                              VIDEOS, WMMA}) {
    if (Decode decode = find(family, statement.name)) {
      return decode;
    }
  }
  const Known* arithmetic = has_any(statement, {"f16", "f16x2", "bf16", "bf16x2"}) ? HALVES
                            : has_any(statement, {"f32", "f64", "f32x2"})          ? FLOATS
                                                                                   : INTEGERS;
  Decode decode = find(arithmetic, statement.name);
  if (!decode) {
    bool exists = find(HALVES, statement.name) || find(FLOATS, statement.name) || find(INTEGERS, statement.name) ||
                  std::find(std::begin(NOT_SIMULATED), std::end(NOT_SIMULATED), statement.name) !=
                      std::end(NOT_SIMULATED);
    std::string what = "the instruction " + statement.whole_name().substr(0, 80);
    exists ? refuse_construct(statement.line, what + " is not simulated")
           : refuse_at(statement.line, what + " is none of PTX");
  }
  return decode;
}

}
