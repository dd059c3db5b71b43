// Floats by their definition: values of patterns, and roundings by comparisons of exact numbers with each neighbour.
#pragma once
#include <cstdint>
#include <functional>
#include <string>

// "f16", "bf16", "tf32", "f32", "f64", "e4m3" or "e5m2".
struct Kind {
  explicit Kind(const std::string& type);
  int exponent_bits, mantissa_bits;
  uint64_t nan;            // PTX's canonical one
  bool infinities = true;

  int bits() const { return 1 + exponent_bits + mantissa_bits; }
  uint64_t sign() const { return uint64_t(1) << (bits() - 1); }
  uint64_t greatest() const;  // finite
  bool is_nan(uint64_t bits) const;
  bool is_subnormal(uint64_t bits) const;
  double value(uint64_t bits) const;
  uint64_t flushed(uint64_t bits) const { return is_subnormal(bits) ? bits & sign() : bits; }
};

// 'n', 'z', 'm' and 'p' of .rn, .rz, .rm and .rp, and 'a' of .rna.
const char* const WAYS[] = {"rn", "rz", "rm", "rp"};

// The magnitude's sign against x is what "compare" gives; x is a value of the type, or the middle of two.
uint64_t rounded(const Kind& kind, char way, bool negative, const std::function<int(__float128 x)>& compare);
uint64_t rounded(const Kind& kind, char way, __float128 value);

// a * b + c, of which NaN is the canonical one; a product of zeros has a sign.
uint64_t multiply_add(const Kind& kind, char way, uint64_t a, uint64_t b, uint64_t c);
// The nearest integer in this direction; a tie goes to the even one by 'n'.
__float128 integral(__float128 value, char way);
