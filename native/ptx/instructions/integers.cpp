// Arithmetic of integers (PTX ISA, "Integer Arithmetic Instructions" and "Extended-Precision").
#include <algorithm>
#include <limits>

#include "ptx/steps.h"

namespace sim::ptx {

namespace {

constexpr auto DIFFERENCE = [](auto a, auto b) { return decltype(a)(wrapping(a) - wrapping(b)); };
constexpr auto LOW = [](auto a, auto b) { return decltype(a)(wrapping(a) * wrapping(b)); };

// Twice as wide.
template <typename T>
auto wide(T value) {
  if constexpr (sizeof(T) == 8) {
    return std::conditional_t<std::is_signed_v<T>, __int128, unsigned __int128>(value);
  } else if constexpr (sizeof(T) == 4) {
    return std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>(value);
  } else {
    return std::conditional_t<std::is_signed_v<T>, int32_t, uint32_t>(value);
  }
}

constexpr auto WIDE = [](auto a, auto b) { return wide(a) * wide(b); };
constexpr auto HIGH = [](auto a, auto b) { return decltype(a)(wide(a) * wide(b) >> 8 * sizeof a); };

int32_t clamped(int64_t value) {
  return int32_t(std::clamp<int64_t>(value, INT32_MIN, INT32_MAX));
}

constexpr auto SUM_CLAMPED = [](int32_t a, int32_t b) { return clamped(int64_t(a) + b); };
constexpr auto DIFFERENCE_CLAMPED = [](int32_t a, int32_t b) { return clamped(int64_t(a) - b); };

// Multiplies the lower 24 bits of each; the result is the lower or the upper 32 bits of 48.
template <typename T>
int64_t product_of_24(T a, T b) {
  auto value = [](T word) {
    return std::is_signed_v<T> ? int64_t(int32_t(uint32_t(word) << 8)) >> 8 : int64_t(word & 0xffffff);
  };
  return value(a) * value(b);
}
constexpr auto LOW_OF_24 = [](auto a, auto b) { return decltype(a)(product_of_24(a, b)); };
constexpr auto HIGH_OF_24 = [](auto a, auto b) { return decltype(a)(product_of_24(a, b) >> 16); };

template <const auto& product, const auto& sum = WRAPPED_SUM>
constexpr auto PLUS = [](auto a, auto b, auto c) { return sum(decltype(c)(product(a, b)), c); };

constexpr auto SUM_OF_DIFFERENCE = [](auto a, auto b, auto c) {
  return WRAPPED_SUM(c, a < b ? DIFFERENCE(b, a) : DIFFERENCE(a, b));
};

// PTX leaves a division by 0 undefined; cards give all bits set.
constexpr auto QUOTIENT = [](auto a, auto b) {
  using T = decltype(a);
  return b == 0 ? T(-1) : std::is_signed_v<T> && b == T(-1) ? DIFFERENCE(T(0), a) : T(a / b);
};
constexpr auto REMAINDER = [](auto a, auto b) {
  using T = decltype(a);
  return b == 0 ? a : std::is_signed_v<T> && b == T(-1) ? T(0) : T(a % b);
};

template <const auto& operation>
constexpr auto NATURAL = [](auto a, auto b) { return std::max(operation(a, b), decltype(a)(0)); };

constexpr auto NEGATIVE = [](auto a) { return DIFFERENCE(decltype(a)(0), a); };
constexpr auto MAGNITUDE = [](auto a) { return a < 0 ? NEGATIVE(a) : a; };

// Applies the operation to both halves of 32 bits.
template <typename T, const auto& operation>
constexpr auto IN_HALVES = [](uint32_t a, uint32_t b) {
  uint16_t low = operation(T(a), T(b)), high = operation(T(a >> 16), T(b >> 16));
  return low | uint32_t(high) << 16;
};
template <typename T, const auto& operation>
constexpr Decode decode_halves = decode_of<IN_HALVES<T, operation>, uint32_t, uint32_t>;

enum class Carried { SUM, DIFFERENCE, LOW, HIGH };

// With the carry. A difference is the sum with the complement, and leaves 1 where nothing is borrowed: NVIDIA's own
// division of 128 bits reads the borrow by addc. The factors of a product may have signs, on which its upper half
// depends.
template <typename Factor, Carried what, bool takes, bool gives>
const Instruction* with_carry(const Instruction& i, Run& run) {
  using T = std::make_unsigned_t<Factor>;
  auto a = get<Factor>(run, i.a), b = get<Factor>(run, i.b);
  T carry = takes ? run.carry : what == Carried::DIFFERENCE;
  T first = T(what == Carried::LOW ? LOW(a, b) : what == Carried::HIGH ? HIGH(a, b) : a);
  T second = what == Carried::SUM ? T(b) : what == Carried::DIFFERENCE ? T(~b) : get<T>(run, i.c);
  T result = first + second + carry;
  if (gives) {
    run.carry = carry ? result <= first : result < first;
  }
  put(run, i.to, result);
  return after(i, run);
}

template <Carried what, bool takes, bool gives>
Step decode_carried(Statement& s) {
  Type type = s.want_type();
  what < Carried::LOW ? s.take_operands(type, {type, type}) : s.take_operands(type, {type, type, type});
  return with_type(Words(), type, [](auto of) -> Step {
    return with_carry<typename decltype(of)::type, what, takes, gives>;
  });
}

// Four products of bytes, or two of a half and a byte, added up.
template <typename A, typename B, int from>
constexpr auto DOT = [](uint32_t a, uint32_t b, uint32_t sum) {
  for (size_t k = 0; k < 4 / sizeof(A); k++) {
    sum += uint32_t(int32_t(A(a >> 8 * sizeof(A) * k)) * int32_t(B(b >> (8 * k + from))));
  }
  return sum;
};

// If there is no second type, the first one counts for both.
template <typename Factor, int from>
Step decode_dot(Statement& s) {
  Type a = s.want_type(), b = s.take_type();
  return with_type(Types<Type::S32, Type::U32>(), a, [&](auto of_a) {
    return with_type(Types<Type::S32, Type::U32>(), b == Type::NONE ? a : b, [&](auto of_b) {
      using A = std::conditional_t<std::is_signed_v<typename decltype(of_a)::type>, std::make_signed_t<Factor>, Factor>;
      using B = std::conditional_t<std::is_signed_v<typename decltype(of_b)::type>, int8_t, uint8_t>;
      return decode_of<DOT<A, B, from>, uint32_t, uint32_t, uint32_t>(s);
    });
  });
}

using Of32 = Types<Type::U32, Type::S32>;
using Narrow = Types<Type::U16, Type::U32, Type::S16, Type::S32>;
using SignedWord = Types<Type::S32>;

}

const Known INTEGERS[] = {
    {"add", decode_two<Integers, WRAPPED_SUM>}, {"add.sat", decode_two<SignedWord, SUM_CLAMPED>},
    {"add.s16x2", decode_halves<int16_t, WRAPPED_SUM>}, {"add.u16x2", decode_halves<uint16_t, WRAPPED_SUM>},
    {"add.cc", decode_carried<Carried::SUM, false, true>}, {"addc", decode_carried<Carried::SUM, true, false>},
    {"addc.cc", decode_carried<Carried::SUM, true, true>},
    {"sub", decode_two<Integers, DIFFERENCE>}, {"sub.sat", decode_two<SignedWord, DIFFERENCE_CLAMPED>},
    {"sub.cc", decode_carried<Carried::DIFFERENCE, false, true>},
    {"subc", decode_carried<Carried::DIFFERENCE, true, false>},
    {"subc.cc", decode_carried<Carried::DIFFERENCE, true, true>},
    {"mul.lo", decode_two<Integers, LOW>}, {"mul.hi", decode_two<Integers, HIGH>},
    {"mul.wide", decode_two<Narrow, WIDE>},
    {"mad.lo", decode_three<Integers, PLUS<LOW>>}, {"mad.hi", decode_three<Integers, PLUS<HIGH>>},
    {"mad.hi.sat", decode_three<SignedWord, PLUS<HIGH, SUM_CLAMPED>>},
    {"mad.wide.u16", decode_of<PLUS<WIDE>, uint16_t, uint16_t, uint32_t>},
    {"mad.wide.u32", decode_of<PLUS<WIDE>, uint32_t, uint32_t, uint64_t>},
    {"mad.wide.s16", decode_of<PLUS<WIDE>, int16_t, int16_t, int32_t>},
    {"mad.wide.s32", decode_of<PLUS<WIDE>, int32_t, int32_t, int64_t>},
    {"mad.lo.cc", decode_carried<Carried::LOW, false, true>},
    {"mad.hi.cc", decode_carried<Carried::HIGH, false, true>},
    {"madc.lo", decode_carried<Carried::LOW, true, false>},
    {"madc.hi", decode_carried<Carried::HIGH, true, false>},
    {"madc.lo.cc", decode_carried<Carried::LOW, true, true>},
    {"madc.hi.cc", decode_carried<Carried::HIGH, true, true>},
    {"mul24.lo", decode_two<Of32, LOW_OF_24>}, {"mul24.hi", decode_two<Of32, HIGH_OF_24>},
    {"mad24.lo", decode_three<Of32, PLUS<LOW_OF_24>>}, {"mad24.hi", decode_three<Of32, PLUS<HIGH_OF_24>>},
    {"mad24.hi.sat", decode_three<SignedWord, PLUS<HIGH_OF_24, SUM_CLAMPED>>},
    {"sad", decode_three<Integers, SUM_OF_DIFFERENCE>}, {"div", decode_two<Integers, QUOTIENT>},
    {"rem", decode_two<Integers, REMAINDER>}, {"abs", decode_one<Signed, MAGNITUDE>},
    {"neg", decode_one<Signed, NEGATIVE>},
    {"min", decode_two<Integers, LEAST>}, {"min.s16x2", decode_halves<int16_t, LEAST>},
    {"min.u16x2", decode_halves<uint16_t, LEAST>}, {"min.relu", decode_two<SignedWord, NATURAL<LEAST>>},
    {"min.relu.s16x2", decode_halves<int16_t, NATURAL<LEAST>>},
    {"max", decode_two<Integers, MOST>}, {"max.s16x2", decode_halves<int16_t, MOST>},
    {"max.u16x2", decode_halves<uint16_t, MOST>}, {"max.relu", decode_two<SignedWord, NATURAL<MOST>>},
    {"max.relu.s16x2", decode_halves<int16_t, NATURAL<MOST>>},
    {"dp4a", decode_dot<uint8_t, 0>}, {"dp2a.lo", decode_dot<uint16_t, 0>}, {"dp2a.hi", decode_dot<uint16_t, 16>},
    {"", nullptr}};

}
