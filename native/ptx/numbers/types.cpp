#include "ptx/numbers/types.h"

#include <algorithm>

#include "ptx/numbers/formats.h"

namespace sim::ptx {

const char* name_of(Type type) {
  constexpr const char* NAMES[] = {"none", "pred", "b8",  "b16",    "b32",  "b64",    "b128", "u8",  "u16", "u32",
                                   "u64",  "s8",   "s16", "s32",    "s64",  "f16",    "f16x2", "bf16", "bf16x2",
                                   "tf32", "f32",  "f64", "e4m3x2", "e5m2x2", "s4",   "u4",   "e4m3", "e5m2"};
  return NAMES[int(type)];
}

bool is_float(Type type) {
  return (type >= Type::F16 && type <= Type::E5M2X2) || type >= Type::E4M3;
}

bool is_pair(Type type) {
  return type == Type::F16X2 || type == Type::BF16X2 || type == Type::E4M3X2 || type == Type::E5M2X2;
}

bool is_in_memory(Type type) {
  return type >= Type::B8 && type <= Type::F64 && type != Type::TF32;
}

bool is_signed(Type type) {
  return (type >= Type::S8 && type <= Type::S64) || type == Type::S4 || is_float(type);
}

double half_value(uint16_t bits) { return value_of(bits, HALF); }
uint16_t half_bits(double value, Rounding rounding) { return uint16_t(round_to(HALF, value, rounding, false)); }
double bf16_value(uint16_t bits) { return value_of(bits, BFLOAT); }
uint16_t bf16_bits(double value, Rounding rounding) { return uint16_t(round_to(BFLOAT, value, rounding, false)); }
double e4m3_value(uint8_t bits) { return value_of(bits, E4M3_FORMAT); }
double e5m2_value(uint8_t bits) { return value_of(bits, E5M2_FORMAT); }

namespace {

// Whether the bits that are cut off round the magnitude up.
bool goes_up(bool negative, bool odd, bool any, bool half, bool above_half, Rounding rounding) {
  switch (rounding) {
    case Rounding::RZ: return false;
    case Rounding::RM: return any && negative;
    case Rounding::RP: return any && !negative;
    case Rounding::RNA: return half || above_half;
    default: return above_half || (half && odd);
  }
}

bool toward_zero(bool negative, Rounding rounding) {
  return rounding == Rounding::RZ || rounding == (negative ? Rounding::RP : Rounding::RM);
}

}

uint64_t pack(bool negative, uint64_t significand, int exponent, const Format& format, Rounding rounding,
              bool to_finite) {
  int highest = exponent + 63 - __builtin_clzll(significand), lowest_normal = 1 - format.bias();
  // Below the normal numbers steps get no smaller.
  int cut = std::max(highest, lowest_normal) - format.mantissa_bits - exponent;
  uint64_t kept = significand;
  bool any = false, half = false, above_half = false;
  if (cut <= 0) {
    kept <<= -cut;
  } else {
    kept = cut < 64 ? significand >> cut : 0;
    uint64_t rest = cut < 64 ? significand - (kept << cut) : significand;
    uint64_t middle = cut <= 64 ? uint64_t(1) << (cut - 1) : 0;
    any = rest != 0;
    half = middle != 0 && rest == middle;
    above_half = middle != 0 && rest > middle;
  }
  kept += goes_up(negative, kept & 1, any, half, above_half, rounding);
  // The highest bit of a normal number counts the exponent up by one, and a carry does so once more.
  uint64_t bits = (uint64_t(std::max(highest, lowest_normal) - lowest_normal) << format.mantissa_bits) + kept;
  if (bits > format.greatest()) {
    bits = to_finite || toward_zero(negative, rounding) ? format.greatest()
           : format.has_infinity                        ? format.infinity()
                                                        : format.nan;
  }
  return negative ? bits | format.sign() : bits;
}

uint64_t round_to(const Format& format, double value, Rounding rounding, bool to_finite) {
  uint64_t bits = bits_as(value), magnitude = bits & (DOUBLE.sign() - 1);
  bool negative = bits >> 63;
  uint64_t sign = negative ? format.sign() : 0;
  if (magnitude > DOUBLE.infinity()) {
    return format.nan;
  }
  if (magnitude == DOUBLE.infinity()) {
    return sign | (to_finite ? format.greatest() : format.has_infinity ? format.infinity() : format.nan);
  }
  if (magnitude == 0) {
    return sign;
  }
  uint64_t exponent = magnitude >> 52, mantissa = magnitude & ((uint64_t(1) << 52) - 1);
  return exponent != 0 ? pack(negative, mantissa | uint64_t(1) << 52, int(exponent) - 1075, format, rounding, to_finite)
                       : pack(negative, mantissa, -1074, format, rounding, to_finite);
}

}
