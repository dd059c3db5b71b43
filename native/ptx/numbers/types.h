// The types and roundings of PTX, and scalar operations that a CPU does not have itself.
#pragma once
#include <cmath>
#include <cstdint>

namespace sim::ptx {

// The order counts: bits, integers, floats.
enum class Type : uint8_t {
  NONE, PRED, B8, B16, B32, B64, B128, U8, U16, U32, U64, S8, S16, S32, S64,
  F16, F16X2, BF16, BF16X2, TF32, F32, F64, E4M3X2, E5M2X2,
  // Types of matrix elements only.
  S4, U4, E4M3, E5M2
};
constexpr Type LAST_TYPE = Type::E5M2;

// To nearest even, toward zero, down, up, to nearest with ties away from zero. Rounding to an integer (rni, rzi, rmi,
// rpi) uses the same names, with a conversion's integer flag. NONE means RN.
enum class Rounding : uint8_t { NONE, RN, RZ, RM, RP, RNA };

const char* name_of(Type type);  // as PTX writes it, without the dot
bool is_float(Type type);
bool is_pair(Type type);  // of floats of 16 or 8 bits
bool is_in_memory(Type type);  // as a variable, and as it is loaded
bool is_signed(Type type);  // an integer with a sign, or a float

// 1 for PRED, 32 for TF32 and pairs of 16 bits, 16 for pairs of 8.
constexpr int bits_of(Type type) {
  switch (type) {
    case Type::NONE: return 0;
    case Type::PRED: return 1;
    case Type::S4: case Type::U4: return 4;
    case Type::B8: case Type::U8: case Type::S8: case Type::E4M3: case Type::E5M2: return 8;
    case Type::B16: case Type::U16: case Type::S16: case Type::F16: case Type::BF16: return 16;
    case Type::E4M3X2: case Type::E5M2X2: return 16;
    case Type::B64: case Type::U64: case Type::S64: case Type::F64: return 64;
    case Type::B128: return 128;
    default: return 32;
  }
}

// Subnormal numbers become zeros of the same sign.
inline float flush(float a) { return std::fabs(a) < 0x1p-126f ? std::copysign(0.0f, a) : a; }
// Clamps to [0, 1]; NaN becomes +0.
inline float saturate(float a) { return a > 0 ? a < 1 ? a : 1 : 0; }
inline double saturate(double a) { return a > 0 ? a < 1 ? a : 1 : 0; }

// A number wins over NaN, unless NaN is kept; -0 is less than +0. With `by_signs` the result has the selected
// magnitude, and is negative if the signs differ.
template <typename T>
T extreme(T a, T b, bool least, bool keeps_nan, bool by_signs) {
  bool negative = by_signs && std::signbit(a) != std::signbit(b);
  a = by_signs ? std::fabs(a) : a;
  b = by_signs ? std::fabs(b) : b;
  if (a != a || b != b) {
    a = (a != a && b != b) || keeps_nan ? T(NAN) : a != a ? b : a;
  } else if (a == b ? std::signbit(a) != least : (a < b) != least) {
    a = b;
  }
  return negative && a == a ? -a : a;
}

// A 16-bit float as a double, and back, rounded once; NaN becomes PTX's canonical NaN (0x7fff).
double half_value(uint16_t bits);
uint16_t half_bits(double value, Rounding rounding = Rounding::RN);
double bf16_value(uint16_t bits);
uint16_t bf16_bits(double value, Rounding rounding = Rounding::RN);
// An 8-bit float.
double e4m3_value(uint8_t bits);
double e5m2_value(uint8_t bits);

// cvt: converts the bits of one type to another by PTX's rules for integers (sign, truncation, .sat), floats (rounding,
// .ftz, .sat, .relu, .satfinite) and integers from floats, clamped to their range. Bits above the source's type are
// ignored; a signed integer fills all 64 bits of the result, other types leave zeros.
struct Conversion {
  Type to = Type::NONE, from = Type::NONE;
  Rounding rounding = Rounding::NONE;
  bool integer = false;  // rni, rzi, rmi, rpi
  bool ftz = false, sat = false, relu = false, satfinite = false;
};
uint64_t convert(uint64_t bits, const Conversion& conversion);
// cvt of two floats into a pair (f16x2, bf16x2, e4m3x2, e5m2x2): a becomes the upper half.
uint64_t convert_pair(float a, float b, const Conversion& conversion);

// The approximate functions: more accurate than PTX requires, except for tanh, which has PTX's 11 bits.
enum class Quick : uint8_t { RCP, SQRT, RSQRT, SIN, COS, LG2, EX2, TANH };
float quick(Quick function, float a, bool ftz);
// rcp.approx.ftz.f64 and rsqrt.approx.ftz.f64.
double quick_double(Quick function, double a);

}

#include "ptx/numbers/rounding.h"
