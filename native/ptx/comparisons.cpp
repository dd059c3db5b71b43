// Comparisons and selections (PTX ISA, "Comparison and Selection Instructions").
#include <algorithm>
#include <cmath>

#include "ptx/instructions.h"
#include "ptx/steps.h"

namespace sim::ptx {

namespace {

enum Comparison : uint8_t { EQ, NE, LT, LE, GT, GE, NUM, IS_NAN };
constexpr uint8_t KIND = 7, UNORDERED = 8, FLUSHES = 16;
enum Combination : uint8_t { ALONE, AND, OR, XOR };

template <typename T>
bool compare(T a, T b, uint8_t how) {
  switch (how & KIND) {
    case EQ: return a == b;
    case NE: return a != b;
    case LT: return a < b;
    case LE: return a <= b;
    case GT: return a > b;
    default: return a >= b;
  }
}

template <typename T>
bool compare_floats(T a, T b, uint8_t how) {
  if (a != a || b != b) {
    return (how & KIND) == IS_NAN || how & UNORDERED;
  }
  return (how & KIND) == NUM || ((how & KIND) != IS_NAN && compare(a, b, how));
}

// The operands by their type.
template <typename T>
struct Whole {
  using Value = T;
  static T value(const Run& run, Slot slot, uint8_t) { return get<T>(run, slot); }
  static bool holds(T a, T b, uint8_t how) { return compare(a, b, how); }
};
struct Single {
  using Value = float;
  static float value(const Run& run, Slot slot, uint8_t how) {
    float value = get<float>(run, slot);
    return how & FLUSHES ? flush(value) : value;
  }
  static bool holds(float a, float b, uint8_t how) { return compare_floats(a, b, how); }
};
struct Double {
  using Value = double;
  static double value(const Run& run, Slot slot, uint8_t) { return get<double>(run, slot); }
  static bool holds(double a, double b, uint8_t how) { return compare_floats(a, b, how); }
};
template <double (*value_of)(uint16_t)>
struct Small {
  using Value = double;
  static double value(uint16_t bits, uint8_t how) {
    double value = value_of(bits);
    return how & FLUSHES && std::fabs(value) < 0x1p-14 ? std::copysign(0.0, value) : value;
  }
  static double value(const Run& run, Slot slot, uint8_t how) { return value(get<uint16_t>(run, slot), how); }
  static bool holds(double a, double b, uint8_t how) { return compare_floats(a, b, how); }
};

template <double (*value_of)(uint16_t)>
bool half_holds(uint16_t a, uint16_t b, uint8_t how) {
  return compare_floats(Small<value_of>::value(a, how), Small<value_of>::value(b, how), how);
}

bool combined(bool result, bool other, int64_t how) {
  return how == AND ? result && other : how == OR ? result || other : how == XOR ? result != other : result;
}

// p, and q where the comparison is turned around; c is combined with both.
template <typename Values>
const Instruction* set_predicate(const Instruction& i, Run& run) {
  bool holds = Values::holds(Values::value(run, i.a, i.detail), Values::value(run, i.b, i.detail), i.detail);
  if (i.number == ALONE && !i.more) {
    run.registers[i.to] = holds;
    return &i + 1;
  }
  bool other = i.number != ALONE && is_set(run, i.c) != (i.size != 0);
  if (i.more) {
    run.registers[i.more[0]] = combined(!holds, other, i.number);
  }
  run.registers[i.to] = combined(holds, other, i.number);
  return &i + 1;
}

// All bits, or 1.0, or nothing.
template <typename Values>
const Instruction* set_word(const Instruction& i, Run& run) {
  bool holds = Values::holds(Values::value(run, i.a, i.detail), Values::value(run, i.b, i.detail), i.detail);
  bool other = i.number != ALONE && is_set(run, i.c) != (i.size != 0);
  uint64_t bits = *static_cast<const uint64_t*>(i.form);
  run.registers[i.to] = combined(holds, other, i.number) ? bits : 0;
  return &i + 1;
}

template <double (*value_of)(uint16_t)>
const Instruction* set_predicates_of_pair(const Instruction& i, Run& run) {
  uint32_t a = get<uint32_t>(run, i.a), b = get<uint32_t>(run, i.b);
  bool other = i.number != ALONE && is_set(run, i.c) != (i.size != 0);
  for (int k = 0; k < 2; k++) {
    bool holds = half_holds<value_of>(uint16_t(a >> 16 * k), uint16_t(b >> 16 * k), i.detail);
    run.registers[k == 0 ? i.to : i.more[0]] = combined(holds, other, i.number);
  }
  return &i + 1;
}

// All bits of a half, or its 1.0, by halves.
template <double (*value_of)(uint16_t)>
const Instruction* set_pair(const Instruction& i, Run& run) {
  uint32_t a = get<uint32_t>(run, i.a), b = get<uint32_t>(run, i.b), result = 0;
  bool other = i.number != ALONE && is_set(run, i.c) != (i.size != 0);
  auto bits = uint32_t(*static_cast<const uint64_t*>(i.form));
  for (int k = 0; k < 2; k++) {
    bool holds = half_holds<value_of>(uint16_t(a >> 16 * k), uint16_t(b >> 16 * k), i.detail);
    result |= combined(holds, other, i.number) ? bits << 16 * k : 0;
  }
  put<uint32_t>(run, i.to, result);
  return &i + 1;
}

constexpr struct {
  const char* name;
  uint8_t how;
} COMPARISON_NAMES[] = {
    {"eq", EQ}, {"ne", NE}, {"lt", LT}, {"le", LE}, {"gt", GT}, {"ge", GE},
    {"lo", LT}, {"ls", LE}, {"hi", GT}, {"hs", GE},
    {"equ", EQ | UNORDERED}, {"neu", NE | UNORDERED}, {"ltu", LT | UNORDERED},
    {"leu", LE | UNORDERED}, {"gtu", GT | UNORDERED}, {"geu", GE | UNORDERED},
    {"num", NUM}, {"nan", IS_NAN},
};

bool is_integer(Type type) {
  return !is_float(type);
}

// Takes the comparison and how it is combined.
void take_comparison(Statement& s) {
  bool found = false;
  for (const auto& one : COMPARISON_NAMES) {
    if (!found && s.take(one.name)) {
      s.made.detail = one.how;
      found = true;
    }
  }
  if (!found) {
    s.fail("a comparison is missing");
  }
  std::string_view combination = s.take_one({"and", "or", "xor"});
  s.made.number = combination == "and" ? AND : combination == "or" ? OR : combination == "xor" ? XOR : ALONE;
  s.made.detail |= s.take("ftz") ? FLUSHES : 0;
}

void take_sources(Statement& s, Type type) {
  s.want_operands(s.made.number == ALONE ? 3 : 4);
  s.made.a = s.source(1, type);
  s.made.b = s.source(2, type);
  if (s.made.number != ALONE) {
    bool negated = false;
    s.made.c = s.predicate(3, negated);
    s.made.size = negated;
  }
  if (s.made.detail & FLUSHES && type != Type::F32 && type != Type::F16 && type != Type::F16X2) {
    s.fail(".ftz is of .f32, .f16 and .f16x2");
  }
  bool float_alone = s.made.detail & UNORDERED || (s.made.detail & KIND) >= NUM;
  if (is_integer(type) && float_alone) {
    s.fail("this comparison is of floating-point numbers");
  }
  if ((type == Type::B16 || type == Type::B32 || type == Type::B64) && (s.made.detail & KIND) > NE) {
    s.fail("untyped bits can only be equal or not");
  }
}

Step decode_setp(Statement& s) {
  take_comparison(s);
  Type type = s.want_type();
  take_sources(s, type);
  const Operand& to = s.at(0);
  if (to.pair) {
    s.made.to = s.destination(to.elements[0], Type::PRED);
    s.made.more = s.keep({s.destination(to.elements[1], Type::PRED)});
  } else {
    s.made.to = s.destination(to, Type::PRED);
  }
  switch (type) {
    case Type::B16:
    case Type::U16: return set_predicate<Whole<uint16_t>>;
    case Type::S16: return set_predicate<Whole<int16_t>>;
    case Type::B32:
    case Type::U32: return set_predicate<Whole<uint32_t>>;
    case Type::S32: return set_predicate<Whole<int32_t>>;
    case Type::B64:
    case Type::U64: return set_predicate<Whole<uint64_t>>;
    case Type::S64: return set_predicate<Whole<int64_t>>;
    case Type::F32: return set_predicate<Single>;
    case Type::F64: return set_predicate<Double>;
    case Type::F16: return set_predicate<Small<half_value>>;
    case Type::BF16: return set_predicate<Small<bf16_value>>;
    case Type::F16X2: return to.pair ? set_predicates_of_pair<half_value> : nullptr;
    case Type::BF16X2: return to.pair ? set_predicates_of_pair<bf16_value> : nullptr;
    default: return nullptr;
  }
}

uint64_t truth_of(Type type) {
  switch (type) {
    case Type::F32: return 0x3f800000;
    case Type::F16:
    case Type::F16X2: return 0x3c00;
    case Type::BF16:
    case Type::BF16X2: return 0x3f80;
    case Type::U16:
    case Type::S16: return 0xffff;
    default: return 0xffffffff;
  }
}

Step decode_set(Statement& s) {
  take_comparison(s);
  Type to = s.want_type(), type = s.take_type();
  type = type == Type::NONE ? to : type;
  bool pair = type == Type::F16X2 || type == Type::BF16X2;
  // Where pairs are compared, integers of 32 bits hold a half's truth in each half.
  uint64_t truth = pair && bits_of(to) == 32 && !is_float(to) ? 0xffff : truth_of(to);
  s.made.form = s.keep_form(truth);
  s.made.to = s.destination(0, to);
  take_sources(s, type);
  switch (type) {
    case Type::B16:
    case Type::U16: return set_word<Whole<uint16_t>>;
    case Type::S16: return set_word<Whole<int16_t>>;
    case Type::B32:
    case Type::U32: return set_word<Whole<uint32_t>>;
    case Type::S32: return set_word<Whole<int32_t>>;
    case Type::B64:
    case Type::U64: return set_word<Whole<uint64_t>>;
    case Type::S64: return set_word<Whole<int64_t>>;
    case Type::F32: return set_word<Single>;
    case Type::F64: return set_word<Double>;
    case Type::F16: return set_word<Small<half_value>>;
    case Type::BF16: return set_word<Small<bf16_value>>;
    case Type::F16X2: return set_pair<half_value>;
    case Type::BF16X2: return set_pair<bf16_value>;
    default: return nullptr;
  }
}

const Instruction* select(const Instruction& i, Run& run) {
  run.registers[i.to] = run.registers[is_set(run, i.c) ? i.a : i.b];
  return &i + 1;
}

Step decode_selp(Statement& s) {
  Type type = s.want_type();
  s.want_operands(4);
  s.made.to = s.destination(0, type);
  s.made.a = s.source(1, type);
  s.made.b = s.source(2, type);
  bool negated = false;
  s.made.c = s.predicate(3, negated);
  if (negated) {
    std::swap(s.made.a, s.made.b);
  }
  return select;
}

template <typename Values>
const Instruction* select_by_sign(const Instruction& i, Run& run) {
  run.registers[i.to] = run.registers[Values::value(run, i.c, i.detail) >= 0 ? i.a : i.b];
  return &i + 1;
}

Step decode_slct(Statement& s) {
  s.made.detail = s.take("ftz") ? FLUSHES : 0;
  Type type = s.want_type(), by = s.want_type();
  s.take_operands(type, {type, type, by});
  return by == Type::F32                         ? select_by_sign<Single>
         : by == Type::S32 && s.made.detail == 0 ? select_by_sign<Whole<int32_t>>
                                                 : nullptr;
}

}

const Known COMPARISONS[] = {
    {"setp", decode_setp}, {"set", decode_set}, {"selp", decode_selp}, {"slct", decode_slct}, {"", nullptr}};

}
