// Comparisons and selections (PTX ISA, "Comparison and Selection Instructions").
#include <algorithm>
#include <cmath>

#include "ptx/steps.h"

namespace sim::ptx {

namespace {

enum Comparison : uint8_t { EQ, NE, LT, LE, GT, GE, NUM, IS_NAN };
constexpr uint8_t KIND = 7, UNORDERED = 8, FLUSHES_INPUTS = 16;
enum Combination : uint8_t { ALONE, AND, OR, XOR };

template <typename T>
bool compare(T a, T b, uint8_t how) {
  // The result if a is less, equal, greater.
  constexpr uint8_t HOLDS[] = {0b010, 0b101, 0b001, 0b011, 0b100, 0b110, 0, 0};
  return HOLDS[how & KIND] >> ((a > b) - (a < b) + 1) & 1;
}

template <typename T>
bool compare_floats(T a, T b, uint8_t how) {
  if (a != a || b != b) {
    return (how & KIND) == IS_NAN || how & UNORDERED;
  }
  return (how & KIND) == NUM || ((how & KIND) != IS_NAN && compare(a, b, how));
}

// An operand's value, by its type.
template <typename T>
auto number(T value, uint8_t how) {
  if constexpr (std::is_same_v<T, float>) {
    return how & FLUSHES_INPUTS ? flush(value) : value;
  } else if constexpr (std::is_class_v<T>) {
    return T::value(value.bits, how & FLUSHES_INPUTS);
  } else {
    return value;
  }
}

template <typename T>
bool holds(T one, T other, uint8_t how) {
  auto a = number(one, how), b = number(other, how);
  if constexpr (std::is_floating_point_v<decltype(a)>) {
    return compare_floats(a, b, how);
  } else {
    return compare(a, b, how);
  }
}

bool combined(bool result, bool other, int64_t how) {
  return how == AND ? result && other : how == OR ? result || other : how == XOR ? result != other : result;
}

bool other_of(const Instruction& i, const Run& run) {
  return i.number != ALONE && is_set(run, i.c) != (i.size != 0);
}

// Predicate p, and q of the opposite comparison; c is combined with both.
template <typename T>
const Instruction* set_predicate(const Instruction& i, Run& run) {
  bool result = holds(get<T>(run, i.a), get<T>(run, i.b), i.detail);
  bool other = other_of(i, run);
  if (i.more) {
    run.registers[i.more[0]] = combined(!result, other, i.number);
  }
  run.registers[i.to] = combined(result, other, i.number);
  return after(i, run);
}

// One predicate, by C++'s comparison. Floats do not come here with NE: of NaN it is true in C++ and false in PTX.
template <typename T, Comparison how>
const Instruction* set_plainly(const Instruction& i, Run& run) {
  T a = get<T>(run, i.a), b = get<T>(run, i.b);
  run.registers[i.to] = how == EQ ? a == b : how == NE ? a != b : how == LT ? a < b : how == LE ? a <= b
                        : how == GT ? a > b : a >= b;
  return after(i, run);
}

template <typename T>
Step plainly(uint8_t how) {
  constexpr Step STEPS[] = {set_plainly<T, EQ>, set_plainly<T, NE>, set_plainly<T, LT>,
                            set_plainly<T, LE>, set_plainly<T, GT>, set_plainly<T, GE>};
  return STEPS[how];
}

// The comparison of a single value or a pair's lower half, or of its upper half.
template <typename T>
bool result_of(const Instruction& i, const Run& run, int from) {
  T a = get<T>(run, i.a), b = get<T>(run, i.b);
  bool result;
  if constexpr (std::is_class_v<T>) {
    using Half = Small<T::TYPE, uint16_t>;
    result = holds(Half{uint16_t(a.bits >> from)}, Half{uint16_t(b.bits >> from)}, i.detail);
  } else {
    result = holds(a, b, i.detail);
  }
  return combined(result, other_of(i, run), i.number);
}

template <typename T>
const Instruction* set_predicates_of_pair(const Instruction& i, Run& run) {
  bool low = result_of<T>(i, run, 0), high = result_of<T>(i, run, 16);
  run.registers[i.to] = low;
  run.registers[i.more[0]] = high;
  return after(i, run);
}

// All bits set or 1.0 if true, 0 if false; each half of a pair by itself.
template <typename T, bool of_pair>
const Instruction* set_word(const Instruction& i, Run& run) {
  uint64_t bits = *static_cast<const uint64_t*>(i.form), result = result_of<T>(i, run, 0) ? bits : 0;
  run.registers[i.to] = result | (of_pair && result_of<T>(i, run, 16) ? bits << 16 : 0);
  return after(i, run);
}

using Single = Types<Type::B16, Type::U16, Type::S16, Type::B32, Type::U32, Type::S32, Type::B64, Type::U64, Type::S64,
                     Type::F32, Type::F64, Type::F16, Type::BF16>;
using Paired = Types<Type::F16X2, Type::BF16X2>;

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

// Reads the comparison's modifier and the one that combines it with c.
void take_comparison(Statement& s) {
  auto found = std::find_if(std::begin(COMPARISON_NAMES), std::end(COMPARISON_NAMES),
                            [&](const auto& one) { return s.take(one.name); });
  if (found == std::end(COMPARISON_NAMES)) {
    s.fail("a comparison is missing");
  }
  s.made.detail = found->how;
  std::string_view combination = s.take_one({"and", "or", "xor"});
  s.made.number = combination == "and" ? AND : combination == "or" ? OR : combination == "xor" ? XOR : ALONE;
  s.made.detail |= s.take("ftz") ? FLUSHES_INPUTS : 0;
}

void take_sources(Statement& s, Type type) {
  s.want_operands(s.made.number == ALONE ? 3 : 4);
  s.made.a = s.source(1, type);
  s.made.b = s.source(2, type);
  if (s.made.number != ALONE) {
    s.made.c = s.predicate(3, s.made.size);
  }
  if (s.made.detail & FLUSHES_INPUTS && type != Type::F32 && type != Type::F16 && type != Type::F16X2) {
    s.fail(".ftz is of .f32, .f16 and .f16x2");
  }
  bool float_alone = s.made.detail & UNORDERED || (s.made.detail & KIND) >= NUM;
  if (!is_float(type) && float_alone) {
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
  Slot other = s.take_results(Type::PRED);
  s.made.more = other == NO_SLOT ? nullptr : s.keep({other});
  if (is_pair(type)) {
    return !s.made.more ? nullptr : with_type(Paired(), type, [](auto of) -> Step {
      return set_predicates_of_pair<typename decltype(of)::type>;
    });
  }
  uint8_t how = s.made.detail;
  Step plain = s.made.number != ALONE || s.made.more || how > GE || (is_float(type) && how == NE)
                   ? nullptr
                   : with_type(Types<Type::B32, Type::B64, Type::U32, Type::U64, Type::S32, Type::S64, Type::F32,
                                     Type::F64>(),
                               type, [=](auto of) -> Step { return plainly<typename decltype(of)::type>(how); });
  return plain ? plain : with_type(Single(), type, [](auto of) -> Step {
    return set_predicate<typename decltype(of)::type>;
  });
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
  // If pairs are compared, each half of a 32-bit integer holds the truth of one half.
  uint64_t truth = is_pair(type) && bits_of(to) == 32 && !is_float(to) ? 0xffff : truth_of(to);
  s.made.form = s.keep_form(truth);
  s.made.to = s.destination(0, to);
  take_sources(s, type);
  return is_pair(type)
             ? with_type(Paired(), type, [](auto of) -> Step { return set_word<typename decltype(of)::type, true>; })
             : with_type(Single(), type, [](auto of) -> Step { return set_word<typename decltype(of)::type, false>; });
}

const Instruction* select(const Instruction& i, Run& run) {
  run.registers[i.to] = run.registers[is_set(run, i.c) ? i.a : i.b];
  return after(i, run);
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

}

const Known COMPARISONS[] = {
    {"setp", decode_setp}, {"set", decode_set}, {"selp", decode_selp}, {"", nullptr}};

}
