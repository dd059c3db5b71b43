// The body of a function: registers, labels, and instructions.
#include <cctype>
#include <unordered_map>
#include <utility>

#include "memory/state.h"
#include "ptx/coverage.h"
#include "ptx/instructions.h"
#include "ptx/module.h"
#include "ptx/run.h"
#include "ptx/text/reader.h"

namespace sim::ptx {

namespace {

constexpr uint64_t MOST_REGISTERS = 1 << 16;
constexpr size_t MOST_SCOPES = 256;
constexpr size_t MOST_IN_A_ROW = 64;
constexpr size_t MOST_LOCAL = LOCAL_LIMIT;
constexpr char PLACES[] = {'x', 'y', 'z', 'w'};

// A declaration of "%r<100>", or of one register.
struct Range {
  Type type;
  Slot first;
  uint64_t count;  // 0 for one
};

struct Scope {
  size_t number = 0;
  std::unordered_map<std::string_view, Range> registers;
  std::unordered_map<std::string_view, const Variable*> variables;
  std::unordered_map<std::string_view, std::vector<std::string_view>> targets;
};

class Body : public Names {
 public:
  Body(Program& program, Function& function, Tokens& tokens, const std::map<std::string_view, Function*>& functions,
       const std::map<std::string_view, Variable*>& variables)
      : program_(program), function_(function), tokens_(tokens), functions_(functions), variables_(variables) {
    open_scope();
    // A function begins without a place in a source.
    program_.locations.push_back({0, 0, 0});
    for (const std::vector<Variable*>* list : {&function.results, &function.parameters}) {
      for (const Variable* variable : *list) {
        scopes_.back().variables[variable->name] = variable;
      }
    }
  }

  void read() {
    unsigned start = tokens_.now().line;
    tokens_.want("{");
    while (scopes_.size() > 0) {
      Token token = tokens_.now();
      if (token.kind == Kind::END) {
        refuse_at(start, function_.name + ": the body has no end");
      } else if (tokens_.take_if("{")) {
        if (scopes_.size() >= MOST_SCOPES) {
          refuse_at(token.line, "braces within more than " + std::to_string(MOST_SCOPES) + " others");
        }
        open_scope();
      } else if (tokens_.take_if("}")) {
        scopes_.pop_back();
      } else if (token.is_directive()) {
        read_directive();
      } else {
        read_statement();
      }
    }
    add_return();
    resolve();
    make_rows();
  }

  const Register* find_register(std::string_view name) const override {
    size_t digits = name.size();
    while (digits > 0 && std::isdigit(static_cast<unsigned char>(name[digits - 1]))) {
      digits--;
    }
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      auto found = scope->registers.find(name);
      if (found != scope->registers.end() && found->second.count == 0) {
        found_ = {found->second.type, found->second.first};
        return &found_;
      }
      found = scope->registers.find(name.substr(0, digits));
      if (found != scope->registers.end() && digits < name.size() && name.size() - digits < 7) {
        uint64_t number = std::stoul(std::string(name.substr(digits)));
        if (number < found->second.count) {
          found_ = {found->second.type, Slot(found->second.first + number)};
          return &found_;
        }
      }
    }
    return nullptr;
  }

  const Variable* find_variable(std::string_view name) const override {
    if (const auto* found = find_in_scopes(&Scope::variables, name)) {
      return *found;
    }
    auto found = variables_.find(name);
    return found == variables_.end() ? nullptr : found->second;
  }

  const Function* find_function(std::string_view name) const override {
    auto found = functions_.find(name);
    return found == functions_.end() ? nullptr : found->second;
  }

  const std::vector<std::string_view>* find_targets(std::string_view name) const override {
    return find_in_scopes(&Scope::targets, name);
  }

 private:
  struct Jump {
    size_t instruction;
    size_t scope;
    std::string_view label;
    unsigned line;
  };
  struct PlainLoad {
    size_t instruction;
    Step strong;
    const void* form;
  };
  struct Table {
    size_t scope;
    std::vector<const Instruction*>* to;
    std::vector<std::string_view> labels;
    unsigned line;
  };

  // The innermost scope that has the name counts.
  template <typename Known>
  const typename Known::mapped_type* find_in_scopes(Known Scope::*known, std::string_view name) const {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      auto found = ((*scope).*known).find(name);
      if (found != ((*scope).*known).end()) {
        return &found->second;
      }
    }
    return nullptr;
  }

  void open_scope() {
    enclosing_.push_back(scopes_.empty() ? 0 : scopes_.back().number);
    scopes_.emplace_back();
    scopes_.back().number = enclosing_.size() - 1;
  }

  // A vector's elements are x, y, z, w, or r, g, b, a.
  void add_vector(const std::string& vector, Type type, unsigned elements, unsigned line) {
    if (function_.slots + elements > MOST_REGISTERS) {
      refuse_at(line, function_.name + " has more than " + std::to_string(MOST_REGISTERS) + " registers");
    }
    for (unsigned k = 0; k < elements; k++) {
      for (char suffix : {PLACES[k], "rgba"[k]}) {
        const std::string& name = names_.emplace_back(vector + "." + suffix);
        if (!scopes_.back().registers.emplace(name, Range{type, function_.slots, 0}).second) {
          refuse_at(line, vector + " is there twice");
        }
      }
      function_.slots++;
    }
  }

  // An operand that names a vector stands for its elements.
  void expand_vector(Operand& operand) {
    if (operand.kind != Operand::NAME || operand.pair || find_register(operand.name)) {
      return;
    }
    for (char place : PLACES) {
      const std::string& name = names_.emplace_back(std::string(operand.name) + "." + place);
      if (find_register(name)) {
        Operand& element = operand.elements.emplace_back();
        element.name = name;
        element.line = operand.line;
      }
    }
    operand.kind = operand.elements.empty() ? Operand::NAME : Operand::VECTOR;
  }

  void read_registers() {
    unsigned elements = tokens_.take_if(".v2") ? 2 : tokens_.take_if(".v4") ? 4 : 0;
    Token type_word = tokens_.take();
    Type type = type_word.kind == Kind::WORD ? type_of(type_word.text.substr(1)) : Type::NONE;
    if (type == Type::NONE || (elements > 0 && type == Type::PRED)) {
      refuse_at(type_word.line, std::string(type_word.text.substr(0, 40)) + " is no type of a register here");
    }
    do {
      unsigned line = tokens_.now().line;
      std::string_view name = tokens_.want_name("the name of a register");
      if (elements > 0) {
        for (const std::string& one : read_names(tokens_, std::string(name))) {
          add_vector(one, type, elements, line);
        }
        continue;
      }
      uint64_t count = 0;
      if (tokens_.take_if("<")) {
        count = integer_of(tokens_.take());
        tokens_.want(">");
      }
      if (count > MOST_REGISTERS || function_.slots + count > MOST_REGISTERS) {
        refuse_at(line, function_.name + " has more than " + std::to_string(MOST_REGISTERS) + " registers");
      }
      if (!scopes_.back().registers.emplace(name, Range{type, function_.slots, count}).second) {
        refuse_at(line, std::string(name) + " is there twice");
      }
      function_.slots += std::max<uint64_t>(count, 1);
    } while (tokens_.take_if(","));
    tokens_.want(";");
  }

  void read_variable(Space space) {
    Variable one;
    one.space = space;
    do {
      one.sized = true;
      read_declaration(tokens_, one);
      if (!one.sized) {
        refuse_at(one.line, one.name + " has no size");
      }
      for (const std::string& name : read_names(tokens_, one.name)) {
        Variable& variable = function_.variables.emplace_back(one);
        variable.name = name;
        if (space == Space::PARAM || space == Space::LOCAL) {
          size_t& end = space == Space::PARAM ? function_.param_bytes : function_.local_bytes;
          function_.uses_local |= space == Space::LOCAL;
          place_at_end(variable, end);
          if (end > MOST_LOCAL) {
            refuse_at(variable.line, function_.name + " has more local memory than a thread, " +
                                         std::to_string(MOST_LOCAL >> 10) + " KiB");
          }
        }
        scopes_.back().variables[variable.name] = &variable;
      }
    } while (tokens_.take_if(","));
    tokens_.want(";");
  }

  std::pair<unsigned, unsigned> read_place() {
    auto file = unsigned(integer_of(tokens_.take())), line = unsigned(integer_of(tokens_.take()));
    tokens_.take();
    return {unsigned(program_.file_base) + file, line};
  }

  unsigned add_location(std::pair<unsigned, unsigned> place, unsigned caller) {
    program_.locations.push_back({place.first, place.second, caller});
    return unsigned(program_.locations.size() - 1);
  }

  void read_location() {
    std::pair<unsigned, unsigned> place = read_place();
    unsigned caller = 0;
    while (tokens_.take_if(",")) {
      // "function_name L", "inlined_at FILE LINE COLUMN"
      if (!tokens_.take().is("inlined_at")) {
        tokens_.take();
        continue;
      }
      std::pair<unsigned, unsigned> from = read_place();
      auto outer = callers_.find(from);
      caller = outer != callers_.end() ? outer->second : add_location(from, 0);
      callers_[place] = caller;
    }
    // nvcc says line 0 where an instruction belongs to no line.
    if (place.second > 0) {
      add_location(place, caller);
    }
  }

  void read_directive() {
    Token token = tokens_.take();
    if (token.is(".reg")) {
      read_registers();
    } else if (token.is(".local")) {
      read_variable(Space::LOCAL);
    } else if (token.is(".shared")) {
      read_variable(Space::SHARED);
    } else if (token.is(".param")) {
      read_variable(Space::PARAM);
    } else if (token.is(".loc")) {
      read_location();
    } else if (token.is(".pragma")) {
      tokens_.take();
      tokens_.want(";");
    } else {
      refuse_at(token.line, "the directive " + token.shown() + " is not simulated here");
    }
  }

  // "name: .branchtargets a, b;", "name: .callprototype _ (.param ...) _ (...);"
  void read_label(std::string_view name, unsigned line) {
    fenced_ = false;
    if (!labels_.emplace(std::pair(scopes_.back().number, name), function_.instructions.size()).second) {
      refuse_at(line, "the label " + std::string(name.substr(0, 60)) + " is there twice");
    }
    if (tokens_.take_if(".branchtargets")) {
      std::vector<std::string_view>& targets = scopes_.back().targets[name];
      do {
        targets.push_back(tokens_.want_name("a label"));
      } while (tokens_.take_if(","));
      tokens_.want(";");
    } else if (tokens_.take_if(".callprototype") || tokens_.take_if(".calltargets")) {
      tokens_.skip_past(";");
    }
  }

  void read_statement() {
    Statement statement(program_, function_, *this, read_);
    statement.line = tokens_.now().line;
    if (tokens_.take_if("@")) {
      bool negated = tokens_.take_if("!");
      Operand guard;
      guard.line = statement.line;
      guard.name = tokens_.want_name("a predicate");
      statement.name = "@";
      statement.made.guard = statement.source(guard, Type::PRED);
      statement.made.negated = negated;
    }
    Token word = tokens_.now();
    std::string_view whole = tokens_.want_name("an instruction");
    if (tokens_.take_if(":")) {
      return read_label(whole, word.line);
    }
    statement.line = word.line;
    statement.written = whole;
    statement.modifiers = split_at_dots(whole);
    statement.name = statement.modifiers.front();
    statement.modifiers.erase(statement.modifiers.begin());
    // Refused before its operands are read: they may be of a kind that only this instruction has.
    bool read = false;
    try {
      Decode decode = find_instruction(statement);
      while (!tokens_.take_if(";")) {
        if (!statement.operands.empty()) {
          tokens_.want(",");
        }
        statement.operands.push_back(read_operand(tokens_));
        expand_vector(statement.operands.back());
      }
      read = true;
      add_instruction(statement, decode);
    } catch (const NotSimulated& refusal) {
      if (!read) {
        tokens_.skip_past(";");
      }
      add_lack(statement, refusal);
    }
  }

  void add(Instruction& made, unsigned line, const std::string& name) {
    made.line = line;
    made.location = uint32_t(program_.locations.size() - 1);
    function_.instructions.push_back(made);
    name_last(function_, name);
  }

  static bool is_fence(const Statement& statement) {
    return (statement.name == "membar" || statement.name == "fence") &&
           Strength(statement.made.detail) == Strength::GPU && statement.made.guard == NO_SLOT;
  }

  // In the place of an instruction that is not simulated.
  void add_lack(Statement& statement, const NotSimulated& refusal) {
    Instruction made;
    made.step = fail_for_lack;
    made.guard = statement.made.guard;
    made.negated = statement.made.negated;
    made.form = statement.keep_form(refusal.construct);
    add(made, refusal.line, "");
    if (function_.lack.construct.empty()) {
      function_.lack = {refusal.construct, refusal.line, uint32_t(program_.locations.size() - 1)};
    }
  }

  void add_instruction(Statement& statement, Decode decode) {
    statement.made.step = decode(statement);
    if (!statement.made.step) {
      statement.lack("is not simulated with this type");
    }
    statement.want_all_taken();
    if (!statement.label.empty()) {
      jumps_.push_back({function_.instructions.size(), scopes_.back().number, statement.label, statement.line});
    }
    if (statement.table) {
      tables_.push_back({scopes_.back().number, statement.table, statement.labels, statement.line});
    }
    if (statement.strong_form) {
      loads_.push_back({function_.instructions.size(), statement.as_strong, statement.strong_form});
    }
    if (fenced_ && statement.after_fence) {
      statement.made.step = statement.after_fence;
    }
    fenced_ = is_fence(statement) || (fenced_ && statement.name == "mov");
    if (statement.is_atomic) {
      atomics_.push_back(function_.instructions.size());
    }
    add(statement.made, statement.line, std::string(statement.written));
    if (function_.slots > 2 * MOST_REGISTERS) {
      refuse_at(statement.line, function_.name + " has too many registers and constants");
    }
  }

  void add_return() {
    Instruction end;
    end.step = leave_function;
    add(end, tokens_.now().line, "");
  }

  // Looks in the scope of the branch, then in those around it.
  const Instruction* at_label(std::string_view label, size_t scope, unsigned line) const {
    auto found = labels_.find({scope, label});
    while (found == labels_.end() && scope != 0) {
      scope = enclosing_[scope];
      found = labels_.find({scope, label});
    }
    if (found == labels_.end()) {
      refuse_at(line, "there is no label " + std::string(label.substr(0, 60)));
    }
    return function_.instructions.data() + found->second;
  }

  void resolve() {
    for (const Jump& jump : jumps_) {
      Instruction& made = function_.instructions[jump.instruction];
      made.target = at_label(jump.label, jump.scope, jump.line);
      made.seen = made.target <= &made;
    }
    for (const Table& table : tables_) {
      for (std::string_view label : table.labels) {
        table.to->push_back(at_label(label, table.scope, table.line));
      }
    }
    for (size_t i : atomics_) {
      Slot to = function_.instructions[i].to;
      function_.instructions[i].result_read = to < read_.size() && read_[to];
      if (function_.instructions[i].c != NO_SLOT) {
        strengthen_guess_of(function_.instructions[i]);
      }
    }
  }

  // The steps of a row may all lie on the stack at once. Coverage needs each step by itself.
  void make_rows() {
    std::vector<Instruction>& all = function_.instructions;
    for (size_t i = all.size() - 1; settings.coverage.empty() && i > 0; i--) {
      bool goes_on = all[i - 1].straight && all[i].plain && all[i].guard == NO_SLOT && all[i].row < MOST_IN_A_ROW;
      all[i - 1].row = goes_on ? all[i].row + 1 : 0;
    }
  }

  // A loop of atom.cas begins with a plain load of the value that it compares, in NVIDIA's headers too. If that is a
  // stale one, the loop goes on.
  void strengthen_guess_of(const Instruction& swap) {
    for (const PlainLoad& load : loads_) {
      Instruction& guess = function_.instructions[load.instruction];
      if (guess.to == swap.b && guess.a == swap.a && guess.number == swap.number && guess.size == swap.size) {
        guess.step = load.strong;
        guess.form = load.form;
      }
    }
  }

  Program& program_;
  Function& function_;
  Tokens& tokens_;
  const std::map<std::string_view, Function*>& functions_;
  const std::map<std::string_view, Variable*>& variables_;
  std::vector<Scope> scopes_;
  std::vector<size_t> enclosing_;  // the enclosing scope of every scope so far
  std::map<std::pair<size_t, std::string_view>, size_t> labels_;
  std::vector<Jump> jumps_;
  std::vector<Table> tables_;
  std::vector<size_t> atomics_;
  std::vector<PlainLoad> loads_;
  std::vector<bool> read_;
  bool fenced_ = false;  // only moves follow the last fence
  std::map<std::pair<unsigned, unsigned>, unsigned> callers_;  // caller of the last code inlined from a file and line
  std::deque<std::string> names_;  // names of vectors' elements
  mutable Register found_;
};

}

void read_body(Program& program, Function& function, Tokens& tokens,
               const std::map<std::string_view, Function*>& functions,
               const std::map<std::string_view, Variable*>& variables) {
  Body(program, function, tokens, functions, variables).read();
}

}
