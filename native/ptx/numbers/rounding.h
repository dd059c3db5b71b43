// Arithmetic whose results are rounded once, by RN, RZ, RM or RP: to nearest by the CPU's own operations, inline, in
// other directions by functions. Part of types.h.
#pragma once
#include <cmath>
#include <cstring>

#include "ptx/numbers/types.h"

namespace sim::ptx {

// Rounding by RZ, RM or RP.
namespace directed {

float add(float a, float b, Rounding rounding);
float multiply(float a, float b, Rounding rounding);
float multiply_add(float a, float b, float c, Rounding rounding);
float divide(float a, float b, Rounding rounding);
float square_root(float a, Rounding rounding);
double add(double a, double b, Rounding rounding);
double multiply(double a, double b, Rounding rounding);
double multiply_add(double a, double b, double c, Rounding rounding);
double divide(double a, double b, Rounding rounding);
double square_root(double a, Rounding rounding);

}

// Rounds to odd, from the nearest value and the sign of the rounding error.
inline double to_odd(double nearest, double left_out) {
  uint64_t bits;
  std::memcpy(&bits, &nearest, sizeof bits);
  // Infinities leave out NaN, and stay.
  if ((left_out > 0 || left_out < 0) && bits % 2 == 0) {
    bits += (left_out > 0) == (nearest > 0) ? 1 : -1;
    std::memcpy(&nearest, &bits, sizeof bits);
  }
  return nearest;
}

// a * b + c for floats of at most 32 bits. An inexact result has an odd last bit, so a second rounding to any such
// type, in any direction, gives the result of a single rounding.
inline double multiply_add_to_odd(double a, double b, double c) {
  // The product is exact, and so is the error of the sum (Knuth's TwoSum).
  double product = a * b, sum = product + c, part = sum - product;
  return to_odd(sum, (product - (sum - part)) + (c - part));
}

template <typename T>
T add(T a, T b, Rounding rounding) {
  return rounding <= Rounding::RN ? a + b : directed::add(a, b, rounding);
}

template <typename T>
T multiply(T a, T b, Rounding rounding) {
  return rounding <= Rounding::RN ? a * b : directed::multiply(a, b, rounding);
}

template <typename T>
T divide(T a, T b, Rounding rounding) {
  return rounding <= Rounding::RN ? a / b : directed::divide(a, b, rounding);
}

template <typename T>
T square_root(T a, Rounding rounding) {
  return rounding <= Rounding::RN ? std::sqrt(a) : directed::square_root(a, rounding);
}

inline float multiply_add(float a, float b, float c, Rounding rounding) {
  return rounding <= Rounding::RN ? float(multiply_add_to_odd(a, b, c)) : directed::multiply_add(a, b, c, rounding);
}

inline double multiply_add(double a, double b, double c, Rounding rounding) {
  return rounding <= Rounding::RN ? std::fma(a, b, c) : directed::multiply_add(a, b, c, rounding);
}

}
