// PTX's roundings, held to the CPU's own directions and to exact comparisons in 128-bit floats.
#include <cfenv>
#include <cmath>
#include <cstring>
#include <random>

#include "ptx/numbers/types.h"
#include "selftest/harness.h"

namespace {

using sim::ptx::Rounding;

const Rounding DIRECTIONS[] = {Rounding::RN, Rounding::RZ, Rounding::RM, Rounding::RP};

bool same(float a, float b) { return as<uint32_t>(a) == as<uint32_t>(b) || (std::isnan(a) && std::isnan(b)); }
bool same(double a, double b) { return as<uint64_t>(a) == as<uint64_t>(b) || (std::isnan(a) && std::isnan(b)); }

template <typename T, typename Operation>
T by_cpu(Rounding rounding, T a, T b, T c, Operation operation) {
  const int modes[] = {FE_TONEAREST, FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};
  volatile T x = a, y = b, z = c;
  std::fesetround(modes[int(rounding)]);
  volatile T result = operation(x, y, z);
  std::fesetround(FE_TONEAREST);
  return result;
}

// All bits are drawn, and at times so that operands are close, or results at an end of the range.
float drawn_float(std::mt19937_64& random) {
  uint32_t bits = uint32_t(random());
  switch (random() % 4) {
    case 0: return as<float>(bits);
    case 1: return as<float>((bits & 0x80ffffff) | 0x3f000000);
    case 2: return as<float>(bits & 0x80ffffff);
    default: return as<float>((bits & 0x807fff00) | 0x7e800000);
  }
}

const float SPECIAL[] = {0, -0.0f, 1, -1, INFINITY, -INFINITY, NAN, 1e-45f, -1e-45f, 0x1p-126f, 0x1.fffffep127f,
                         -0x1.fffffep127f, 0x1p-75f, 3, 0x1.000002p0f};

bool right(float a, float b, float c) {
  bool right = true;
  for (Rounding way : DIRECTIONS) {
    right = right &&
            same(sim::ptx::add(a, b, way), by_cpu(way, a, b, c, [](float x, float y, float) { return x + y; }));
    right = right &&
            same(sim::ptx::multiply(a, b, way), by_cpu(way, a, b, c, [](float x, float y, float) { return x * y; }));
    right = right &&
            same(sim::ptx::divide(a, b, way), by_cpu(way, a, b, c, [](float x, float y, float) { return x / y; }));
    right = right && same(sim::ptx::square_root(a, way),
                          by_cpu(way, a, b, c, [](float x, float, float) { return std::sqrt(x); }));
    right = right && same(sim::ptx::multiply_add(a, b, c, way),
                          by_cpu(way, a, b, c, [](float x, float y, float z) { return std::fma(x, y, z); }));
  }
  return right;
}

void floats() {
  std::mt19937_64 random(1);
  bool all = true;
  for (float a : SPECIAL) {
    for (float b : SPECIAL) {
      for (float c : SPECIAL) {
        all = all && right(a, b, c);
      }
    }
  }
  CHECK(all);
  for (int i = 0; i < 100'000; i++) {
    float a = drawn_float(random), b = drawn_float(random), c = drawn_float(random);
    // The rest of a product without its greatest part.
    all = all && right(a, b, c) && right(a, b, -(a * b)) && right(a, b, std::nextafter(a * b, 1.0f));
  }
  CHECK(all);
  // A sum that is lost below a tie of the last bit decides it.
  float tie = 1 + 0x1p-12f;
  CHECK(sim::ptx::multiply_add(tie, tie, 0x1p-100f, Rounding::RN) == 1 + 0x1p-11f + 0x1p-23f);
  CHECK(sim::ptx::multiply_add(tie, tie, -0x1p-100f, Rounding::RN) == 1 + 0x1p-11f);
}

// The result is the last number in its direction that is not past the exact one, which 128 bits hold.
bool closest(double result, __float128 exact, Rounding rounding) {
  double toward = rounding == Rounding::RP || (rounding == Rounding::RZ && exact < 0) ? -INFINITY : INFINITY;
  __float128 here = result, next = std::nextafter(result, toward);
  return toward > 0 ? here <= exact && exact < next : here >= exact && exact > next;
}

void doubles() {
  std::mt19937_64 random(2);
  bool all = true;
  for (int i = 0; i < 50'000; i++) {
    double of[3];
    for (double& value : of) {
      value = std::ldexp(as<double>((random() & 0x800fffffffffffff) | 0x3ff0000000000000), int(random() % 6));
    }
    double a = of[0], b = of[1], c = of[2];
    for (Rounding way : {Rounding::RZ, Rounding::RM, Rounding::RP}) {
      __float128 product = __float128(a) * b, root = sim::ptx::square_root(std::fabs(a), way);
      all = all && closest(sim::ptx::add(a, b, way), __float128(a) + b, way);
      all = all && closest(sim::ptx::multiply(a, b, way), product, way);
      all = all && closest(sim::ptx::multiply_add(a, b, c, way), product + c, way);
      // Quotients and roots are compared by what they give when they are undone.
      double quotient = sim::ptx::divide(std::fabs(a), std::fabs(b), way);
      double after = std::nextafter(quotient, way == Rounding::RP ? -INFINITY : INFINITY);
      __float128 low = __float128(quotient) * std::fabs(b), high = __float128(after) * std::fabs(b);
      __float128 whole = std::fabs(a);
      all = all && (way == Rounding::RP ? low >= whole && whole > high : low <= whole && whole < high);
      __float128 next = std::nextafter(double(root), way == Rounding::RP ? -INFINITY : INFINITY);
      all = all && (way == Rounding::RP ? root * root >= whole && whole > next * next
                                        : root * root <= whole && whole < next * next);
    }
    all = all && same(sim::ptx::multiply_add(a, b, c, Rounding::RN), std::fma(a, b, c));
  }
  CHECK(all && std::fegetround() == FE_TONEAREST);
  CHECK(same(sim::ptx::add(1.0, -1.0, Rounding::RM), -0.0) && same(sim::ptx::add(1.0, -1.0, Rounding::RP), 0.0));
  CHECK(sim::ptx::multiply(0x1p1000, 0x1p1000, Rounding::RZ) == 0x1.fffffffffffffp1023);
}

void saturation() {
  CHECK(same(sim::ptx::saturate(NAN), 0.0f) && same(sim::ptx::saturate(-0.0f), 0.0f));
  CHECK(sim::ptx::saturate(-3.0f) == 0 && sim::ptx::saturate(0.5) == 0.5 && sim::ptx::saturate(INFINITY) == 1);
  CHECK(same(sim::ptx::flush(-0x1.fffffcp-127f), -0.0f) && sim::ptx::flush(-0x1p-126f) == -0x1p-126f);
  CHECK(std::isnan(sim::ptx::flush(NAN)));
}

float got(sim::ptx::Quick function, float a, bool ftz = false) { return sim::ptx::quick(function, a, ftz); }

// The special cases are those of the PTX ISA's tables, and the errors are below those that it allows.
void quick_functions() {
  using sim::ptx::Quick;
  const float inf = INFINITY, least = 1e-40f;
  CHECK(same(got(Quick::RCP, -inf), -0.0f) && got(Quick::RCP, -0.0f) == -inf && got(Quick::RCP, 0.0f) == inf);
  CHECK(got(Quick::RCP, -least, true) == -inf && got(Quick::RCP, least) == inf);
  CHECK(same(got(Quick::RCP, 0x1p127f, true), 0.0f) && got(Quick::RCP, 0x1p127f) == 0x1p-127f);
  CHECK(std::isnan(got(Quick::SQRT, -1)) && same(got(Quick::SQRT, -0.0f), -0.0f) && got(Quick::SQRT, inf) == inf);
  CHECK(same(got(Quick::SQRT, -least, true), -0.0f) && std::isnan(got(Quick::SQRT, -least)));
  CHECK(got(Quick::RSQRT, -0.0f) == -inf && got(Quick::RSQRT, 0.0f) == inf && same(got(Quick::RSQRT, inf), 0.0f));
  CHECK(std::isnan(got(Quick::RSQRT, -inf)) && got(Quick::RSQRT, 0.25f) == 2);
  CHECK(std::isnan(got(Quick::SIN, inf)) && same(got(Quick::SIN, -0.0f), -0.0f));
  CHECK(as<uint32_t>(got(Quick::COS, -inf)) == 0x7fffffff && got(Quick::COS, -0.0f) == 1);
  CHECK(got(Quick::LG2, -0.0f) == -inf && got(Quick::LG2, least, true) == -inf && std::isnan(got(Quick::LG2, -1)));
  CHECK(got(Quick::LG2, inf) == inf && got(Quick::LG2, 0x1p-140f) == -140);
  CHECK(same(got(Quick::EX2, -inf), 0.0f) && got(Quick::EX2, -0.0f) == 1 && got(Quick::EX2, inf) == inf);
  CHECK(same(got(Quick::EX2, -130, true), 0.0f) && got(Quick::EX2, -130) == 0x1p-130f);
  CHECK(got(Quick::TANH, inf) == 1 && got(Quick::TANH, -inf) == -1 && same(got(Quick::TANH, -0.0f), -0.0f));
  CHECK(got(Quick::TANH, least) == least && same(got(Quick::TANH, least, true), 0.0f));
  std::mt19937_64 random(3);
  bool all = true;
  for (int i = 0; i < 20'000; i++) {
    float a = as<float>(uint32_t((random() & 0x03ffffff) | 0x3e000000));
    auto off = [&](Quick function, long double exact) {
      return double(std::fabs(got(function, a) - exact) / std::fabs(exact));
    };
    all = all && off(Quick::RCP, 1.0L / a) < 0x1p-23 && off(Quick::SQRT, std::sqrt((long double)a)) < 0x1p-23 &&
          off(Quick::RSQRT, 1 / std::sqrt((long double)a)) < 0x1p-22 &&
          off(Quick::EX2, std::exp2((long double)a)) < 0x1p-22 &&
          off(Quick::TANH, std::tanh((long double)a)) <= 0x1p-11;
    all = all && std::fabs(got(Quick::SIN, a) - std::sin(double(a))) < 0x1p-21 &&
          std::fabs(got(Quick::COS, a) - std::cos(double(a))) < 0x1p-21 &&
          std::fabs(got(Quick::LG2, a) - std::log2(double(a))) < 0x1p-22 * std::fmax(1, std::fabs(std::log2(a)));
    all = all && as<uint32_t>(got(Quick::TANH, a)) % 0x2000 == 0;
  }
  CHECK(all);
}

void quick_functions_of_doubles() {
  using sim::ptx::Quick;
  CHECK(sim::ptx::quick_double(Quick::RCP, as<double>(0x40000000ffffffff)) == 0.5);
  CHECK(sim::ptx::quick_double(Quick::RCP, 0x1p-1040) == INFINITY);
  CHECK(same(sim::ptx::quick_double(Quick::RCP, -double(INFINITY)), -0.0));
  CHECK(sim::ptx::quick_double(Quick::RCP, 0x1p1023) == 0);
  CHECK(sim::ptx::quick_double(Quick::RSQRT, -0x1p-1040) == -INFINITY);
  CHECK(std::isnan(sim::ptx::quick_double(Quick::RSQRT, -1.0)));
  double third = sim::ptx::quick_double(Quick::RCP, 3.0);
  CHECK(std::fabs(third * 3 - 1) < 0x1p-20 && as<uint64_t>(third) % 0x100000000 == 0);
}

}

void test_ptx_rounding() {
  floats();
  doubles();
  saturation();
  quick_functions();
  quick_functions_of_doubles();
}
