// cvt, as the PTX ISA has it under "Data Movement and Conversion Instructions: cvt".
#include <algorithm>

#include "ptx/numbers/formats.h"

namespace sim::ptx {

namespace {

using Wide = __int128;

Wide integer_value(uint64_t bits, Type type) {
  int unused = 64 - bits_of(type);
  return is_signed(type) ? Wide(int64_t(bits << unused) >> unused) : Wide(bits << unused >> unused);
}

Wide lowest(Type type) { return is_signed(type) ? -(Wide(1) << (bits_of(type) - 1)) : 0; }

Wide highest(Type type) { return (Wide(1) << (bits_of(type) - is_signed(type))) - 1; }

double to_integral(double value, Rounding rounding) {
  switch (rounding) {
    case Rounding::RZ: return std::trunc(value);
    case Rounding::RM: return std::floor(value);
    case Rounding::RP: return std::ceil(value);
    default: return std::nearbyint(value);
  }
}

bool is_subnormal(double value) { return std::fabs(value) < 0x1p-126; }

uint64_t to_float(double value, const Conversion& conversion) {
  if (conversion.integer) {
    value = to_integral(value, conversion.rounding);
  }
  if (conversion.sat) {
    value = saturate(value);
  }
  if (conversion.relu && std::signbit(value) && !std::isnan(value)) {
    value = 0;
  }
  const Format& format = format_of(conversion.to);
  Rounding rounding = conversion.integer ? Rounding::RN : conversion.rounding;
  uint64_t bits = round_to(format, value, rounding, conversion.satfinite);
  if (conversion.ftz && conversion.to == Type::F32 && is_subnormal(value_of(bits, SINGLE))) {
    bits &= SINGLE.sign();
  }
  return conversion.to == Type::TF32 ? bits << 13 | (bits == TENSOR.nan ? 0x1fff : 0) : bits;
}

uint64_t float_to_integer(double value, const Conversion& conversion) {
  Type to = conversion.to;
  if (std::isnan(value)) {
    bool zero = conversion.from != Type::F64 && bits_of(to) != 64;
    return zero ? 0 : uint64_t(integer_value(uint64_t(1) << (bits_of(to) - 1), to));
  }
  double whole = to_integral(value, conversion.integer ? conversion.rounding : Rounding::RZ);
  // As a double, the highest 64-bit integer rounds up to the next one.
  if (whole >= double(highest(to))) {
    return uint64_t(highest(to));
  }
  return uint64_t(whole <= double(lowest(to)) ? lowest(to) : Wide(whole));
}

uint64_t integer_to_float(Wide value, const Conversion& conversion) {
  if (conversion.sat) {
    value = std::clamp(value, Wide(0), Wide(1));
  }
  if (value == 0 || (conversion.relu && value < 0)) {
    return 0;
  }
  uint64_t magnitude = uint64_t(value < 0 ? -value : value);
  return pack(value < 0, magnitude, 0, format_of(conversion.to), conversion.rounding, conversion.satfinite);
}

}

uint64_t convert(uint64_t bits, const Conversion& conversion) {
  if (is_pair(conversion.from)) {
    int from_bits = bits_of(conversion.from) / 2, to_bits = bits_of(conversion.to) / 2;
    const Format& format = format_of(conversion.from);
    uint64_t low = to_float(value_of(bits, format), conversion);
    return low | to_float(value_of(bits >> from_bits, format), conversion) << to_bits;
  }
  if (!is_float(conversion.from)) {
    Wide value = integer_value(bits, conversion.from);
    if (is_float(conversion.to)) {
      return integer_to_float(value, conversion);
    }
    if (conversion.sat) {
      value = std::clamp(value, lowest(conversion.to), highest(conversion.to));
    }
    return uint64_t(integer_value(uint64_t(value), conversion.to));
  }
  double value = conversion.from == Type::F64 ? as_double(bits) : value_of(bits, format_of(conversion.from));
  if (conversion.ftz && conversion.from == Type::F32 && is_subnormal(value)) {
    value = std::copysign(0.0, value);
  }
  return is_float(conversion.to) ? to_float(value, conversion) : float_to_integer(value, conversion);
}

uint64_t convert_pair(float a, float b, const Conversion& conversion) {
  return to_float(b, conversion) | to_float(a, conversion) << bits_of(conversion.to) / 2;
}

}
