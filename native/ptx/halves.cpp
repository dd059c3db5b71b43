// Arithmetic of half and bf16, by one or in pairs (PTX ISA, "Half Precision Floating Point Instructions"). It is done
// in double, and each result rounded once.
#include <cmath>

#include "ptx/instructions.h"
#include "ptx/steps.h"

namespace sim::ptx {

namespace {

constexpr uint8_t FLUSHES = 1, SATURATES = 2, NATURAL = 4, KEEPS_NAN = 8, BY_SIGNS = 16;

struct Half {
  static double value(uint16_t bits) { return half_value(bits); }
  static uint16_t bits(double value) { return half_bits(value); }
  static constexpr double LEAST_NORMAL = 0x1p-14;
};
struct Brain {
  static double value(uint16_t bits) { return bf16_value(bits); }
  static uint16_t bits(double value) { return bf16_bits(value); }
  static constexpr double LEAST_NORMAL = 0x1p-126;
};

template <typename Format>
double read(uint16_t bits, uint8_t detail) {
  double value = Format::value(bits);
  return detail & FLUSHES && std::fabs(value) < Format::LEAST_NORMAL ? std::copysign(0.0, value) : value;
}

template <typename Format>
uint16_t write(double value, uint8_t detail) {
  value = detail & SATURATES ? saturate(value) : value;
  // NaN stays, as a canonical one, and -0 becomes +0, as by cvt.
  value = detail & NATURAL && std::signbit(value) && value == value ? 0.0 : value;
  uint16_t bits = Format::bits(value);
  bool subnormal = (bits & 0x7fff) != 0 && std::fabs(Format::value(bits)) < Format::LEAST_NORMAL;
  return detail & FLUSHES && subnormal ? bits & 0x8000 : bits;
}

// A number wins over NaN, unless .NaN is there; -0 is less than +0.
double extreme(double a, double b, bool least, uint8_t detail) {
  bool negative = detail & BY_SIGNS && std::signbit(a) != std::signbit(b);
  a = detail & BY_SIGNS ? std::fabs(a) : a;
  b = detail & BY_SIGNS ? std::fabs(b) : b;
  bool keeps_nan = detail & KEEPS_NAN;
  double result = a != a   ? keeps_nan ? a : b
                  : b != b ? keeps_nan ? b : a
                  : a == b ? std::signbit(a) == least ? a : b
                           : (a < b) == least ? a : b;
  return negative ? -result : result;
}

using Operation = double (*)(double a, double b, double c, uint8_t detail);

double sum(double a, double b, double, uint8_t) { return a + b; }
double difference(double a, double b, double, uint8_t) { return a - b; }
double product(double a, double b, double, uint8_t) { return a * b; }
double fused(double a, double b, double c, uint8_t) { return multiply_add_to_odd(a, b, c); }
double least(double a, double b, double, uint8_t detail) { return extreme(a, b, true, detail); }
double most(double a, double b, double, uint8_t detail) { return extreme(a, b, false, detail); }
double power_of_two(double a, double, double, uint8_t) { return std::exp2(a); }
double tangent(double a, double, double, uint8_t) { return std::tanh(a); }

template <typename Format, Operation operation>
uint16_t apply(uint16_t a, uint16_t b, uint16_t c, uint8_t detail) {
  return write<Format>(
      operation(read<Format>(a, detail), read<Format>(b, detail), read<Format>(c, detail), detail), detail);
}

template <typename Format, Operation operation>
const Instruction* one(const Instruction& i, Run& run) {
  put<uint16_t>(run, i.to, apply<Format, operation>(get<uint16_t>(run, i.a), get<uint16_t>(run, i.b),
                                                    get<uint16_t>(run, i.c), i.detail));
  return &i + 1;
}

template <typename Format, Operation operation>
const Instruction* pair(const Instruction& i, Run& run) {
  uint32_t a = get<uint32_t>(run, i.a), b = get<uint32_t>(run, i.b), c = get<uint32_t>(run, i.c);
  uint32_t low = apply<Format, operation>(uint16_t(a), uint16_t(b), uint16_t(c), i.detail);
  uint32_t high = apply<Format, operation>(uint16_t(a >> 16), uint16_t(b >> 16), uint16_t(c >> 16), i.detail);
  put<uint32_t>(run, i.to, low | high << 16);
  return &i + 1;
}

template <Operation operation>
Step step_of(Type type) {
  switch (type) {
    case Type::F16: return one<Half, operation>;
    case Type::F16X2: return pair<Half, operation>;
    case Type::BF16: return one<Brain, operation>;
    case Type::BF16X2: return pair<Brain, operation>;
    default: return nullptr;
  }
}

// Operands that an operation does not take are its first. Of half it has other modifiers than of bf16.
template <Operation operation, size_t count, uint8_t of_half, uint8_t of_brain>
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
  Type type = s.want_type();
  s.want_operands(count + 1);
  s.made.to = s.destination(0, type);
  s.made.a = s.source(1, type);
  s.made.b = count > 1 ? s.source(2, type) : s.made.a;
  s.made.c = count > 2 ? s.source(3, type) : s.made.a;
  bool half = type == Type::F16 || type == Type::F16X2, both = s.made.detail & SATURATES && s.made.detail & NATURAL;
  return both || s.made.detail & ~(half ? of_half : of_brain) ? nullptr : step_of<operation>(type);
}

// On the sign bits alone, but that .ftz makes zeros of subnormal halves.
const Instruction* change_signs(const Instruction& i, Run& run) {
  uint64_t value = run.registers[i.a];
  for (int k = 0; i.size != 0 && k < 32; k += 16) {
    value &= (value >> k & 0x7c00) == 0 ? ~(uint64_t(0x3ff) << k) : ~uint64_t(0);
  }
  run.registers[i.to] = i.detail ? value ^ uint64_t(i.number) : value & ~uint64_t(i.number);
  return &i + 1;
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
    {"add", decode<sum, 2, OF_SUMS, 0>}, {"sub", decode<difference, 2, OF_SUMS, 0>},
    {"mul", decode<product, 2, OF_SUMS, 0>}, {"fma", decode<fused, 3, OF_SUMS | NATURAL, NATURAL>},
    {"min", decode<least, 2, OF_EXTREMES | FLUSHES, OF_EXTREMES>},
    {"max", decode<most, 2, OF_EXTREMES | FLUSHES, OF_EXTREMES>}, {"ex2", decode<power_of_two, 1, 0, FLUSHES>},
    {"tanh", decode<tangent, 1, 0, 0>}, {"neg", decode_sign}, {"abs", decode_sign}, {"", nullptr}};

}
