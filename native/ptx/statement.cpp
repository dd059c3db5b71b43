#include "ptx/statement.h"

#include <algorithm>
#include <cstring>

#include "ptx/special_registers.h"

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
  switch (type) {
    case Type::PRED: return Class::PREDICATE;
    case Type::F16:
    case Type::BF16:
    case Type::F32:
    case Type::F64:
    case Type::F16X2:
    case Type::BF16X2: return Class::FLOAT;
    case Type::U8:
    case Type::U16:
    case Type::U32:
    case Type::U64:
    case Type::S8:
    case Type::S16:
    case Type::S32:
    case Type::S64: return Class::INTEGER;
    default: return Class::BITS;
  }
}

uint64_t low_bits(uint64_t value, int bits) {
  return bits >= 64 ? value : value & ((uint64_t(1) << bits) - 1);
}

template <typename To, typename From>
To same_bits(From from) {
  To to{};
  std::memcpy(&to, &from, std::min(sizeof to, sizeof from));
  return to;
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

void Statement::fail(const std::string& why) const {
  refuse_at(line, whole_name() + ": " + why);
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
  // To look through all would take long where there are many.
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
    refuse_at(operand.line, whole_name() + ": " + std::string(operand.name) + " is a register of type ." +
                                name_of(found.type) + ", which does not go with ." + name_of(type));
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
  if (operand.name[0] == '%') {
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
    read.to = scratch();
    function.instructions.push_back(read);
    return read.to;
  }
  if (const Variable* variable = names.find_variable(operand.name)) {
    bool device = variable->space == Space::GLOBAL || variable->space == Space::CONST;
    if (bits_of(type) != 64 && (device || bits_of(type) != 32)) {
      refuse_at(operand.line, whole_name() + ": the address of " + variable->name + " has 64 bits, not the " +
                                  std::to_string(bits_of(type)) + " of ." + name_of(type));
    }
    return device ? constant({NO_SLOT, Constant::DEVICE, uint64_t(operand.offset), variable, nullptr})
           : variable->space == Space::SHARED
               ? constant({NO_SLOT, Constant::SHARED, uint64_t(operand.offset), variable, nullptr})
           : variable->space == Space::LOCAL
               ? constant({NO_SLOT, Constant::LOCAL, variable->place + operand.offset, nullptr, nullptr})
               : constant(variable->place + operand.offset);
  }
  if (const Function* called = names.find_function(operand.name)) {
    if (bits_of(type) != 64) {
      refuse_at(operand.line, whole_name() + ": the address of " + called->name + " has 64 bits");
    }
    return constant({NO_SLOT, Constant::FUNCTION, 0, nullptr, called});
  }
  refuse_at(operand.line, whole_name() + ": nothing here is named " + std::string(operand.name));
}

Slot Statement::source(const Operand& operand, Type type, bool wider) {
  if (operand.kind == Operand::NAME && !operand.negated && !operand.pair) {
    return of_name(operand, type, wider);
  }
  if (operand.kind != Operand::NUMBER) {
    refuse_at(operand.line, whole_name() + ": expected a register or a number as an operand of type ." +
                                name_of(type));
  }
  const Number& number = operand.number;
  Class wants = class_of(type);
  uint64_t bits = number.bits;
  if (number.form == Number::INTEGER) {
    if (wants == Class::FLOAT) {
      refuse_at(operand.line, whole_name() + ": an integer stands where a number of type ." + name_of(type) +
                                  " has to, such as 0f3F800000");
    }
    bits = operand.minus ? -bits : bits;
    return constant(type == Type::PRED ? uint64_t(bits != 0) : low_bits(bits, bits_of(type)));
  }
  if (wants == Class::INTEGER || wants == Class::PREDICATE) {
    refuse_at(operand.line, whole_name() + ": a floating-point number stands where an integer has to");
  }
  double value = number.form == Number::FLOAT32 ? double(same_bits<float>(uint32_t(bits))) : same_bits<double>(bits);
  value = operand.minus ? -value : value;
  if (bits_of(type) == 64) {
    return constant(same_bits<uint64_t>(value));
  }
  if (bits_of(type) != 32) {
    refuse_at(operand.line, whole_name() + ": a number of this form has 32 or 64 bits");
  }
  // Of a float32's NaN every bit counts.
  return constant(number.form == Number::FLOAT32 && !operand.minus ? bits
                                                                   : same_bits<uint32_t>(static_cast<float>(value)));
}

Slot Statement::destination(const Operand& operand, Type type, bool wider) {
  if (operand.kind == Operand::SINK) {
    return scratch();
  }
  const Register* found = operand.kind == Operand::NAME ? names.find_register(operand.name) : nullptr;
  if (!found || operand.negated || operand.pair) {
    refuse_at(operand.line, whole_name() + ": expected a register for the result");
  }
  check_type(*found, operand, type, wider);
  return found->slot;
}

void Statement::take_operands(Type to, std::initializer_list<Type> types) {
  want_operands(types.size() + 1);
  made.to = destination(0, to);
  Slot* const slots[] = {&made.a, &made.b, &made.c};
  size_t i = 0;
  for (Type type : types) {
    *slots[i] = source(i + 1, type);
    i++;
  }
}

Slot Statement::predicate(size_t i, bool& negated) {
  Operand operand = at(i);
  negated = operand.negated;
  operand.negated = false;
  return source(operand, Type::PRED);
}

const Slot* Statement::sources(size_t i, int count, Type type, bool wider) {
  const Operand& operand = at(i);
  std::vector<Slot> slots;
  if (operand.kind != Operand::VECTOR) {
    slots.push_back(source(operand, type, wider));
  }
  for (const Operand& element : operand.elements) {
    slots.push_back(source(element, type, wider));
  }
  if (int(slots.size()) != count) {
    fail("operand " + std::to_string(i + 1) + " has " + std::to_string(slots.size()) + " elements, not " +
         std::to_string(count));
  }
  return keep(std::move(slots));
}

const Slot* Statement::destinations(size_t i, int count, Type type, bool wider) {
  const Operand& operand = at(i);
  std::vector<Slot> slots;
  if (operand.kind != Operand::VECTOR) {
    slots.push_back(destination(operand, type, wider));
  }
  for (const Operand& element : operand.elements) {
    slots.push_back(destination(element, type, wider));
  }
  if (int(slots.size()) != count) {
    fail("operand " + std::to_string(i + 1) + " has " + std::to_string(slots.size()) + " elements, not " +
         std::to_string(count));
  }
  return keep(std::move(slots));
}

Slot Statement::base(const Operand& operand, int64_t& offset) {
  if (operand.kind != Operand::ADDRESS) {
    refuse_at(operand.line, whole_name() + ": expected an address in brackets");
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
