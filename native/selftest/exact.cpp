#include "selftest/exact.h"

#include <cmath>
#include <limits>

namespace {

// Of a pattern without a sign, also of the one after the greatest, as if there was no limit.
__float128 scaled(const Kind& kind, uint64_t bits) {
  uint64_t mantissa = bits & ((uint64_t(1) << kind.mantissa_bits) - 1), exponent = bits >> kind.mantissa_bits;
  int bias = (1 << (kind.exponent_bits - 1)) - 1;
  __float128 value = exponent == 0 ? mantissa : mantissa + (uint64_t(1) << kind.mantissa_bits);
  int power = int(exponent == 0 ? 1 : exponent) - bias - kind.mantissa_bits;
  for (; power >= 512; power -= 512) {
    value *= 0x1p512;
  }
  for (; power <= -512; power += 512) {
    value *= 0x1p-512;
  }
  return value * std::ldexp(1.0, power);
}

}

Kind::Kind(const std::string& type)
    : exponent_bits(type == "f64" ? 11 : type == "f16" || type == "e5m2" ? 5 : type == "e4m3" ? 4 : 8),
      mantissa_bits(type == "f64"                       ? 52
                    : type == "f32"                     ? 23
                    : type == "f16" || type == "tf32"   ? 10
                    : type == "bf16"                    ? 7
                    : type == "e4m3"                    ? 3
                                                        : 2),
      nan((uint64_t(1) << (exponent_bits + mantissa_bits)) - 1), infinities(type != "e4m3") {}

uint64_t Kind::greatest() const {
  return infinities ? (((uint64_t(1) << exponent_bits) - 1) << mantissa_bits) - 1 : nan - 1;
}

bool Kind::is_nan(uint64_t bits) const {
  return (bits & (sign() - 1)) > greatest() + (infinities ? 1 : 0);
}

bool Kind::is_subnormal(uint64_t bits) const {
  uint64_t magnitude = bits & (sign() - 1);
  return magnitude != 0 && magnitude >> mantissa_bits == 0;
}

double Kind::value(uint64_t bits) const {
  uint64_t magnitude = bits & (sign() - 1);
  double value = is_nan(bits)              ? NAN
                 : magnitude > greatest()  ? INFINITY
                                           : double(scaled(*this, magnitude));
  return bits & sign() ? -value : value;
}

uint64_t rounded(const Kind& kind, char way, bool negative, const std::function<int(__float128 x)>& compare) {
  uint64_t low = 0, high = kind.greatest() + 1;
  while (high - low > 1) {
    uint64_t middle = low + (high - low) / 2;
    (compare(scaled(kind, middle)) >= 0 ? low : high) = middle;
  }
  // Past the greatest is what would follow if there was no limit.
  __float128 here = scaled(kind, low), next = scaled(kind, low + 1);
  bool exact = compare(here) == 0, past = low == kind.greatest();
  int to_middle = compare((here + next) / 2);
  bool up = way == 'm'   ? negative
            : way == 'p' ? !negative
            : way == 'z' ? false
                         : to_middle > 0 || (to_middle == 0 && (way == 'a' || low % 2 == 1));
  uint64_t magnitude = exact || !up ? low : !past ? low + 1 : kind.infinities ? low + 1 : kind.nan;
  return negative ? magnitude | kind.sign() : magnitude;
}

uint64_t rounded(const Kind& kind, char way, __float128 value) {
  __float128 magnitude = value < 0 ? -value : value;
  return rounded(kind, way, value < 0, [=](__float128 x) { return (magnitude > x) - (magnitude < x); });
}

uint64_t multiply_add(const Kind& kind, char way, uint64_t a, uint64_t b, uint64_t c) {
  double x = kind.value(a), y = kind.value(b), z = kind.value(c);
  if (!std::isfinite(x) || !std::isfinite(y) || !std::isfinite(z)) {
    // The product of two numbers is not infinite, so neither is it opposed to an infinite z.
    double product = std::isfinite(x) && std::isfinite(y) ? 0 : x * y, sum = product + z;
    return sum != sum ? kind.nan : (kind.greatest() + 1) | (sum < 0 ? kind.sign() : 0);
  }
  __float128 product = __float128(x) * y, sum = product + z, part = sum - product;
  __float128 error = (product - (sum - part)) + (z - part);
  if (sum == 0) {
    bool product_negative = std::signbit(x) != std::signbit(y), other = std::signbit(z);
    return (product_negative == other ? other : way == 'm') ? kind.sign() : 0;
  }
  bool negative = sum < 0;
  __float128 high = negative ? -sum : sum, low = negative ? -error : error;
  return rounded(kind, way, negative, [=](__float128 at) {
    return high != at ? (high > at) - (high < at) : (low > 0) - (low < 0);
  });
}

__float128 integral(__float128 value, char way) {
  if (value != value || value >= 0x1p100 || value <= -0x1p100) {
    return value;
  }
  __float128 down = __int128(value);
  down -= down > value ? 1 : 0;
  __float128 rest = value - down;
  bool odd = __int128(down) % 2 != 0;
  bool up = way == 'm' ? false : way == 'p' ? rest > 0 : way == 'z' ? rest > 0 && value < 0
                                                                    : rest > 0.5 || (rest == 0.5 && odd);
  return up ? down + 1 : down;
}
