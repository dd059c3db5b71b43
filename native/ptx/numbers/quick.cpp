// The quick functions, in double, with the special cases of the PTX ISA's tables. ex2 and tanh are as those of
// language/ptx_on_cpu.h, so that a kernel in C++ and the same in PTX give the same bits.
#include <cstring>

#include "ptx/numbers/formats.h"

namespace sim::ptx {

namespace {

float single_of(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

// To 11 bits: as wrong as a card's may be. The smallest numbers pass as they are, as there.
float tanh_of_11_bits(float a) {
  float tanh = std::tanh(a);
  if (!(std::fabs(tanh) >= 0x1p-126f)) {
    return tanh;
  }
  uint32_t bits;
  std::memcpy(&bits, &tanh, sizeof bits);
  return single_of((bits + 0xfff + (bits >> 13 & 1)) & ~0x1fffu);
}

// All but ex2 and tanh.
double exact(Quick function, double a) {
  switch (function) {
    case Quick::RCP: return 1 / a;
    case Quick::SQRT: return std::sqrt(a);
    case Quick::RSQRT: return 1 / std::sqrt(a);
    case Quick::SIN: return std::sin(a);
    case Quick::COS: return std::cos(a);
    default: return std::log2(a);
  }
}

}

float quick(Quick function, float a, bool ftz) {
  a = ftz ? flush(a) : a;
  float result = function == Quick::TANH  ? tanh_of_11_bits(a)
                 : function == Quick::EX2 ? std::exp2(a)
                                          : float(exact(function, a));
  return std::isnan(result) ? single_of(SINGLE.nan) : ftz ? flush(result) : result;
}

// Only the upper words are looked at and set.
double quick_double(Quick function, double a) {
  constexpr uint64_t UPPER = 0xffffffff00000000;
  a = as_double(bits_as(a) & UPPER);
  double result = exact(function, std::fabs(a) < 0x1p-1022 ? std::copysign(0.0, a) : a);
  if (std::isnan(result)) {
    return as_double(DOUBLE.nan & UPPER);
  }
  result = as_double((bits_as(result) + 0x80000000) & UPPER);
  return std::fabs(result) < 0x1p-1022 ? std::copysign(0.0, result) : result;
}

}
