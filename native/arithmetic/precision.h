// The precisions of the simulated libraries, and rounding to them: to nearest, ties to even. Subnormal values stay,
// values that are too large become infinite, and NaN stays NaN.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sim {

enum class Element { FLOAT32, FLOAT64, FLOAT16, BFLOAT16 };

inline size_t size_of(Element element) {
  return element == Element::FLOAT64 ? 8 : element == Element::FLOAT32 ? 4 : 2;
}

inline float float_of_bits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

inline uint32_t bits_of(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

inline float without_last_bits(float value, int count) {
  uint32_t bits = bits_of(value);
  if ((bits & 0x7fffffff) > 0x7f800000) {
    // The NaN is made quiet, because without its last bits it could become an infinity.
    bits |= 0x00400000;
  } else {
    bits += (1u << (count - 1)) - 1 + (bits >> count & 1);
  }
  return float_of_bits(bits & ~0u << count);
}

// TF32 keeps 10 bits of mantissa, and float32's exponent.
inline float rounded_to_tf32(float value) {
  return without_last_bits(value, 13);
}

// bf16 keeps 7 bits of mantissa: it is the upper half of a float32.
inline float rounded_to_bf16(float value) {
  return without_last_bits(value, 16);
}

// Half has a sign, 5 bits of exponent and 10 of mantissa.
inline uint16_t half_of(float value) {
  uint32_t sign = bits_of(value) >> 16 & 0x8000, bits = bits_of(value) & 0x7fffffff;
  if (bits > 0x7f800000) {
    return uint16_t(sign | 0x7e00);
  }
  if (bits >= 0x47800000) {
    // Infinity, for values from 65536 on. Below, rounding carries values nearer to 65536 than to 65504 to infinity.
    return uint16_t(sign | 0x7c00);
  }
  if (bits < 0x38800000) {
    // Below 2^-14 a half counts steps of 2^-24. Adding 0.5 makes float32 round to the same steps, because its last bit
    // is then 2^-24.
    return uint16_t(sign | (bits_of(float_of_bits(bits) + 0.5f) - bits_of(0.5f)));
  }
  return uint16_t(sign | ((bits_of(rounded_to_tf32(float_of_bits(bits))) - 0x38000000) >> 13));
}

inline float float_of_half(uint16_t half) {
  int exponent = half >> 10 & 31, mantissa = half & 1023;
  float size = exponent == 31 ? float_of_bits(0x7f800000 | uint32_t(mantissa) << 13)
               : exponent == 0 ? std::ldexp(float(mantissa), -24)
                               : std::ldexp(float(1024 + mantissa), exponent - 25);
  return half & 0x8000 ? -size : size;
}

// A value of any type, which float64 holds exactly.
inline double load(Element element, const void* values, size_t index) {
  const char* at = static_cast<const char*>(values) + index * size_of(element);
  if (element == Element::FLOAT64) {
    double value;
    std::memcpy(&value, at, sizeof value);
    return value;
  }
  if (element == Element::FLOAT32) {
    float value;
    std::memcpy(&value, at, sizeof value);
    return value;
  }
  uint16_t bits;
  std::memcpy(&bits, at, sizeof bits);
  return element == Element::FLOAT16 ? float_of_half(bits) : float_of_bits(uint32_t(bits) << 16);
}

// The value is a float32 unless the element is FLOAT64.
inline void store(Element element, void* values, size_t index, double value) {
  char* at = static_cast<char*>(values) + index * size_of(element);
  float narrow = float(value);
  uint16_t half = 0;
  switch (element) {
    case Element::FLOAT64: std::memcpy(at, &value, sizeof value); return;
    case Element::FLOAT32: std::memcpy(at, &narrow, sizeof narrow); return;
    case Element::FLOAT16: half = half_of(narrow); break;
    case Element::BFLOAT16: half = uint16_t(bits_of(rounded_to_bf16(narrow)) >> 16); break;
  }
  std::memcpy(at, &half, sizeof half);
}

}
