// Arithmetic of float32 and float64 (PTX ISA, "Floating Point Instructions").
#include <cmath>

#include "ptx/steps.h"

namespace sim::ptx {

namespace {

// Bits of an instruction's detail.
constexpr uint8_t ROUNDING = 7, FLUSHES = 8, SATURATES = 16, KEEPS_NAN = 32, BY_SIGNS = 64, OF_MAGNITUDES = 128;

// The NaN that cards give.
float canonical(float value) {
  constexpr uint32_t NAN_BITS = 0x7fffffff;
  if (value != value) {
    std::memcpy(&value, &NAN_BITS, sizeof value);
  }
  return value;
}

double canonical(double value) {
  return value;
}

float flushed(float value, uint8_t detail) {
  return detail & FLUSHES ? flush(value) : value;
}

double flushed(double value, uint8_t) {
  return value;
}

template <typename T>
T finished(T value, uint8_t detail) {
  value = flushed(value, detail);
  return canonical(detail & SATURATES ? saturate(value) : value);
}

constexpr auto SUM = [](Rounding rounding, auto a, auto b) { return add(a, b, rounding); };
constexpr auto DIFFERENCE = [](Rounding rounding, auto a, auto b) {
  return rounding == Rounding::RN ? a - b : add(a, -b, rounding);
};
constexpr auto PRODUCT = [](Rounding rounding, auto a, auto b) { return multiply(a, b, rounding); };
constexpr auto QUOTIENT = [](Rounding rounding, auto a, auto b) { return divide(a, b, rounding); };
constexpr auto FUSED = [](Rounding rounding, auto a, auto b, auto c) { return multiply_add(a, b, c, rounding); };
constexpr auto ROOT = [](Rounding rounding, auto a) { return square_root(a, rounding); };
constexpr auto RECIPROCAL = [](Rounding rounding, auto a) { return divide(decltype(a)(1), a, rounding); };

template <const auto& operation>
constexpr auto TO_NEAREST = [](auto... values) { return canonical(operation(Rounding::RN, values...)); };
template <const auto& operation>
constexpr auto ROUNDED = [](uint8_t detail, auto... values) {
  return finished(operation(Rounding(detail & ROUNDING), flushed(values, detail)...), detail);
};

float part_of(uint64_t pair, int at) {
  auto bits = uint32_t(pair >> at);
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

// Applies the operation to both halves of 64 bits.
template <const auto& operation>
constexpr auto PAIRED = [](uint8_t detail, auto... pairs) {
  uint64_t both = 0;
  for (int at = 0; at < 64; at += 32) {
    float result = ROUNDED<operation>(detail, part_of(pairs, at)...);
    uint32_t bits;
    std::memcpy(&bits, &result, sizeof bits);
    both |= uint64_t(bits) << at;
  }
  return both;
};

uint8_t take_detail(Statement& s) {
  Statement::Rounded rounded = s.take_rounding();
  Rounding rounding = rounded.rounding == Rounding::NONE ? Rounding::RN : rounded.rounding;
  if (rounded.integer || rounding == Rounding::RNA) {
    s.fail("takes the roundings .rn, .rz, .rm and .rp");
  }
  return uint8_t(rounding) | (s.take("ftz") ? FLUSHES : 0) | (s.take("sat") ? SATURATES : 0);
}

// An operation that only rounds to the nearest has a quick step.
template <const auto& operation, typename... From>
Step decode_rounded(Statement& s) {
  s.made.detail = take_detail(s);
  return s.made.detail == uint8_t(Rounding::RN) ? decode_by<Floats, TO_NEAREST<operation>, From...>(s)
                                                : decode_by_detail<Floats, ROUNDED<operation>, From...>(s);
}

// Pairs of float32 are in 64 bits.
template <const auto& operation, typename... From>
Step decode_paired(Statement& s) {
  s.made.detail = take_detail(s);
  if (s.made.detail & SATURATES) {
    s.fail(".sat is not of pairs");
  }
  s.take_operands(Type::B64, {type_holding<From>()...});
  return compute_by_detail<PAIRED<operation>, From...>;
}

// The exact quotient, except that a divisor above 2^126 gives zero, or NaN if a is infinite, as the ISA says.
constexpr auto QUICK_QUOTIENT = [](uint8_t detail, float of, float by) {
  float a = flushed(of, detail), b = flushed(by, detail);
  bool vanishes = std::fabs(b) > 0x1p126f && std::isfinite(b);
  return finished(vanishes ? a * std::copysign(0.0f, b) : a / b, detail);
};

// div.full may be 2 units off; here it is exactly rounded.
template <typename List, const auto& operation>
Step decode_quotient(Statement& s) {
  s.made.detail = take_detail(s);
  return s.made.detail & SATURATES ? nullptr : decode_by_detail<List, operation, Own, Own>(s);
}

// Uses the FMA instruction, which most CPUs have but a compiler may not assume.
template <typename T>
__attribute__((target("fma"))) const Instruction* fused_at_once(const Instruction& i, Run& run) {
  put<T>(run, i.to, canonical(std::fma(get<T>(run, i.a), get<T>(run, i.b), get<T>(run, i.c))));
  return after(i, run);
}

Step decode_fma(Statement& s) {
  Step step = decode_rounded<FUSED, Own, Own, Own>(s);
  if (!__builtin_cpu_supports("fma")) {
    return step;
  }
  return step == compute<TO_NEAREST<FUSED>, float, float, float>      ? fused_at_once<float>
         : step == compute<TO_NEAREST<FUSED>, double, double, double> ? fused_at_once<double>
                                                                      : step;
}

// Changes the sign bit alone: a NaN keeps its other bits.
constexpr auto NEGATIVE = [](uint8_t detail, auto a) { return -flushed(a, detail); };
constexpr auto MAGNITUDE = [](uint8_t detail, auto a) { return std::fabs(flushed(a, detail)); };

template <const auto& operation>
Step decode_sign(Statement& s) {
  s.made.detail = s.take("ftz") ? FLUSHES : 0;
  return decode_by_detail<Floats, operation, Own>(s);
}

template <bool least>
constexpr auto EXTREME = [](uint8_t detail, auto a, auto b) {
  return canonical(extreme(flushed(a, detail), flushed(b, detail), least, detail & KEEPS_NAN, detail & BY_SIGNS));
};

template <bool least>
constexpr auto EXTREME_OF_THREE = [](uint8_t detail, float a, float b, float c) {
  auto value = [=](float one) { return detail & OF_MAGNITUDES ? std::fabs(one) : one; };
  return EXTREME<least>(detail, EXTREME<least>(detail, value(a), value(b)), value(c));
};

template <bool least>
Step decode_extreme(Statement& s) {
  s.made.detail = (s.take("ftz") ? FLUSHES : 0) | (s.take("NaN") ? KEEPS_NAN : 0);
  bool by_signs = s.take("xorsign"), magnitudes = s.take("abs"), three = s.operands.size() == 4;
  s.made.detail |= by_signs ? BY_SIGNS : magnitudes ? OF_MAGNITUDES : 0;
  // .xorsign.abs takes two operands, .abs alone three.
  if (by_signs ? !magnitudes || three : magnitudes && !three) {
    return nullptr;
  }
  return three ? decode_by_detail<Types<Type::F32>, EXTREME_OF_THREE<least>, Own, Own, Own>(s)
               : decode_by_detail<Floats, EXTREME<least>, Own, Own>(s);
}

template <Quick function>
constexpr auto QUICK = [](uint8_t detail, float a) { return quick(function, a, detail & FLUSHES); };
template <Quick function>
constexpr auto QUICK_OF_DOUBLE = [](double a) { return quick_double(function, a); };

// A card computes rsqrt.approx.f64 without .ftz by several instructions, which keep subnormal numbers.
constexpr auto RECIPROCAL_ROOT = [](double a) { return 1 / std::sqrt(a); };

template <Quick function>
Step decode_quick(Statement& s) {
  s.made.detail = s.take("ftz") ? FLUSHES : 0;
  return decode_by_detail<Types<Type::F32>, QUICK<function>, Own>(s);
}

template <const auto& operation>
Step decode_function(Statement& s) {
  Step step = decode_rounded<operation, Own>(s);
  return s.made.detail & SATURATES ? nullptr : step;
}

// The sign of a on the magnitude of b.
constexpr auto SIGN_COPIED = [](auto a, auto b) { return std::copysign(b, a); };

constexpr auto IS_FINITE = [](auto a) { return std::isfinite(a); };
constexpr auto IS_INFINITE = [](auto a) { return std::isinf(a); };
constexpr auto IS_NUMBER = [](auto a) { return a == a; };
constexpr auto IS_NO_NUMBER = [](auto a) { return a != a; };
constexpr auto IS_NORMAL = [](auto a) { return std::isnormal(a) || a == 0; };
constexpr auto IS_SUBNORMAL = [](auto a) { return std::fpclassify(a) == FP_SUBNORMAL; };

}

const Known FLOATS[] = {
    {"add", decode_rounded<SUM, Own, Own>}, {"add.f32x2", decode_paired<SUM, uint64_t, uint64_t>},
    {"sub", decode_rounded<DIFFERENCE, Own, Own>}, {"sub.f32x2", decode_paired<DIFFERENCE, uint64_t, uint64_t>},
    {"mul", decode_rounded<PRODUCT, Own, Own>}, {"mul.f32x2", decode_paired<PRODUCT, uint64_t, uint64_t>},
    {"fma", decode_fma}, {"fma.f32x2", decode_paired<FUSED, uint64_t, uint64_t, uint64_t>}, {"mad", decode_fma},
    {"div", decode_quotient<Floats, ROUNDED<QUOTIENT>>},
    {"div.full", decode_quotient<Types<Type::F32>, ROUNDED<QUOTIENT>>},
    {"div.approx", decode_quotient<Types<Type::F32>, QUICK_QUOTIENT>},
    {"neg", decode_sign<NEGATIVE>}, {"abs", decode_sign<MAGNITUDE>},
    {"min", decode_extreme<true>}, {"max", decode_extreme<false>},
    {"rcp", decode_function<RECIPROCAL>}, {"sqrt", decode_function<ROOT>},
    {"rcp.approx", decode_quick<Quick::RCP>}, {"rcp.approx.ftz.f64", decode_of<QUICK_OF_DOUBLE<Quick::RCP>, double>},
    {"sqrt.approx", decode_quick<Quick::SQRT>}, {"rsqrt.approx", decode_quick<Quick::RSQRT>},
    {"rsqrt.approx.f64", decode_of<RECIPROCAL_ROOT, double>},
    {"rsqrt.approx.ftz.f64", decode_of<QUICK_OF_DOUBLE<Quick::RSQRT>, double>},
    {"sin.approx", decode_quick<Quick::SIN>}, {"cos.approx", decode_quick<Quick::COS>},
    {"lg2.approx", decode_quick<Quick::LG2>}, {"ex2.approx", decode_quick<Quick::EX2>},
    {"tanh.approx", decode_quick<Quick::TANH>},
    {"copysign", decode_two<Floats, SIGN_COPIED>}, {"testp.finite", decode_one<Floats, IS_FINITE>},
    {"testp.infinite", decode_one<Floats, IS_INFINITE>}, {"testp.number", decode_one<Floats, IS_NUMBER>},
    {"testp.notanumber", decode_one<Floats, IS_NO_NUMBER>}, {"testp.normal", decode_one<Floats, IS_NORMAL>},
    {"testp.subnormal", decode_one<Floats, IS_SUBNORMAL>}, {"", nullptr}};

}
