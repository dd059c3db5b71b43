#include "ptx/instructions.h"

#include <algorithm>
#include <iterator>

namespace sim::ptx {

namespace {

// Names of the PTX ISA's other instructions. Any other name is a mistake of the text.
constexpr std::string_view NOT_SIMULATED[] = {
    "clusterlaunchcontrol", "istypep", "multimem", "slct", "suq", "sured", "tcgen05", "tensormap", "txq", "vmad",
    "vshl", "vshr", "wgmma"};

bool is_of(const Known& row, std::string_view name) {
  return row.name.substr(0, row.name.find('.')) == name;
}

bool has_name(const Known* family, std::string_view name) {
  while (!family->name.empty() && !is_of(*family, name)) {
    family++;
  }
  return !family->name.empty();
}

// Of the rows whose modifiers the instruction has, the row with the most; also gives these modifiers.
const Known* find(const Known* family, const Statement& statement, std::vector<std::string_view>& modifiers) {
  const Known* found = nullptr;
  for (; !family->name.empty(); family++) {
    if (!is_of(*family, statement.name)) {
      continue;
    }
    std::vector<std::string_view> words = split_at_dots(family->name);
    words.erase(words.begin());
    bool fits = std::all_of(words.begin(), words.end(), [&](std::string_view word) { return statement.has(word); });
    if (fits && (!found || words.size() > modifiers.size())) {
      found = family;
      modifiers = words;
    }
  }
  return found;
}

const Known* arithmetic_of(const Statement& statement) {
  for (const char* type : {"f16", "f16x2", "bf16", "bf16x2"}) {
    if (statement.has(type)) {
      return HALVES;
    }
  }
  return statement.has("f32") || statement.has("f64") || statement.has("f32x2") ? FLOATS : INTEGERS;
}

}

Decode find_instruction(Statement& statement) {
  bool exists = std::find(std::begin(NOT_SIMULATED), std::end(NOT_SIMULATED), statement.name) !=
                std::end(NOT_SIMULATED);
  for (const Known* family : {BITS, COMPARISONS, MOVES, CLUSTERS, MEMORY, ATOMICS, CONTROL, WARPS, COPIES, TEXTURES,
                              VIDEOS, MATRICES, WMMA, arithmetic_of(statement)}) {
    std::vector<std::string_view> modifiers;
    if (const Known* row = find(family, statement, modifiers)) {
      for (std::string_view modifier : modifiers) {
        statement.take(modifier);
      }
      statement.made.seen = family == CLUSTERS || family == MEMORY || family == ATOMICS || family == CONTROL ||
                            family == WARPS || family == COPIES || family == TEXTURES || family == MATRICES ||
                            family == WMMA;
      statement.made.plain = !statement.made.seen;
      statement.made.straight = statement.made.plain || family == MEMORY;
      return row->decode;
    }
    exists |= has_name(family, statement.name);
  }
  for (const Known* family : {HALVES, FLOATS, INTEGERS}) {
    exists |= has_name(family, statement.name);
  }
  std::string what = "the instruction " + statement.whole_name().substr(0, 80);
  exists ? refuse_construct(statement.line, what + " is not simulated")
         : refuse_at(statement.line, what + " is none of PTX");
}

}
