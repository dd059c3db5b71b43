// An instruction of the text during decoding. Each modifier and operand must be consumed, or the text is refused.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ptx/program.h"
#include "ptx/text/tokens.h"

namespace sim::ptx {

struct Register {
  Type type = Type::NONE;
  Slot slot = NO_SLOT;
};

struct Operand {
  enum Kind { NAME, NUMBER, VECTOR, ADDRESS, SINK, LIST } kind = NAME;
  std::string_view name;          // of a register, a symbol, a label; also an address' base
  bool negated = false;           // a predicate, by "!"
  bool minus = false;             // a number
  Number number;
  int64_t offset = 0;             // of an address or a symbol
  std::vector<Operand> elements;  // of a vector or a list; p and q of p|q
  bool pair = false;
  unsigned line = 0;
};

// The names that are visible at the instruction.
class Names {
 public:
  virtual const Register* find_register(std::string_view name) const = 0;
  virtual const Variable* find_variable(std::string_view name) const = 0;
  virtual const Function* find_function(std::string_view name) const = 0;
  // The list of a .branchtargets, or null.
  virtual const std::vector<std::string_view>* find_targets(std::string_view name) const = 0;
  virtual ~Names() = default;
};

class Statement {
 public:
  Statement(const Program& program, Function& function, const Names& names, std::vector<bool>& read)
      : program(program), function(function), names(names), read_(read) {}

  const Program& program;
  Function& function;
  const Names& names;
  Instruction made;
  std::string_view written;  // as it stands in the text
  std::string_view name;     // without modifiers
  std::vector<std::string_view> modifiers;
  std::vector<Operand> operands;
  std::string_view label;                 // the target to resolve
  std::vector<std::string_view> labels;   // a table's targets to resolve
  std::vector<const Instruction*>* table = nullptr;
  bool is_atomic = false;
  Step as_strong = nullptr;               // for a plain load, the step of a relaxed one, and the form that it needs
  const void* strong_form = nullptr;
  Step after_fence = nullptr;             // of a plain store, the step just after a fence for the GPU
  unsigned line = 0;

  bool has(std::string_view modifier) const;
  // Takes the next modifier if it is this one or in this list; a type; a rounding mode, for integers or not.
  bool take(std::string_view modifier);
  std::string_view take_one(std::initializer_list<std::string_view> of);
  Type take_type();
  Type want_type();
  struct Rounded {
    Rounding rounding = Rounding::NONE;
    bool integer = false;
  };
  Rounded take_rounding();
  // ".v2" and ".v4", and ".v8"; 1 if there is none.
  int take_vector();

  // Operands as slots: a source may be a number or a symbol, for which a constant is made; a destination may be "_".
  Slot source(size_t i, Type type) { return source(at(i), type); }
  Slot source(const Operand& operand, Type type, bool wider = false);
  Slot destination(size_t i, Type type) { return destination(at(i), type); }
  Slot destination(const Operand& operand, Type type, bool wider = false);
  // Takes all operands of an instruction: a result and its sources.
  void take_operands(Type to, std::initializer_list<Type> types);
  // From the first operand, d or d|p: makes d the result, and returns p, or NO_SLOT.
  Slot take_results(Type type);
  // A predicate, which "!" may negate.
  template <typename Flag>
  Slot predicate(size_t i, Flag& negated) {
    Operand operand = at(i);
    negated = operand.negated;
    operand.negated = false;
    return source(operand, Type::PRED);
  }
  // The elements of a vector of this count, or the operand itself.
  const Slot* sources(size_t i, int count, Type type, bool wider = false);
  const Slot* destinations(size_t i, int count, Type type, bool wider = false);
  // The base slot and the offset of an address.
  Slot base(size_t i, int64_t& offset) { return base(at(i), offset); }
  Slot base(const Operand& operand, int64_t& offset);
  int64_t integer(size_t i);  // that must be a number

  const Operand& at(size_t i) const;
  void want_operands(size_t least, size_t most) const;
  void want_operands(size_t count) const { want_operands(count, count); }
  void want_target(int least, const char* what) const;  // of the text: 90 for sm_90
  [[noreturn]] void fail(const std::string& why) const;
  [[noreturn]] void fail(const Operand& operand, const std::string& why) const;  // on its line
  [[noreturn]] void lack(const std::string& why) const;  // for code that may be valid, but is not simulated
  std::string whole_name() const;
  void want_all_taken() const;

  Slot constant(uint64_t bits);
  Slot scratch();
  const Slot* keep(std::vector<Slot> list);
  template <typename T>
  const T* keep_form(T form) {
    auto kept = std::make_shared<T>(std::move(form));
    function.forms.push_back(kept);
    return kept.get();
  }

 private:
  Slot constant(const Constant& constant);
  const Slot* elements(size_t i, int count, Slot (Statement::*slot_of)(const Operand&, Type, bool), Type type,
                       bool wider);
  Slot of_name(const Operand& operand, Type type, bool wider);
  void check_type(const Register& found, const Operand& operand, Type type, bool wider) const;
  void mark_read(Slot slot);

  std::vector<bool>& read_;
};

// Vectors, lists and p|q are outermost operands and contain no others.
Operand read_operand(Tokens& tokens, bool outermost = true);

// The words of an instruction's name: "mul.wide" has two.
std::vector<std::string_view> split_at_dots(std::string_view name);

// The type of a name; NONE if there is no such type.
Type type_of(std::string_view name);

}
