#include "ptx/formats.h"

#include <algorithm>

namespace sim::ptx {

namespace {

// Whether what is cut off below the lowest bit takes the magnitude up to the next.
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
