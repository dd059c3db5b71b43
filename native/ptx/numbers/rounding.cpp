// Rounding toward zero, down and up. Results of float32 are computed in double, rounded to odd, and then once more,
// which is exact; those of double by the CPU's own directions.
#include <cfenv>

#include "ptx/numbers/formats.h"

namespace sim::ptx::directed {

namespace {

float rounded(double value, Rounding rounding) {
  uint32_t bits = uint32_t(round_to(SINGLE, value, rounding, false));
  float result;
  std::memcpy(&result, &bits, sizeof result);
  return result;
}

// The operands and the result are volatile, so that nothing is computed before the direction is set or after it is set
// back.
template <typename Operation>
double in_direction(Rounding rounding, double a, double b, double c, Operation operation) {
  volatile double x = a, y = b, z = c;
  int before = std::fegetround();
  std::fesetround(rounding == Rounding::RZ ? FE_TOWARDZERO : rounding == Rounding::RM ? FE_DOWNWARD : FE_UPWARD);
  volatile double result = operation(x, y, z);
  std::fesetround(before);
  return result;
}

}

float add(float a, float b, Rounding rounding) { return directed::multiply_add(a, 1.0f, b, rounding); }

float multiply(float a, float b, Rounding rounding) { return rounded(double(a) * b, rounding); }

float multiply_add(float a, float b, float c, Rounding rounding) {
  double product = double(a) * b, sum = multiply_add_to_odd(a, b, c);
  // Downward, a sum of opposite numbers is -0.
  if (sum == 0 && rounding == Rounding::RM && std::signbit(product) != std::signbit(c)) {
    return -0.0f;
  }
  return rounded(sum, rounding);
}

// A quotient or root of floats either is a float of 25 bits, or is further from one than double's error.
float divide(float a, float b, Rounding rounding) { return rounded(double(a) / b, rounding); }

float square_root(float a, Rounding rounding) { return rounded(std::sqrt(double(a)), rounding); }

double add(double a, double b, Rounding rounding) {
  return in_direction(rounding, a, b, 0, [](double x, double y, double) { return x + y; });
}

double multiply(double a, double b, Rounding rounding) {
  return in_direction(rounding, a, b, 0, [](double x, double y, double) { return x * y; });
}

double multiply_add(double a, double b, double c, Rounding rounding) {
  return in_direction(rounding, a, b, c, [](double x, double y, double z) { return std::fma(x, y, z); });
}

double divide(double a, double b, Rounding rounding) {
  return in_direction(rounding, a, b, 0, [](double x, double y, double) { return x / y; });
}

double square_root(double a, Rounding rounding) {
  return in_direction(rounding, a, 0, 0, [](double x, double, double) { return std::sqrt(x); });
}

}
