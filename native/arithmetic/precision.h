// The reduced precisions of the simulated libraries, and float32 rounded to them: to the nearest, and ties to even.
// Subnormal values stay, what is too large becomes infinite, and a NaN stays one.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sim {

enum class Element { FLOAT32, BFLOAT16 };

inline size_t size_of(Element element) {
  return element == Element::BFLOAT16 ? 2 : 4;
}

inline float without_last_bits(float value, int count) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  if ((bits & 0x7fffffff) > 0x7f800000) {
    // Quiet, or cutting off its last bits could leave an infinity.
    bits |= 0x00400000;
  } else {
    bits += (1u << (count - 1)) - 1 + (bits >> count & 1);
  }
  bits &= ~0u << count;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

// 10 bits of mantissa are left, and float32's exponent.
inline float rounded_to_tf32(float value) {
  return without_last_bits(value, 13);
}

// 7 bits of mantissa are left: bf16 is the upper half of a float32.
inline float rounded_to_bf16(float value) {
  return without_last_bits(value, 16);
}

inline float load(Element element, const void* values, size_t index) {
  float value;
  if (element == Element::FLOAT32) {
    std::memcpy(&value, static_cast<const float*>(values) + index, sizeof value);
    return value;
  }
  uint32_t bits = uint32_t(static_cast<const uint16_t*>(values)[index]) << 16;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

inline void store(Element element, void* values, size_t index, float value) {
  if (element == Element::FLOAT32) {
    std::memcpy(static_cast<float*>(values) + index, &value, sizeof value);
    return;
  }
  uint32_t bits;
  value = rounded_to_bf16(value);
  std::memcpy(&bits, &value, sizeof bits);
  static_cast<uint16_t*>(values)[index] = uint16_t(bits >> 16);
}

}
