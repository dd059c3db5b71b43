#include "ptx/text/statement.h"

#include <algorithm>
#include <cstring>

#include "ptx/instructions.h"

namespace sim::ptx {

namespace {

constexpr size_t MOST_LOOKED_AT = 256;

constexpr struct {
  const char* name;
  Rounding rounding;
  bool integer;
} ROUNDINGS[] = {
    {"rn", Rounding::RN, false}, {"rz", Rounding::RZ, false}, {"rm", Rounding::RM, false},
    {"rp", Rounding::RP, false}, {"rna", Rounding::RNA, false}, {"rni", Rounding::RN, true},
    {"rzi", Rounding::RZ, true}, {"rmi", Rounding::RM, true}, {"rpi", Rounding::RP, true},
};

enum class Class { BITS, INTEGER, FLOAT, PREDICATE };

Class class_of(Type type) {
  return type == Type::PRED                             ? Class::PREDICATE
         : type >= Type::U8 && type <= Type::S64        ? Class::INTEGER
         : is_float(type) && is_in_memory(type)         ? Class::FLOAT
                                                        : Class::BITS;
}

uint64_t low_bits(uint64_t value, int bits) {
  return bits >= 64 ? value : value & ((uint64_t(1) << bits) - 1);
}

}

Type type_of(std::string_view name) {
  for (auto type = Type::PRED; type <= LAST_TYPE; type = Type(int(type) + 1)) {
    if (name == name_of(type)) {
      return type;
    }
  }
  return Type::NONE;
}

std::vector<std::string_view> split_at_dots(std::string_view name) {
  std::vector<std::string_view> words;
  for (size_t end = 0; end != name.npos; name.remove_prefix(std::min(end + 1, name.size()))) {
    end = name.find('.');
    words.push_back(name.substr(0, end));
  }
  return words;
}

void Statement::fail(const std::string& why) const {
  refuse_at(line, whole_name() + ": " + why);
}

void Statement::fail(const Operand& operand, const std::string& why) const {
  refuse_at(operand.line, whole_name() + ": " + why);
}

void Statement::lack(const std::string& why) const {
  refuse_construct(line, std::string(written) + ": " + why);
}

std::string Statement::whole_name() const {
  std::string whole(name);
  for (std::string_view modifier : modifiers) {
    whole += "." + std::string(modifier);
  }
  return whole;
}

bool Statement::has(std::string_view modifier) const {
  return std::find(modifiers.begin(), modifiers.end(), modifier) != modifiers.end();
}

bool Statement::take(std::string_view modifier) {
  auto found = std::find(modifiers.begin(), modifiers.end(), modifier);
  if (found == modifiers.end()) {
    return false;
  }
  modifiers.erase(found);
  return true;
}

std::string_view Statement::take_one(std::initializer_list<std::string_view> of) {
  for (std::string_view one : of) {
    if (take(one)) {
      return one;
    }
  }
  return "";
}

Type Statement::take_type() {
  for (auto modifier = modifiers.begin(); modifier != modifiers.end(); ++modifier) {
    Type type = type_of(*modifier);
    if (type != Type::NONE) {
      modifiers.erase(modifier);
      return type;
    }
  }
  return Type::NONE;
}

Type Statement::want_type() {
  Type type = take_type();
  if (type == Type::NONE) {
    lack("a type is missing, or is not simulated");
  }
  if (type == Type::B128) {
    lack("values of 128 bits are not simulated");
  }
  return type;
}

Statement::Rounded Statement::take_rounding() {
  for (const auto& one : ROUNDINGS) {
    if (take(one.name)) {
      return {one.rounding, one.integer};
    }
  }
  return {};
}

int Statement::take_vector() {
  return take("v2") ? 2 : take("v4") ? 4 : take("v8") ? 8 : 1;
}

void Statement::want_all_taken() const {
  if (!modifiers.empty()) {
    refuse_construct(line, std::string(name) + ": its modifier ." + std::string(modifiers.front()) +
                               " is not simulated, or does not go with the others");
  }
}

const Operand& Statement::at(size_t i) const {
  if (i >= operands.size()) {
    fail("operand " + std::to_string(i + 1) + " is missing");
  }
  return operands[i];
}

void Statement::want_operands(size_t least, size_t most) const {
  if (operands.size() < least || operands.size() > most) {
    want_all_taken();
    fail("has " + std::to_string(operands.size()) + " operands, not " + std::to_string(least) +
         (most > least ? " to " + std::to_string(most) : ""));
  }
}

void Statement::want_target(int least, const char* what) const {
  if (program.target < least) {
    fail(std::string(what) + " needs .target sm_" + std::to_string(least) + " or newer, not sm_" +
         std::to_string(program.target));
  }
}

void Statement::mark_read(Slot slot) {
  if (slot >= read_.size()) {
    read_.resize(slot + 1);
  }
  read_[slot] = true;
}

Slot Statement::scratch() {
  return function.slots++;
}

Slot Statement::constant(const Constant& constant) {
  // A search through all constants would take too long.
  size_t first = function.constants.size() - std::min(function.constants.size(), MOST_LOOKED_AT);
  for (size_t k = first; k < function.constants.size(); k++) {
    const Constant& known = function.constants[k];
    if (known.kind == constant.kind && known.bits == constant.bits && known.variable == constant.variable &&
        known.function == constant.function) {
      return known.slot;
    }
  }
  function.constants.push_back(constant);
  function.constants.back().slot = function.slots++;
  return function.constants.back().slot;
}

Slot Statement::constant(uint64_t bits) {
  return constant({NO_SLOT, Constant::NUMBER, bits, nullptr, nullptr});
}

const Slot* Statement::keep(std::vector<Slot> list) {
  function.lists.push_back(std::move(list));
  return function.lists.back().data();
}

void Statement::check_type(const Register& found, const Operand& operand, Type type, bool wider) const {
  int has = bits_of(found.type), wants = bits_of(type);
  Class one = class_of(found.type), other = class_of(type);
  bool predicates = one == Class::PREDICATE || other == Class::PREDICATE;
  bool sizes = predicates ? one == other : wider ? has >= wants : has == wants;
  bool mixed = (one == Class::FLOAT && other == Class::INTEGER) || (one == Class::INTEGER && other == Class::FLOAT);
  if (!sizes || (mixed && !wider)) {
    fail(operand, std::string(operand.name) + " is a register of type ." + name_of(found.type) +
                      ", which does not go with ." + name_of(type));
  }
}

Slot Statement::of_name(const Operand& operand, Type type, bool wider) {
  if (const Register* found = names.find_register(operand.name)) {
    check_type(*found, operand, type, wider);
    mark_read(found->slot);
    return found->slot;
  }
  if (operand.name == "WARP_SZ") {
    return constant(low_bits(32, bits_of(type)));
  }
  const Variable* variable = names.find_variable(operand.name);
  if (operand.name[0] == '%' && !variable) {
    Instruction read;
    Type has = Type::NONE;
    read.step = special_register(operand.name, has);
    if (!read.step) {
      refuse_construct(operand.line, whole_name() + ": there is no register " + std::string(operand.name) +
                                         ", or it is not simulated");
    }
    if (this->name != "mov" && this->name != "cvt" && this->name != "@") {
      fail(std::string(operand.name) + " can be read by mov and cvt alone");
    }
    check_type({has, 0}, operand, type, true);
    read.line = line;
    read.straight = true;
    read.to = scratch();
    function.instructions.push_back(read);
    return read.to;
  }
  if (variable) {
    bool device = variable->space == Space::GLOBAL || variable->space == Space::CONST;
    if (bits_of(type) != 64 && (device || bits_of(type) != 32)) {
      fail(operand, "the address of " + variable->name + " has 64 bits, not the " + std::to_string(bits_of(type)) +
                        " of ." + name_of(type));
    }
    uint64_t offset = uint64_t(operand.offset);
    if (device || variable->space == Space::SHARED) {
      return constant({NO_SLOT, device ? Constant::DEVICE : Constant::SHARED, offset, variable, nullptr});
    }
    bool local = variable->space == Space::LOCAL;
    return constant({NO_SLOT, local ? Constant::LOCAL : Constant::NUMBER, variable->place + offset, nullptr, nullptr});
  }
  if (const Function* called = names.find_function(operand.name)) {
    if (bits_of(type) != 64) {
      fail(operand, "the address of " + called->name + " has 64 bits");
    }
    return constant({NO_SLOT, Constant::FUNCTION, 0, nullptr, called});
  }
  fail(operand, "nothing here is named " + std::string(operand.name));
}

Slot Statement::source(const Operand& operand, Type type, bool wider) {
  if (operand.kind == Operand::NAME && !operand.negated && !operand.pair) {
    return of_name(operand, type, wider);
  }
  if (operand.kind != Operand::NUMBER) {
    fail(operand, std::string("expected a register or a number as an operand of type .") + name_of(type));
  }
  const Number& number = operand.number;
  Class wants = class_of(type);
  uint64_t bits = number.bits;
  if (number.form == Number::INTEGER) {
    if (wants == Class::FLOAT) {
      fail(operand, std::string("an integer stands where a number of type .") + name_of(type) +
                        " has to, such as 0f3F800000");
    }
    bits = operand.minus ? -bits : bits;
    return constant(type == Type::PRED ? uint64_t(bits != 0) : low_bits(bits, bits_of(type)));
  }
  if (wants == Class::INTEGER || wants == Class::PREDICATE) {
    fail(operand, "a floating-point number stands where an integer has to");
  }
  if (bits_of(type) != 32 && bits_of(type) != 64) {
    fail(operand, "a number of this form has 32 or 64 bits");
  }
  return constant(float_bits(number, operand.minus, bits_of(type)));
}

Slot Statement::destination(const Operand& operand, Type type, bool wider) {
  if (operand.kind == Operand::SINK) {
    return scratch();
  }
  const Register* found = operand.kind == Operand::NAME ? names.find_register(operand.name) : nullptr;
  if (!found || operand.negated || operand.pair) {
    fail(operand, "expected a register for the result");
  }
  check_type(*found, operand, type, wider);
  return found->slot;
}

void Statement::take_operands(Type to, std::initializer_list<Type> types) {
  want_operands(types.size() + 1);
  made.to = destination(0, to);
  std::vector<Slot> slots;
  for (Type type : types) {
    slots.push_back(source(slots.size() + 1, type));
  }
  slots.resize(std::max<size_t>(slots.size(), 3), NO_SLOT);
  made.a = slots[0];
  made.b = slots[1];
  made.c = slots[2];
  made.more = slots.size() > 3 ? keep({slots.begin() + 3, slots.end()}) : nullptr;
}

Slot Statement::take_results(Type type) {
  const Operand& to = at(0);
  made.to = destination(to.pair ? to.elements[0] : to, type);
  return to.pair ? destination(to.elements[1], Type::PRED) : NO_SLOT;
}

const Slot* Statement::elements(size_t i, int count, Slot (Statement::*slot_of)(const Operand&, Type, bool), Type type,
                                bool wider) {
  const Operand& operand = at(i);
  std::vector<Slot> slots;
  if (operand.kind != Operand::VECTOR) {
    slots.push_back((this->*slot_of)(operand, type, wider));
  }
  for (const Operand& element : operand.elements) {
    slots.push_back((this->*slot_of)(element, type, wider));
  }
  if (int(slots.size()) != count) {
    fail("operand " + std::to_string(i + 1) + " has " + std::to_string(slots.size()) + " elements, not " +
         std::to_string(count));
  }
  return keep(std::move(slots));
}

const Slot* Statement::sources(size_t i, int count, Type type, bool wider) {
  return elements(i, count, &Statement::source, type, wider);
}

const Slot* Statement::destinations(size_t i, int count, Type type, bool wider) {
  return elements(i, count, &Statement::destination, type, wider);
}

Slot Statement::base(const Operand& operand, int64_t& offset) {
  if (operand.kind != Operand::ADDRESS) {
    fail(operand, "expected an address in brackets");
  }
  if (!operand.elements.empty()) {
    refuse_construct(operand.line, whole_name() + ": addresses of several parts are not simulated");
  }
  offset = operand.offset;
  if (operand.name.empty()) {
    return constant(0);
  }
  Operand name = operand;
  name.kind = Operand::NAME;
  name.offset = 0;
  const Register* found = names.find_register(name.name);
  return source(name, found && bits_of(found->type) == 32 ? Type::B32 : Type::B64);
}

int64_t Statement::integer(size_t i) {
  const Operand& operand = at(i);
  if (operand.kind != Operand::NUMBER || operand.number.form != Number::INTEGER) {
    fail("operand " + std::to_string(i + 1) + " has to be a whole number");
  }
  return int64_t(operand.minus ? -operand.number.bits : operand.number.bits);
}

}
