// PTX ISA, "Comparison and Selection Instructions": every comparison by the four ways in which two numbers can stand.
#include "selftest/exact.h"
#include "selftest/single.h"

namespace {

enum Relation { LESS = 1, EQUAL = 2, GREATER = 4, UNORDERED = 8 };

struct Comparison {
  const char* name;
  int holds;
};
const std::vector<Comparison> OF_BITS = {{"eq", EQUAL}, {"ne", LESS | GREATER}};
const std::vector<Comparison> OF_NUMBERS = {{"eq", EQUAL}, {"ne", LESS | GREATER}, {"lt", LESS}, {"le", LESS | EQUAL},
                                            {"gt", GREATER}, {"ge", GREATER | EQUAL}};
const std::vector<Comparison> OF_UNSIGNED = {{"lo", LESS}, {"ls", LESS | EQUAL}, {"hi", GREATER},
                                             {"hs", GREATER | EQUAL}};
const std::vector<Comparison> OF_FLOATS = {
    {"equ", EQUAL | UNORDERED}, {"neu", LESS | GREATER | UNORDERED}, {"ltu", LESS | UNORDERED},
    {"leu", LESS | EQUAL | UNORDERED}, {"gtu", GREATER | UNORDERED}, {"geu", GREATER | EQUAL | UNORDERED},
    {"num", LESS | EQUAL | GREATER}, {"nan", UNORDERED}};

// "f32.ftz"; a pair's half has the name of one.
struct Compared {
  explicit Compared(const std::string& with_ftz)
      : type(with_ftz.substr(0, with_ftz.find('.'))), flushes(type.size() < with_ftz.size()),
        is_float(type.find('f') != std::string::npos) {}
  std::string type;
  bool flushes, is_float;

  std::string modifiers() const { return (flushes ? ".ftz." : ".") + type; }

  std::vector<Comparison> comparisons() const {
    std::vector<Comparison> all = type[0] == 'b' && !is_float ? OF_BITS : OF_NUMBERS;
    const std::vector<Comparison> none, &more = is_float ? OF_FLOATS : type[0] == 'u' ? OF_UNSIGNED : none;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  int relation(uint64_t a, uint64_t b) const {
    if (!is_float) {
      __int128 x = wide(a, type), y = wide(b, type);
      return x < y ? LESS : x == y ? EQUAL : GREATER;
    }
    Kind kind(type.substr(0, type.find("x2")));
    a = low(a, kind.bits());
    b = low(b, kind.bits());
    double x = kind.value(flushes ? kind.flushed(a) : a), y = kind.value(flushes ? kind.flushed(b) : b);
    return x < y ? LESS : x == y ? EQUAL : x > y ? GREATER : UNORDERED;
  }
};

// How a comparison is combined with c, which may be negated.
struct Combined {
  const char* name;
  bool negated;
  bool (*apply)(bool result, bool c);

  std::string operand() const { return *name ? negated ? ", !$c" : ", $c" : ""; }
  bool of(bool result, uint64_t c) const { return apply(result, (c != 0) != negated); }
};
const Combined COMBINATIONS[] = {{"", false, [](bool result, bool) { return result; }},
                                 {".and", false, [](bool result, bool c) { return result && c; }},
                                 {".or", true, [](bool result, bool c) { return result || c; }},
                                 {".xor", false, [](bool result, bool c) { return result != c; }},
                                 {".and", true, [](bool result, bool c) { return result && c; }}};

const char* const ALL[] = {"b16", "b32", "b64", "u16", "u32", "u64", "s16", "s32", "s64",
                           "f32", "f32.ftz", "f64", "f16", "f16.ftz", "bf16"};

void predicates(Singles& singles) {
  for (const char* name : ALL) {
    Compared compared(name);
    for (const Comparison& one : compared.comparisons()) {
      for (const Combined& combined : COMBINATIONS) {
        std::string text = std::string("setp.") + one.name + combined.name + compared.modifiers();
        Types operands = {compared.type, compared.type, "pred"};
        singles.add(text + " $x, $a, $b" + combined.operand() + ";", {"pred"}, operands,
                    [=](const uint64_t* in, const uint64_t* got) {
                      return got[0] == combined.of(compared.relation(in[0], in[1]) & one.holds, in[2]);
                    });
        // Of half and bf16 there is no second result.
        if (value_bits_of(compared.type) > 16 || !compared.is_float) {
          singles.add(text + " $x|$y, $a, $b" + combined.operand() + ";", {"pred", "pred"}, operands,
                      [=](const uint64_t* in, const uint64_t* got) {
                        bool holds = compared.relation(in[0], in[1]) & one.holds;
                        return got[0] == combined.of(holds, in[2]) && got[1] == combined.of(!holds, in[2]);
                      });
        }
      }
    }
  }
  for (const char* name : {"f16x2", "f16x2.ftz", "bf16x2"}) {
    Compared compared(name);
    for (const Comparison& one : compared.comparisons()) {
      for (const Combined& combined : COMBINATIONS) {
        singles.add(std::string("setp.") + one.name + combined.name + compared.modifiers() + " $x|$y, $a, $b" +
                        combined.operand() + ";",
                    {"pred", "pred"}, {compared.type, compared.type, "pred"},
                    [=](const uint64_t* in, const uint64_t* got) {
                      bool first = compared.relation(in[0], in[1]) & one.holds;
                      bool second = compared.relation(in[0] >> 16, in[1] >> 16) & one.holds;
                      return got[0] == combined.of(first, in[2]) && got[1] == combined.of(second, in[2]);
                    });
      }
    }
  }
}

// 1.0 of a float, and all bits of an integer.
uint64_t truth(const std::string& type) {
  return type == "f32"    ? 0x3f800000
         : type == "f16"  ? 0x3c00
         : type == "bf16" ? 0x3f80
                          : low(-1, value_bits_of(type));
}

void words(Singles& singles) {
  size_t turn = 0;
  for (const char* name : ALL) {
    Compared compared(name);
    bool small = compared.type == "f16" || compared.type == "bf16";
    for (std::string to : small ? Types{"u16", "s16", "u32", "s32"} : Types{"u32", "s32", "f32", "f16", "bf16"}) {
      if (to == "bf16" && compared.flushes) {
        continue;
      }
      for (const Comparison& one : compared.comparisons()) {
        const Combined& combined = COMBINATIONS[turn++ % 5];
        std::string modifiers = (compared.flushes ? ".ftz." : ".") + to + "." + compared.type;
        std::string name = std::string("set.") + one.name + combined.name + modifiers;
        singles.add(name + " $x, $a, $b" + combined.operand() + ";", {to}, {compared.type, compared.type, "pred"},
                    [=](const uint64_t* in, const uint64_t* got) {
                      bool holds = combined.of(compared.relation(in[0], in[1]) & one.holds, in[2]);
                      return got[0] == (holds ? truth(to) : 0);
                    });
      }
    }
  }
  for (const char* name : {"f16x2", "f16x2.ftz", "bf16x2"}) {
    Compared compared(name);
    for (std::string to : {compared.type, std::string("u32"), std::string("s32")}) {
      uint64_t half = to == compared.type ? truth(to.substr(0, to.size() - 2)) : 0xffff;
      for (const Comparison& one : compared.comparisons()) {
        const Combined& combined = COMBINATIONS[turn++ % 5];
        std::string modifiers = (compared.flushes ? ".ftz." : ".") + to + "." + compared.type;
        std::string name = std::string("set.") + one.name + combined.name + modifiers;
        singles.add(name + " $x, $a, $b" + combined.operand() + ";", {to}, {compared.type, compared.type, "pred"},
                    [=](const uint64_t* in, const uint64_t* got) {
                      bool first = combined.of(compared.relation(in[0], in[1]) & one.holds, in[2]);
                      bool second = combined.of(compared.relation(in[0] >> 16, in[1] >> 16) & one.holds, in[2]);
                      return got[0] == ((first ? half : 0) | (second ? half << 16 : 0));
                    });
      }
    }
  }
}

void selections(Singles& singles) {
  for (std::string type : {"b16", "b32", "b64", "u16", "u32", "u64", "s16", "s32", "s64", "f32", "f64"}) {
    singles.plain("selp." + type, type, {type, type, "pred"}, [](const uint64_t* in) { return in[2] ? in[0] : in[1]; });
    singles.add("selp." + type + " $x, $a, $b, !$c;", {type}, {type, type, "pred"},
                [](const uint64_t* in, const uint64_t* got) { return got[0] == (in[2] ? in[1] : in[0]); });
  }
}

}

void test_ptx_comparisons() {
  Singles singles;
  predicates(singles);
  words(singles);
  selections(singles);
  singles.run();
}
