// Arithmetic of integers (PTX ISA, "Integer Arithmetic Instructions" and "Extended-Precision").
#include <algorithm>
#include <limits>

#include "ptx/instructions.h"
#include "ptx/steps.h"

namespace sim::ptx {

namespace {

// Sums and products wrap around, which C++ promises of unsigned ones alone, and of those that are not promoted.
template <typename T>
using Wrapping = std::conditional_t<(sizeof(T) < 8), uint32_t, uint64_t>;

template <typename T>
struct Twice;
template <>
struct Twice<uint16_t> { using type = uint32_t; };
template <>
struct Twice<uint32_t> { using type = uint64_t; };
template <>
struct Twice<uint64_t> { using type = unsigned __int128; };
template <>
struct Twice<int16_t> { using type = int32_t; };
template <>
struct Twice<int32_t> { using type = int64_t; };
template <>
struct Twice<int64_t> { using type = __int128; };

template <typename T>
using TwiceOf = typename Twice<T>::type;

template <typename T>
constexpr int BITS_OF = 8 * sizeof(T);

template <typename T>
struct Add {
  static T apply(T a, T b) { return T(Wrapping<T>(a) + Wrapping<T>(b)); }
};
template <typename T>
struct Subtract {
  static T apply(T a, T b) { return T(Wrapping<T>(a) - Wrapping<T>(b)); }
};

template <typename T>
T clamped(int64_t value) {
  return T(std::clamp<int64_t>(value, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
}
struct AddSaturated {
  static int32_t apply(int32_t a, int32_t b) { return clamped<int32_t>(int64_t(a) + b); }
};
struct SubtractSaturated {
  static int32_t apply(int32_t a, int32_t b) { return clamped<int32_t>(int64_t(a) - b); }
};

template <typename T>
struct MultiplyLow {
  static T apply(T a, T b) { return T(Wrapping<T>(a) * Wrapping<T>(b)); }
};
template <typename T>
struct MultiplyHigh {
  static T apply(T a, T b) { return T(TwiceOf<T>(a) * TwiceOf<T>(b) >> BITS_OF<T>); }
};
template <typename T>
struct MultiplyWide {
  static TwiceOf<T> apply(T a, T b) { return TwiceOf<T>(a) * TwiceOf<T>(b); }
};

template <typename T>
struct MadLow {
  static T apply(T a, T b, T c) { return Add<T>::apply(MultiplyLow<T>::apply(a, b), c); }
};
template <typename T>
struct MadHigh {
  static T apply(T a, T b, T c) { return Add<T>::apply(MultiplyHigh<T>::apply(a, b), c); }
};
struct MadHighSaturated {
  static int32_t apply(int32_t a, int32_t b, int32_t c) {
    return AddSaturated::apply(MultiplyHigh<int32_t>::apply(a, b), c);
  }
};
template <typename T>
struct MadWide {
  static TwiceOf<T> apply(T a, T b, TwiceOf<T> c) {
    return Add<TwiceOf<T>>::apply(MultiplyWide<T>::apply(a, b), c);
  }
};

// Of the lower 24 bits of each; the result is the lower, or the upper, 32 of 48.
template <typename T>
int64_t product_of_24(T a, T b) {
  int64_t x = std::is_signed_v<T> ? int64_t(int32_t(uint32_t(a) << 8)) >> 8 : int64_t(a & 0xffffff);
  int64_t y = std::is_signed_v<T> ? int64_t(int32_t(uint32_t(b) << 8)) >> 8 : int64_t(b & 0xffffff);
  return int64_t(uint64_t(x) * uint64_t(y));
}
template <typename T>
struct Multiply24Low {
  static T apply(T a, T b) { return T(product_of_24(a, b)); }
};
template <typename T>
struct Multiply24High {
  static T apply(T a, T b) { return T(product_of_24(a, b) >> 16); }
};
template <typename T>
struct Mad24Low {
  static T apply(T a, T b, T c) { return Add<T>::apply(Multiply24Low<T>::apply(a, b), c); }
};
template <typename T>
struct Mad24High {
  static T apply(T a, T b, T c) { return Add<T>::apply(Multiply24High<T>::apply(a, b), c); }
};
struct Mad24HighSaturated {
  static int32_t apply(int32_t a, int32_t b, int32_t c) {
    return AddSaturated::apply(Multiply24High<int32_t>::apply(a, b), c);
  }
};

template <typename T>
struct SumOfDifference {
  static T apply(T a, T b, T c) {
    T difference = a < b ? Subtract<T>::apply(b, a) : Subtract<T>::apply(a, b);
    return Add<T>::apply(c, difference);
  }
};

// By 0 PTX leaves the result open; cards give all bits.
template <typename T>
struct Divide {
  static T apply(T a, T b) {
    return b == 0 ? T(-1) : std::is_signed_v<T> && b == T(-1) ? Subtract<T>::apply(0, a) : T(a / b);
  }
};
template <typename T>
struct Remainder {
  static T apply(T a, T b) { return b == 0 ? a : std::is_signed_v<T> && b == T(-1) ? T(0) : T(a % b); }
};

template <typename T>
struct Least {
  static T apply(T a, T b) { return std::min(a, b); }
};
template <typename T>
struct Most {
  static T apply(T a, T b) { return std::max(a, b); }
};
template <typename T>
struct LeastNatural {
  static T apply(T a, T b) { return std::max(std::min(a, b), T(0)); }
};
template <typename T>
struct MostNatural {
  static T apply(T a, T b) { return std::max(std::max(a, b), T(0)); }
};

template <typename T>
struct Absolute {
  static T apply(T a) { return a < 0 ? Subtract<T>::apply(0, a) : a; }
};
template <typename T>
struct Negative {
  static T apply(T a) { return Subtract<T>::apply(0, a); }
};

// On both halves of 32 bits.
template <typename T, template <typename> class Operation>
struct InHalves {
  static uint32_t apply(uint32_t a, uint32_t b) {
    uint16_t low = uint16_t(Operation<T>::apply(T(a), T(b)));
    uint16_t high = uint16_t(Operation<T>::apply(T(a >> 16), T(b >> 16)));
    return low | uint32_t(high) << 16;
  }
};

void three_operands(Statement& s, Type type) {
  s.take_operands(type, {type, type});
}

template <template <typename> class Operation>
Step same_type(Type type) {
  return with_integer(type, [](auto of) -> Step {
    using T = typename decltype(of)::type;
    return binary<Operation<T>, T, T>;
  });
}

template <template <typename> class Operation>
Step pair_or_same_type(Statement& s) {
  bool of_signed = s.take("s16x2"), of_unsigned = s.take("u16x2");
  if (of_signed || of_unsigned) {
    three_operands(s, Type::B32);
    return of_signed ? binary<InHalves<int16_t, Operation>, uint32_t, uint32_t>
                     : binary<InHalves<uint16_t, Operation>, uint32_t, uint32_t>;
  }
  Type type = s.want_type();
  three_operands(s, type);
  return same_type<Operation>(type);
}

// With the carry: of 32 or 64 bits. A subtraction leaves 1 where nothing is borrowed, as a sum with the complement
// would, and takes it so: NVIDIA's own division of 128 bits reads the borrow by addc.
template <typename T, bool subtracts, bool takes, bool gives>
const Instruction* with_carry(const Instruction& i, Run& run) {
  T a = get<T>(run, i.a), b = get<T>(run, i.b), carry = takes && run.carry != subtracts;
  T result = subtracts ? T(a - b - carry) : T(a + b + carry);
  if (gives) {
    run.carry = subtracts ? (carry ? a > b : a >= b) : (carry ? result <= a : result < a);
  }
  put<T>(run, i.to, result);
  return &i + 1;
}

template <typename T, bool subtracts>
Step carry_step(bool takes, bool gives) {
  return takes ? gives ? with_carry<T, subtracts, true, true> : with_carry<T, subtracts, true, false>
               : with_carry<T, subtracts, false, true>;
}

template <bool subtracts>
Step decode_carry(Statement& s, bool takes) {
  bool gives = s.take("cc");
  Type type = s.want_type();
  three_operands(s, type);
  return bits_of(type) == 64 ? carry_step<uint64_t, subtracts>(takes, gives)
                             : bits_of(type) == 32 ? carry_step<uint32_t, subtracts>(takes, gives) : nullptr;
}

Step decode_add(Statement& s) {
  if (s.take("sat")) {
    three_operands(s, Type::S32);
    return s.want_type() == Type::S32 ? binary<AddSaturated, int32_t, int32_t> : nullptr;
  }
  if (std::find(s.modifiers.begin(), s.modifiers.end(), "cc") != s.modifiers.end()) {
    return decode_carry<false>(s, false);
  }
  return pair_or_same_type<Add>(s);
}

Step decode_sub(Statement& s) {
  if (s.take("sat")) {
    three_operands(s, Type::S32);
    return s.want_type() == Type::S32 ? binary<SubtractSaturated, int32_t, int32_t> : nullptr;
  }
  if (std::find(s.modifiers.begin(), s.modifiers.end(), "cc") != s.modifiers.end()) {
    return decode_carry<true>(s, false);
  }
  Type type = s.want_type();
  three_operands(s, type);
  return same_type<Subtract>(type);
}

Step decode_addc(Statement& s) {
  return decode_carry<false>(s, true);
}

Step decode_subc(Statement& s) {
  return decode_carry<true>(s, true);
}

Type twice_as_wide(Type type) {
  switch (type) {
    case Type::U16: return Type::U32;
    case Type::S16: return Type::S32;
    case Type::U32: return Type::U64;
    case Type::S32: return Type::S64;
    default: return Type::NONE;
  }
}

Step decode_mul(Statement& s) {
  std::string_view part = s.take_one({"lo", "hi", "wide"});
  Type type = s.want_type();
  s.want_operands(3);
  s.made.a = s.source(1, type);
  s.made.b = s.source(2, type);
  if (part == "wide") {
    Type wide = twice_as_wide(type);
    if (wide == Type::NONE) {
      return nullptr;
    }
    s.made.to = s.destination(0, wide);
    return with_integer(type, [](auto of) -> Step {
      using T = typename decltype(of)::type;
      if constexpr (sizeof(T) < 8) {
        return binary<MultiplyWide<T>, TwiceOf<T>, T>;
      } else {
        return nullptr;
      }
    });
  }
  s.made.to = s.destination(0, type);
  return part == "hi" ? same_type<MultiplyHigh>(type) : part == "lo" ? same_type<MultiplyLow>(type) : nullptr;
}

// The factors may have signs, which the upper half of their product depends on.
template <typename Factor, bool high, bool takes, bool gives>
const Instruction* mad_with_carry(const Instruction& i, Run& run) {
  using T = std::make_unsigned_t<Factor>;
  Factor a = get<Factor>(run, i.a), b = get<Factor>(run, i.b);
  T product = T(high ? MultiplyHigh<Factor>::apply(a, b) : MultiplyLow<Factor>::apply(a, b));
  T carry = takes && run.carry, result = T(product + get<T>(run, i.c) + carry);
  if (gives) {
    run.carry = carry ? result <= product : result < product;
  }
  put<T>(run, i.to, result);
  return &i + 1;
}

template <typename T, bool takes, bool gives>
Step mad_carry_of(bool high) {
  return high ? mad_with_carry<T, true, takes, gives> : mad_with_carry<T, false, takes, gives>;
}

template <bool takes, bool gives>
Step mad_carry_step(Type type, bool high) {
  switch (type) {
    case Type::U32: return mad_carry_of<uint32_t, takes, gives>(high);
    case Type::S32: return mad_carry_of<int32_t, takes, gives>(high);
    case Type::U64: return mad_carry_of<uint64_t, takes, gives>(high);
    case Type::S64: return mad_carry_of<int64_t, takes, gives>(high);
    default: return nullptr;
  }
}

void four_operands(Statement& s, Type type, Type last) {
  s.take_operands(last, {type, type, last});
}

template <template <typename> class Operation>
Step ternary_of(Type type) {
  return with_integer(type, [](auto of) -> Step {
    using T = typename decltype(of)::type;
    return ternary<Operation<T>, T, T>;
  });
}

Step decode_madc(Statement& s) {
  bool high = s.take_one({"lo", "hi"}) == "hi", gives = s.take("cc");
  Type type = s.want_type();
  four_operands(s, type, type);
  return gives ? mad_carry_step<true, true>(type, high) : mad_carry_step<true, false>(type, high);
}

Step decode_integer_mad(Statement& s) {
  std::string_view part = s.take_one({"lo", "hi", "wide"});
  bool saturates = s.take("sat"), gives = s.take("cc");
  Type type = s.want_type();
  if (part == "wide") {
    Type wide = twice_as_wide(type);
    if (wide == Type::NONE || saturates || gives) {
      return nullptr;
    }
    four_operands(s, type, wide);
    return with_integer(type, [](auto of) -> Step {
      using T = typename decltype(of)::type;
      if constexpr (sizeof(T) < 8) {
        return ternary<MadWide<T>, TwiceOf<T>, T, T, TwiceOf<T>>;
      } else {
        return nullptr;
      }
    });
  }
  four_operands(s, type, type);
  if (gives) {
    return mad_carry_step<false, true>(type, part == "hi");
  }
  if (saturates) {
    return part == "hi" && type == Type::S32 ? ternary<MadHighSaturated, int32_t, int32_t> : nullptr;
  }
  return part == "hi" ? ternary_of<MadHigh>(type) : part == "lo" ? ternary_of<MadLow>(type) : nullptr;
}

Step decode_mul24(Statement& s) {
  bool high = s.take_one({"lo", "hi"}) == "hi";
  Type type = s.want_type();
  three_operands(s, type);
  return type == Type::S32 ? high ? binary<Multiply24High<int32_t>, int32_t, int32_t>
                                  : binary<Multiply24Low<int32_t>, int32_t, int32_t>
         : type == Type::U32 ? high ? binary<Multiply24High<uint32_t>, uint32_t, uint32_t>
                                    : binary<Multiply24Low<uint32_t>, uint32_t, uint32_t>
                             : nullptr;
}

Step decode_mad24(Statement& s) {
  bool high = s.take_one({"lo", "hi"}) == "hi", saturates = s.take("sat");
  Type type = s.want_type();
  four_operands(s, type, type);
  if (saturates) {
    return high && type == Type::S32 ? ternary<Mad24HighSaturated, int32_t, int32_t> : nullptr;
  }
  return type == Type::S32 ? high ? ternary<Mad24High<int32_t>, int32_t, int32_t>
                                  : ternary<Mad24Low<int32_t>, int32_t, int32_t>
         : type == Type::U32 ? high ? ternary<Mad24High<uint32_t>, uint32_t, uint32_t>
                                    : ternary<Mad24Low<uint32_t>, uint32_t, uint32_t>
                             : nullptr;
}

Step decode_sad(Statement& s) {
  Type type = s.want_type();
  four_operands(s, type, type);
  return ternary_of<SumOfDifference>(type);
}

template <template <typename> class Operation>
Step decode_three(Statement& s) {
  Type type = s.want_type();
  three_operands(s, type);
  return same_type<Operation>(type);
}

template <template <typename> class Operation, template <typename> class Natural>
Step decode_extreme(Statement& s) {
  if (s.take("relu")) {
    three_operands(s, Type::B32);
    return s.take("s16x2")              ? binary<InHalves<int16_t, Natural>, uint32_t, uint32_t>
           : s.want_type() == Type::S32 ? binary<Natural<int32_t>, int32_t, int32_t>
                                        : nullptr;
  }
  return pair_or_same_type<Operation>(s);
}

template <template <typename> class Operation>
Step decode_unary(Statement& s) {
  Type type = s.want_type();
  s.take_operands(type, {type});
  switch (type) {
    case Type::S16: return unary<Operation<int16_t>, int16_t, int16_t>;
    case Type::S32: return unary<Operation<int32_t>, int32_t, int32_t>;
    case Type::S64: return unary<Operation<int64_t>, int64_t, int64_t>;
    default: return nullptr;
  }
}

// Four products of bytes, or two of a half and a byte, added up.
template <typename A, typename B>
const Instruction* dot_of_four(const Instruction& i, Run& run) {
  uint32_t a = get<uint32_t>(run, i.a), b = get<uint32_t>(run, i.b), sum = get<uint32_t>(run, i.c);
  for (int k = 0; k < 4; k++) {
    sum += uint32_t(int32_t(A(a >> 8 * k)) * int32_t(B(b >> 8 * k)));
  }
  put<uint32_t>(run, i.to, sum);
  return &i + 1;
}

template <typename A, typename B>
const Instruction* dot_of_two(const Instruction& i, Run& run) {
  uint32_t a = get<uint32_t>(run, i.a), b = get<uint32_t>(run, i.b) >> i.detail, sum = get<uint32_t>(run, i.c);
  for (int k = 0; k < 2; k++) {
    sum += uint32_t(int32_t(A(a >> 16 * k)) * int32_t(B(b >> 8 * k)));
  }
  put<uint32_t>(run, i.to, sum);
  return &i + 1;
}

Step decode_dot(Statement& s) {
  bool of_two = s.name == "dp2a";
  s.made.detail = of_two && s.take_one({"lo", "hi"}) == "hi" ? 16 : 0;
  Type a = s.want_type();
  Type b = s.take_type();
  b = b == Type::NONE ? a : b;
  four_operands(s, Type::B32, Type::B32);
  bool first = a == Type::S32, second = b == Type::S32;
  if ((!first && a != Type::U32) || (!second && b != Type::U32)) {
    return nullptr;
  }
  if (of_two) {
    return first ? second ? dot_of_two<int16_t, int8_t> : dot_of_two<int16_t, uint8_t>
                 : second ? dot_of_two<uint16_t, int8_t> : dot_of_two<uint16_t, uint8_t>;
  }
  return first ? second ? dot_of_four<int8_t, int8_t> : dot_of_four<int8_t, uint8_t>
               : second ? dot_of_four<uint8_t, int8_t> : dot_of_four<uint8_t, uint8_t>;
}

}

const Known INTEGERS[] = {
    {"add", decode_add}, {"sub", decode_sub}, {"addc", decode_addc}, {"subc", decode_subc}, {"mul", decode_mul},
    {"mad", decode_integer_mad}, {"madc", decode_madc}, {"mul24", decode_mul24}, {"mad24", decode_mad24},
    {"sad", decode_sad}, {"div", decode_three<Divide>}, {"rem", decode_three<Remainder>},
    {"min", decode_extreme<Least, LeastNatural>}, {"max", decode_extreme<Most, MostNatural>},
    {"abs", decode_unary<Absolute>}, {"neg", decode_unary<Negative>}, {"dp4a", decode_dot}, {"dp2a", decode_dot},
    {"", nullptr}};

}
