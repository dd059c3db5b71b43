// A module after reading: functions, their instructions, and variables.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "language/kernel.h"
#include "ptx/numbers/types.h"

namespace sim::ptx {

struct Covered;
struct Instruction;
struct Function;
struct Run;

// A place in a frame, of 64 bits: a register, or a constant that the frame was filled with.
using Slot = uint32_t;
constexpr Slot NO_SLOT = ~0u;

// Executes an instruction, and returns the next one; null at the thread's end.
using Step = const Instruction* (*)(const Instruction& instruction, Run& run);

struct Instruction {
  Step step = nullptr;
  Slot guard = NO_SLOT;  // if set, the predicate (or its negation) that decides whether the instruction executes
  bool negated = false;
  bool result_read = true;  // whether any instruction of the function reads an atomic operation's result
  bool seen = false;     // whether others see its effect, or it sees theirs: memory, barriers, branches backward
  uint8_t detail = 0;
  uint16_t size = 0;     // of an access, in bytes
  bool straight = false; // its step ends with after()
  bool plain = false;    // nothing is seen of it outside the thread's registers
  Slot to = NO_SLOT, a = NO_SLOT, b = NO_SLOT, c = NO_SLOT;
  uint8_t row = 0;       // so many plain ones that follow are done by its step
  int64_t number = 0;    // an address' offset, a permutation, an identifier
  const Instruction* target = nullptr;
  const Slot* more = nullptr;   // further operands
  const void* form = nullptr;   // further data of its kind of instruction
  uint32_t line = 0;
  uint32_t location = 0;        // in the source, by the module's list; 0 for none
};

// CLUSTER is the shared memory of all blocks of a cluster, by .shared::cluster.
enum class Space : uint8_t { GENERIC, GLOBAL, CONST, SHARED, LOCAL, PARAM, CLUSTER };

struct Variable {
  std::string name;
  Space space = Space::GLOBAL;
  Type type = Type::NONE;
  size_t alignment = 1;
  size_t size = 0;
  bool sized = true;             // false for an extern array whose size the launch gives
  bool is_external = false;
  bool managed = false;
  const Variable* defined = nullptr;  // the definition in another text, if this is external
  unsigned line = 0;
  std::vector<uint8_t> content;  // may be shorter than the size: the rest is zeros
  struct Reference {
    size_t at;
    size_t bytes;
    unsigned from_bit;                   // of the address
    std::string symbol;
    int64_t offset;
    unsigned line;
    const Variable* variable = nullptr;  // null for a function
    const Function* function = nullptr;
  };
  std::vector<Reference> references;  // addresses in its content
  uintptr_t place = 0;           // in device memory; in a function's params or local memory, an offset
};

// A value that fills a slot of the frame at the entry to a function.
struct Constant {
  Slot slot = NO_SLOT;
  enum Kind : uint8_t { NUMBER, SHARED, LOCAL, DEVICE, FUNCTION } kind = NUMBER;
  uint64_t bits = 0;             // a number; or an offset from what is named, or in the frame's local memory
  const Variable* variable = nullptr;
  const Function* function = nullptr;
};

// A construct in a function that is not simulated.
struct Lack {
  std::string construct;         // empty if there is none
  unsigned line = 0;
  uint32_t location = 0;
};

struct Function {
  std::string name;
  bool is_entry = false;
  bool is_external = false;
  const Function* defined = nullptr;  // the definition in another text, if this is external
  std::vector<const Function*> calls;          // the functions that it names
  Lack lack;                                   // the first in the function
  unsigned line = 0;
  std::vector<Variable*> results, parameters;  // of the param space
  size_t param_bytes = 0;                      // including its calls' parameters
  size_t local_bytes = 0;
  bool uses_local = false;                     // or calls others
  unsigned most_threads = 0;                   // of a block, by .maxntid; 0 if not given
  unsigned required[3] = {};                   // by .reqntid
  unsigned cluster[3] = {};                    // by .reqnctapercluster
  std::vector<Constant> constants;
  Slot slots = 0;
  std::vector<Instruction> instructions;
  std::vector<Covered*> covered;               // of each instruction, if coverage is asked for
  std::deque<std::vector<Slot>> lists;         // for instructions' pointers
  std::deque<std::shared_ptr<void>> forms;
  std::deque<Variable> variables;
};

// The variable or function itself, if `one` is its declaration in another text.
template <typename T>
const T& defined(const T& one) {
  return one.defined ? *one.defined : one;
}

struct Program {
  std::deque<Function> functions;
  std::deque<Variable> variables;              // of the module
  std::map<std::string, Function*, std::less<>> by_name;
  std::map<std::string, Variable*, std::less<>> variable_by_name;
  std::vector<std::string> files;              // by number; each text's numbers begin at its base
  size_t file_base = 0;
  struct Location {
    unsigned file, line;
    unsigned caller;                           // the call's location if the function was inlined, else 0
  };
  std::vector<Location> locations{{0, 0, 0}};
  int version = 0;                             // 90 for 9.0
  int target = 0;                              // 90 for sm_90
};

}
