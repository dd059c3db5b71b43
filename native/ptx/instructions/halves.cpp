// Arithmetic of half and bf16, by one or in pairs (PTX ISA, "Half Precision Floating Point Instructions"). It is done
// in double, and each result rounded once.
#include <cmath>

#include "ptx/steps.h"

namespace sim::ptx {

namespace {

constexpr uint8_t FLUSHES = 1, SATURATES = 2, NATURAL = 4, KEEPS_NAN = 8, BY_SIGNS = 16;

template <typename Half>
uint16_t write(double value, uint8_t detail) {
  value = detail & SATURATES ? saturate(value) : value;
  // NaN stays, as a canonical one, and -0 becomes +0, as by cvt.
  value = detail & NATURAL && std::signbit(value) && value == value ? 0.0 : value;
  uint16_t bits = Half::rounded(value);
  return detail & FLUSHES && Half::value(bits, true) == 0 ? bits & 0x8000 : bits;
}

constexpr auto SUM = [](uint8_t, double a, double b) { return a + b; };
constexpr auto DIFFERENCE = [](uint8_t, double a, double b) { return a - b; };
constexpr auto PRODUCT = [](uint8_t, double a, double b) { return a * b; };
constexpr auto FUSED = [](uint8_t, double a, double b, double c) { return multiply_add_to_odd(a, b, c); };
template <bool least>
constexpr auto EXTREME = [](uint8_t detail, double a, double b) {
  return extreme(a, b, least, detail & KEEPS_NAN, detail & BY_SIGNS);
};
constexpr auto POWER_OF_TWO = [](uint8_t, double a) { return std::exp2(a); };
constexpr auto TANGENT = [](uint8_t, double a) { return std::tanh(a); };

// Applies the operation to one value of 16 bits, or to both of a pair.
template <const auto& operation>
constexpr auto OF_EACH = [](uint8_t detail, auto... values) {
  using Half = std::common_type_t<decltype(values)...>;
  auto apply = [=](auto... bits) {
    return write<Half>(operation(detail, Half::value(bits, detail & FLUSHES)...), detail);
  };
  return with_each(apply, values...);
};

// The modifiers for half differ from those for bf16.
template <const auto& operation, uint8_t of_half, uint8_t of_brain, typename... From>
Step decode(Statement& s) {
  s.take("approx");
  Statement::Rounded rounded = s.take_rounding();
  if (rounded.rounding != Rounding::NONE && (rounded.rounding != Rounding::RN || rounded.integer)) {
    return nullptr;
  }
  s.made.detail = (s.take("ftz") ? FLUSHES : 0) | (s.take("sat") ? SATURATES : 0) | (s.take("relu") ? NATURAL : 0) |
                  (s.take("NaN") ? KEEPS_NAN : 0);
  if (s.take("xorsign")) {
    s.take("abs");
    s.made.detail |= BY_SIGNS;
  }
  uint8_t detail = s.made.detail;
  bool half = s.has("f16") || s.has("f16x2"), both = detail & SATURATES && detail & NATURAL;
  return both || detail & ~(half ? of_half : of_brain) ? nullptr
                                                       : decode_by_detail<Halves, OF_EACH<operation>, From...>(s);
}

// Changes the sign bits alone; .ftz also turns subnormal halves into zeros.
const Instruction* change_signs(const Instruction& i, Run& run) {
  uint64_t value = run.registers[i.a];
  for (int k = 0; i.size != 0 && k < 32; k += 16) {
    value &= (value >> k & 0x7c00) == 0 ? ~(uint64_t(0x3ff) << k) : ~uint64_t(0);
  }
  run.registers[i.to] = i.detail ? value ^ uint64_t(i.number) : value & ~uint64_t(i.number);
  return after(i, run);
}

Step decode_sign(Statement& s) {
  s.made.size = s.take("ftz");
  s.made.detail = s.name == "neg";
  Type type = s.want_type();
  s.take_operands(type, {type});
  s.made.number = bits_of(type) == 32 ? 0x80008000 : 0x8000;
  return s.made.size != 0 && type != Type::F16 && type != Type::F16X2 ? nullptr : change_signs;
}

constexpr uint8_t OF_SUMS = FLUSHES | SATURATES, OF_EXTREMES = KEEPS_NAN | BY_SIGNS;

}

const Known HALVES[] = {
    {"add", decode<SUM, OF_SUMS, 0, Own, Own>}, {"sub", decode<DIFFERENCE, OF_SUMS, 0, Own, Own>},
    {"mul", decode<PRODUCT, OF_SUMS, 0, Own, Own>}, {"fma", decode<FUSED, OF_SUMS | NATURAL, NATURAL, Own, Own, Own>},
    {"min", decode<EXTREME<true>, OF_EXTREMES | FLUSHES, OF_EXTREMES, Own, Own>},
    {"max", decode<EXTREME<false>, OF_EXTREMES | FLUSHES, OF_EXTREMES, Own, Own>},
    {"ex2", decode<POWER_OF_TWO, 0, FLUSHES, Own>}, {"tanh", decode<TANGENT, 0, 0, Own>}, {"neg", decode_sign},
    {"abs", decode_sign}, {"", nullptr}};

}
