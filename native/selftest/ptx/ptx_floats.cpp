// PTX ISA, "Floating Point Instructions": what is rounded is held to exact numbers, in every direction.
#include <cmath>

#include "selftest/exact.h"
#include "selftest/single.h"

namespace {

const Kind SINGLE("f32"), DOUBLE("f64");
constexpr uint64_t ONE = 0x3f800000;

const Kind& kind_of(const std::string& type) { return type == "f64" ? DOUBLE : SINGLE; }

// Any NaN of a double will do; a float32's is the canonical one.
bool same(const Kind& kind, uint64_t got, uint64_t expected) {
  return got == expected || (kind.bits() == 64 && kind.is_nan(got) && kind.is_nan(expected));
}

uint64_t saturated(uint64_t bits) {
  double value = SINGLE.value(bits);
  return value >= 1 ? ONE : value > 0 ? bits : 0;
}

using Apply = std::function<uint64_t(const Kind& kind, char way, uint64_t a, uint64_t b, uint64_t c)>;

// With every rounding, and with .ftz and .sat where that goes; NONE is written without a rounding.
void rounds(Singles& singles, const std::string& name, size_t operands, bool saturates, bool without, Apply apply) {
  for (std::string type : {"f32", "f64"}) {
    const Kind& kind = kind_of(type);
    for (int way = without ? -1 : 0; way < 4; way++) {
      for (int flags = 0; flags < (type == "f32" ? saturates ? 4 : 2 : 1); flags++) {
        bool ftz = flags & 1, sat = flags & 2;
        std::string whole = name + (way < 0 ? "" : std::string(".") + WAYS[way]) + (ftz ? ".ftz" : "") +
                            (sat ? ".sat" : "") + "." + type;
        std::string text = whole + " $x";
        for (size_t k = 0; k < operands; k++) {
          text += std::string(", $") + char('a' + k);
        }
        char direction = way < 0 ? 'n' : WAYS[way][1];
        singles.add(text + ";", {type}, Types(operands, type), [=, &kind](const uint64_t* in, const uint64_t* got) {
          uint64_t of[3] = {in[0], in[1], in[2]};
          for (uint64_t& one : of) {
            one = ftz ? kind.flushed(one) : one;
          }
          uint64_t result = apply(kind, direction, of[0], of[1], of[2]);
          result = ftz ? kind.flushed(result) : result;
          return same(kind, got[0], sat ? saturated(result) : result);
        });
      }
    }
  }
}

uint64_t one_of(const Kind& kind) { return kind.bits() == 64 ? 0x3ff0000000000000 : ONE; }

// A zero that leaves a product's sign as it is.
uint64_t product(const Kind& kind, char way, uint64_t a, uint64_t b) {
  return multiply_add(kind, way, a, b, (a ^ b) & kind.sign());
}

uint64_t negative(const Kind& kind, uint64_t a) { return a ^ kind.sign(); }

uint64_t quotient(const Kind& kind, char way, uint64_t a, uint64_t b) {
  double x = kind.value(a), y = kind.value(b);
  if (!std::isfinite(x) || !std::isfinite(y) || x == 0 || y == 0) {
    double special = x / y;
    return special != special ? kind.nan
                              : ((a ^ b) & kind.sign()) | (std::isinf(special) ? kind.greatest() + 1 : 0);
  }
  __float128 dividend = std::fabs(x), divisor = std::fabs(y);
  return rounded(kind, way, (x < 0) != (y < 0), [=](__float128 at) {
    __float128 whole = at * divisor;
    return (dividend > whole) - (dividend < whole);
  });
}

uint64_t root(const Kind& kind, char way, uint64_t a) {
  double x = kind.value(a);
  if (!(x > 0) || std::isinf(x)) {
    return x == 0 || x > 0 ? a : kind.nan;
  }
  return rounded(kind, way, false, [=](__float128 at) { return (x > at * at) - (x < at * at); });
}

void arithmetic(Singles& singles) {
  rounds(singles, "add", 2, true, true, [](const Kind& kind, char way, uint64_t a, uint64_t b, uint64_t) {
    return multiply_add(kind, way, a, one_of(kind), b);
  });
  rounds(singles, "sub", 2, true, true, [](const Kind& kind, char way, uint64_t a, uint64_t b, uint64_t) {
    return multiply_add(kind, way, a, one_of(kind), negative(kind, b));
  });
  rounds(singles, "mul", 2, true, true, [](const Kind& kind, char way, uint64_t a, uint64_t b, uint64_t) {
    return product(kind, way, a, b);
  });
  for (const char* name : {"fma", "mad"}) {
    rounds(singles, name, 3, true, false, [](const Kind& kind, char way, uint64_t a, uint64_t b, uint64_t c) {
      return multiply_add(kind, way, a, b, c);
    });
  }
  rounds(singles, "div", 2, false, false, [](const Kind& kind, char way, uint64_t a, uint64_t b, uint64_t) {
    return quotient(kind, way, a, b);
  });
  rounds(singles, "rcp", 1, false, false, [](const Kind& kind, char way, uint64_t a, uint64_t, uint64_t) {
    return quotient(kind, way, one_of(kind), a);
  });
  rounds(singles, "sqrt", 1, false, false, [](const Kind& kind, char way, uint64_t a, uint64_t, uint64_t) {
    return root(kind, way, a);
  });
}

void pairs(Singles& singles) {
  for (std::string name : {"add", "sub", "mul", "fma"}) {
    for (int flags = 0; flags < 10; flags++) {
      bool ftz = flags & 1;
      int way = flags / 2 - 1;
      if (way < 0 && name == "fma") {
        continue;
      }
      std::string whole = name + (way < 0 ? "" : std::string(".") + WAYS[way]) + (ftz ? ".ftz" : "") + ".f32x2";
      char direction = way < 0 ? 'n' : WAYS[way][1];
      singles.plain(whole, "f32x2", Types(name == "fma" ? 3 : 2, "f32x2"), [=](const uint64_t* in) {
        uint64_t both = 0;
        for (int k = 0; k < 64; k += 32) {
          uint64_t of[3];
          for (int j = 0; j < 3; j++) {
            uint64_t one = low(in[j] >> k, 32);
            of[j] = ftz ? SINGLE.flushed(one) : one;
          }
          uint64_t result = name == "mul"   ? product(SINGLE, direction, of[0], of[1])
                            : name == "fma" ? multiply_add(SINGLE, direction, of[0], of[1], of[2])
                                            : multiply_add(SINGLE, direction, of[0], ONE,
                                                           name == "sub" ? negative(SINGLE, of[1]) : of[1]);
          both |= (ftz ? SINGLE.flushed(result) : result) << k;
        }
        return both;
      });
    }
  }
}

// As the ISA's formula has it: a number wins over NaN, and +0 is greater than -0.
uint64_t extreme(const Kind& kind, bool least, bool keeps_nan, uint64_t a, uint64_t b) {
  bool first = kind.is_nan(a), second = kind.is_nan(b);
  if ((first && second) || (keeps_nan && (first || second))) {
    return kind.nan;
  }
  if (first || second) {
    return first ? b : a;
  }
  auto key = [&](uint64_t bits) { return bits & kind.sign() ? -__int128(bits ^ kind.sign()) - 1 : __int128(bits); };
  return (key(a) < key(b)) == least ? a : b;
}

void extremes(Singles& singles) {
  for (bool least : {true, false}) {
    std::string name = least ? "min" : "max";
    singles.add(name + ".f64 $x, $a, $b;", {"f64"}, {"f64", "f64"}, [=](const uint64_t* in, const uint64_t* got) {
      return same(DOUBLE, got[0], extreme(DOUBLE, least, false, in[0], in[1]));
    });
    for (int flags = 0; flags < 16; flags++) {
      bool ftz = flags & 1, keeps_nan = flags & 2, by_signs = flags & 4, three = flags & 8;
      std::string whole = name + (ftz ? ".ftz" : "") + (keeps_nan ? ".NaN" : "") +
                          (by_signs ? three ? ".abs" : ".xorsign.abs" : "") + ".f32";
      singles.plain(whole, "f32", Types(three ? 3 : 2, "f32"), [=](const uint64_t* in) {
        uint64_t of[3];
        for (int k = 0; k < 3; k++) {
          of[k] = ftz ? SINGLE.flushed(in[k]) : in[k];
          of[k] = by_signs ? of[k] & ~SINGLE.sign() : of[k];
        }
        uint64_t result = extreme(SINGLE, least, keeps_nan, of[0], of[1]);
        result = three ? extreme(SINGLE, least, keeps_nan, result, of[2]) : result;
        return by_signs && !three && !SINGLE.is_nan(result) ? result | ((in[0] ^ in[1]) & SINGLE.sign()) : result;
      });
    }
  }
}

void signs_and_properties(Singles& singles) {
  for (std::string type : {"f32", "f64"}) {
    const Kind& kind = kind_of(type);
    for (bool ftz : {false, true}) {
      if (ftz && type == "f64") {
        continue;
      }
      std::string modifiers = (ftz ? ".ftz." : ".") + type;
      singles.plain("neg" + modifiers, type, {type}, [=, &kind](const uint64_t* in) {
        return negative(kind, ftz ? kind.flushed(in[0]) : in[0]);
      });
      singles.plain("abs" + modifiers, type, {type}, [=, &kind](const uint64_t* in) {
        return (ftz ? kind.flushed(in[0]) : in[0]) & ~kind.sign();
      });
    }
    singles.plain("copysign." + type, type, {type, type}, [&kind](const uint64_t* in) {
      return (in[1] & ~kind.sign()) | (in[0] & kind.sign());
    });
    auto property = [&](const std::string& name, std::function<bool(uint64_t bits, double value)> has) {
      singles.plain("testp." + name + "." + type, "pred", {type}, [=, &kind](const uint64_t* in) {
        return uint64_t(has(in[0], kind.value(in[0])));
      });
    };
    property("finite", [](uint64_t, double value) { return value - value == 0; });
    property("infinite", [](uint64_t, double value) { return value == INFINITY || value == -INFINITY; });
    property("number", [](uint64_t, double value) { return value == value; });
    property("notanumber", [](uint64_t, double value) { return value != value; });
    // Zeros count as normal.
    property("normal", [&kind](uint64_t bits, double value) { return value - value == 0 && !kind.is_subnormal(bits); });
    property("subnormal", [&kind](uint64_t bits, double) { return kind.is_subnormal(bits); });
  }
}

using Real = long double;

// Within a relative and an absolute error; special values as the exact function has them, and NaN canonical.
void near(Singles& singles, const std::string& name, size_t operands, Real relative, Real absolute,
          Real (*exact)(Real a, Real b)) {
  for (bool ftz : {false, true}) {
    std::string whole = name + (ftz ? ".ftz.f32" : ".f32");
    std::string text = whole + (operands == 1 ? " $x, $a;" : " $x, $a, $b;");
    singles.add(text, {"f32"}, Types(operands, "f32"), [=](const uint64_t* in, const uint64_t* got) {
      Real expected = exact(SINGLE.value(ftz ? SINGLE.flushed(in[0]) : in[0]),
                            SINGLE.value(ftz ? SINGLE.flushed(in[1]) : in[1]));
      if (expected != expected || (ftz && SINGLE.is_subnormal(got[0]))) {
        return expected != expected && got[0] == SINGLE.nan;
      }
      Real value = SINGLE.value(got[0]), least = ftz ? 0x1p-126L : 0x1p-149L;
      bool overflows = std::fabs(expected) > 0x1.fffffcp127L && value == std::copysign(INFINITY, expected);
      return overflows || value == expected ||
             std::fabs(value - expected) <= std::fabs(expected) * relative + absolute + least;
    });
  }
}

// Where |b| is above 2^126 the quotient is a zero, and NaN of an infinite dividend.
Real quick_quotient(Real a, Real b) {
  return std::fabs(b) > 0x1p126L && std::isfinite(b) ? std::isinf(a) ? NAN : a * 0 : a / b;
}

void approximations(Singles& singles) {
  near(singles, "div.approx", 2, 0x1p-22L, 0, quick_quotient);
  near(singles, "div.full", 2, 0x1p-22L, 0, [](Real a, Real b) { return a / b; });
  near(singles, "rcp.approx", 1, 0x1p-23L, 0, [](Real a, Real) { return 1 / a; });
  near(singles, "sqrt.approx", 1, 0x1p-23L, 0, [](Real a, Real) { return std::sqrt(a); });
  near(singles, "rsqrt.approx", 1, 0x1p-22L, 0, [](Real a, Real) { return 1 / std::sqrt(a); });
  near(singles, "sin.approx", 1, 0, 0x1p-20L, [](Real a, Real) { return std::sin(a); });
  near(singles, "cos.approx", 1, 0, 0x1p-20L, [](Real a, Real) { return std::cos(a); });
  near(singles, "lg2.approx", 1, 0x1p-22L, 0x1p-22L, [](Real a, Real) { return std::log2(a); });
  near(singles, "ex2.approx", 1, 0x1p-22L, 0, [](Real a, Real) { return std::exp2(a); });
  singles.add("tanh.approx.f32 $x, $a;", {"f32"}, {"f32"}, [](const uint64_t* in, const uint64_t* got) {
    Real expected = std::tanh(Real(SINGLE.value(in[0])));
    return expected != expected ? got[0] == SINGLE.nan
                                : std::fabs(SINGLE.value(got[0]) - expected) <= std::fabs(expected) * 0x1p-10L;
  });
  for (std::string name : {"rcp.approx.ftz", "rsqrt.approx.ftz", "rsqrt.approx"}) {
    bool ftz = name.size() > 12, of_root = name[1] == 's';
    singles.add(name + ".f64 $x, $a;", {"f64"}, {"f64"}, [=](const uint64_t* in, const uint64_t* got) {
      // By .ftz the lower word counts for nothing.
      uint64_t bits = ftz ? DOUBLE.flushed(in[0] & ~uint64_t(0xffffffff)) : in[0];
      Real a = DOUBLE.value(bits), expected = of_root ? 1 / std::sqrt(a) : 1 / a, value = DOUBLE.value(got[0]);
      if (ftz && (DOUBLE.is_subnormal(got[0]) || got[0] % 0x100000000 != 0)) {
        return false;
      }
      return expected != expected ? value != value
                                  : value == expected || (ftz && value == 0 && std::fabs(expected) < 0x1p-1022L) ||
                                        std::fabs(value - expected) <= std::fabs(expected) * 0x1p-20L;
    });
  }
}

}

void test_ptx_floats() {
  Singles singles;
  arithmetic(singles);
  pairs(singles);
  extremes(singles);
  signs_and_properties(singles);
  approximations(singles);
  singles.run();
}
