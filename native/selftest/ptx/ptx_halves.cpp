// PTX ISA, "Half Precision Floating Point Instructions": half and bf16, by one and in pairs, held to exact numbers.
#include <cmath>

#include "selftest/exact.h"
#include "selftest/single.h"

namespace {

const Kind HALF("f16"), BRAIN("bf16");

struct Flags {
  bool ftz = false, sat = false, relu = false, keeps_nan = false, by_signs = false;

  std::string modifiers() const {
    return std::string(ftz ? ".ftz" : "") + (keeps_nan ? ".NaN" : "") + (by_signs ? ".xorsign.abs" : "") +
           (sat ? ".sat" : "") + (relu ? ".relu" : "");
  }
};

using Apply = std::function<uint64_t(const Kind& kind, uint64_t a, uint64_t b, uint64_t c)>;

uint64_t finished(const Kind& kind, uint64_t bits, const Flags& flags) {
  double value = kind.value(bits);
  if (flags.sat) {
    bits = value >= 1 ? rounded(kind, 'n', 1) : value > 0 ? bits : 0;
  }
  if (flags.relu && bits & kind.sign() && value == value) {
    bits = 0;
  }
  return flags.ftz ? kind.flushed(bits) : bits;
}

void both_sizes(Singles& singles, const std::string& name, const std::string& type, size_t operands,
                const Flags& flags, Apply apply) {
  const Kind& kind = type == "f16" ? HALF : BRAIN;
  for (std::string size : {"", "x2"}) {
    std::string whole = type + size;
    std::string text = name + flags.modifiers() + "." + whole;
    singles.plain(text, whole, Types(operands, whole), [=, &kind](const uint64_t* in) {
      uint64_t result = 0;
      for (int k = 0; k < (size.empty() ? 16 : 32); k += 16) {
        uint64_t of[3];
        for (int j = 0; j < 3; j++) {
          uint64_t one = in[j] >> k & 0xffff;
          of[j] = flags.ftz ? kind.flushed(one) : one;
        }
        result |= finished(kind, apply(kind, of[0], of[1], of[2]), flags) << k;
      }
      return result;
    });
  }
}

uint64_t one_of(const Kind& kind) { return rounded(kind, 'n', 1); }
uint64_t sum(const Kind& kind, uint64_t a, uint64_t b, uint64_t) { return multiply_add(kind, 'n', a, one_of(kind), b); }
uint64_t difference(const Kind& kind, uint64_t a, uint64_t b, uint64_t) {
  return multiply_add(kind, 'n', a, one_of(kind), b ^ kind.sign());
}
uint64_t product(const Kind& kind, uint64_t a, uint64_t b, uint64_t) {
  return multiply_add(kind, 'n', a, b, (a ^ b) & kind.sign());
}
uint64_t fused(const Kind& kind, uint64_t a, uint64_t b, uint64_t c) { return multiply_add(kind, 'n', a, b, c); }

Flags flags_of(bool ftz, bool sat, bool relu = false) {
  Flags flags;
  flags.ftz = ftz;
  flags.sat = sat;
  flags.relu = relu;
  return flags;
}

void arithmetic(Singles& singles) {
  struct {
    const char* name;
    size_t operands;
    Apply apply;
  } const ALL[] = {{"add", 2, sum}, {"sub", 2, difference}, {"mul", 2, product}, {"fma", 3, fused}};
  for (const auto& one : ALL) {
    for (std::string rounding : {"", ".rn"}) {
      if (rounding.empty() && one.operands == 3) {
        continue;
      }
      for (int k = 0; k < 4; k++) {
        both_sizes(singles, one.name + rounding, "f16", one.operands, flags_of(k & 1, k & 2), one.apply);
      }
      both_sizes(singles, one.name + rounding, "bf16", one.operands, Flags(), one.apply);
    }
  }
  both_sizes(singles, "fma.rn", "f16", 3, flags_of(false, false, true), fused);
  both_sizes(singles, "fma.rn", "f16", 3, flags_of(true, false, true), fused);
  both_sizes(singles, "fma.rn", "bf16", 3, flags_of(false, false, true), fused);
}

void extremes(Singles& singles) {
  for (std::string type : {"f16", "bf16"}) {
    for (int k = 0; k < (type == "f16" ? 8 : 4); k++) {
      Flags flags;
      flags.keeps_nan = k & 1;
      flags.by_signs = k & 2;
      flags.ftz = k & 4;
      for (bool least : {true, false}) {
        std::string name = least ? "min" : "max";
        both_sizes(singles, name, type, 2, flags, [=](const Kind& kind, uint64_t a, uint64_t b, uint64_t) {
          bool first = kind.is_nan(a), second = kind.is_nan(b);
          if ((first && second) || (flags.keeps_nan && (first || second))) {
            return kind.nan;
          }
          uint64_t sign = flags.by_signs ? (a ^ b) & kind.sign() : 0;
          uint64_t mask = flags.by_signs ? ~kind.sign() : ~uint64_t(0);
          auto key = [&](uint64_t bits) { return bits & kind.sign() ? -1 - int(bits ^ kind.sign()) : int(bits); };
          a &= mask;
          b &= mask;
          return sign | (first ? b : second ? a : (key(a) < key(b)) == least ? a : b);
        });
      }
    }
  }
}

void signs(Singles& singles) {
  for (std::string type : {"f16", "bf16"}) {
    for (bool ftz : {false, true}) {
      if (ftz && type == "bf16") {
        continue;
      }
      for (bool negates : {false, true}) {
        const Kind& kind = type == "f16" ? HALF : BRAIN;
        for (std::string size : {"", "x2"}) {
          std::string whole = type + size;
          singles.plain((negates ? "neg" : "abs") + std::string(ftz ? ".ftz." : ".") + whole, whole, {whole},
                        [=, &kind](const uint64_t* in) {
                          uint64_t result = 0;
                          for (int k = 0; k < (size.empty() ? 16 : 32); k += 16) {
                            uint64_t one = in[0] >> k & 0xffff;
                            one = ftz ? kind.flushed(one) : one;
                            result |= (negates ? one ^ kind.sign() : one & ~kind.sign()) << k;
                          }
                          return result;
                        });
        }
      }
    }
  }
}

// Within an error relative to the result, and half of the least number.
void near(Singles& singles, const std::string& name, const std::string& type, double relative, bool ftz,
          double (*exact)(double a)) {
  const Kind& kind = type == "f16" ? HALF : BRAIN;
  for (std::string size : {"", "x2"}) {
    std::string whole = type + size;
    singles.add(name + "." + whole + " $x, $a;", {whole}, {whole}, [=, &kind](const uint64_t* in, const uint64_t* got) {
      bool right = true;
      for (int k = 0; k < (size.empty() ? 16 : 32); k += 16) {
        uint64_t a = in[0] >> k & 0xffff, result = got[0] >> k & 0xffff;
        double expected = exact(kind.value(ftz ? kind.flushed(a) : a)), value = kind.value(result);
        double least = ftz ? std::ldexp(1, -126) : kind.value(1) / 2;
        bool overflows = std::isinf(value) && expected > kind.value(kind.greatest());
        bool close = std::fabs(value - expected) <= relative * std::fabs(expected) + least;
        right = right && (expected != expected ? result == kind.nan : value == expected || overflows || close) &&
                !(ftz && kind.is_subnormal(result));
      }
      return right;
    });
  }
}

}

void test_ptx_halves() {
  Singles singles;
  arithmetic(singles);
  extremes(singles);
  signs(singles);
  near(singles, "ex2.approx", "f16", std::exp2(-9.9), false, [](double a) { return std::exp2(a); });
  near(singles, "ex2.approx.ftz", "bf16", std::exp2(-7), true, [](double a) { return std::exp2(a); });
  near(singles, "tanh.approx", "f16", std::exp2(-10.9), false, [](double a) { return std::tanh(a); });
  near(singles, "tanh.approx", "bf16", std::exp2(-8), false, [](double a) { return std::tanh(a); });
  singles.run();
}
