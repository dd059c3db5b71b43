// Floats of any size: their values as doubles, and the rounding of doubles and integers to them.
#pragma once
#include <cstdint>
#include <cstring>

#include "ptx/numbers/types.h"

namespace sim::ptx {

struct Format {
  int exponent_bits, mantissa_bits;
  uint64_t nan;  // PTX's canonical one
  bool has_infinity = true;

  constexpr int bias() const { return (1 << (exponent_bits - 1)) - 1; }
  constexpr uint64_t infinity() const { return ((uint64_t(1) << exponent_bits) - 1) << mantissa_bits; }
  constexpr uint64_t greatest() const { return has_infinity ? infinity() - 1 : nan - 1; }
  constexpr uint64_t sign() const { return uint64_t(1) << (exponent_bits + mantissa_bits); }
};

// tf32 has its 19 bits at the upper end of 32; these are the 19.
constexpr Format HALF{5, 10, 0x7fff}, BFLOAT{8, 7, 0x7fff}, TENSOR{8, 10, 0x3ffff}, SINGLE{8, 23, 0x7fffffff},
    DOUBLE{11, 52, 0x7fffffffffffffff}, E4M3_FORMAT{4, 3, 0x7f, false}, E5M2_FORMAT{5, 2, 0x7f};

// The format of a float type, or of the elements of a pair.
inline const Format& format_of(Type type) {
  switch (type) {
    case Type::F16: case Type::F16X2: return HALF;
    case Type::BF16: case Type::BF16X2: return BFLOAT;
    case Type::TF32: return TENSOR;
    case Type::F32: return SINGLE;
    case Type::E4M3: case Type::E4M3X2: return E4M3_FORMAT;
    case Type::E5M2: case Type::E5M2X2: return E5M2_FORMAT;
    default: return DOUBLE;
  }
}

inline double as_double(uint64_t bits) {
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

inline uint64_t bits_as(double value) {
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

// The value of a float smaller than double; higher bits are ignored.
inline double value_of(uint64_t bits, const Format& format) {
  uint64_t magnitude = bits & (format.sign() - 1), mantissa = magnitude & ((uint64_t(1) << format.mantissa_bits) - 1);
  int exponent = int(magnitude >> format.mantissa_bits);
  double value;
  if (format.has_infinity ? magnitude >= format.infinity() : magnitude == format.nan) {
    value = as_double(DOUBLE.infinity() | mantissa << (52 - format.mantissa_bits));
  } else if (exponent != 0) {
    value = as_double(uint64_t(exponent - format.bias() + 1023) << 52 | mantissa << (52 - format.mantissa_bits));
  } else {
    value = double(mantissa) * as_double(uint64_t(1 - format.bias() - format.mantissa_bits + 1023) << 52);
  }
  return bits & format.sign() ? -value : value;
}

// significand * 2^exponent (not 0), rounded once. On overflow, the result is the greatest number if the rounding goes
// toward zero or `to_finite` is set, and otherwise an infinity, or NaN in a format without infinities.
uint64_t pack(bool negative, uint64_t significand, int exponent, const Format& format, Rounding rounding,
              bool to_finite);

// NaN becomes the canonical NaN; infinities become the greatest number if `to_finite` is set.
uint64_t round_to(const Format& format, double value, Rounding rounding, bool to_finite);

}
