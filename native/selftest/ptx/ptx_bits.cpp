// PTX ISA, "Logic and Shift Instructions" and those on bits of "Integer Arithmetic Instructions", bit by bit.
#include <algorithm>

#include "selftest/single.h"

namespace {

const Types WORDS = {"b16", "b32", "b64"};

bool bit(uint64_t value, int at) { return value >> at & 1; }

void logic(Singles& singles) {
  struct {
    const char* name;
    uint64_t (*apply)(uint64_t a, uint64_t b);
  } const OF_TWO[] = {{"and", [](uint64_t a, uint64_t b) { return a & b; }},
                      {"or", [](uint64_t a, uint64_t b) { return a | b; }},
                      {"xor", [](uint64_t a, uint64_t b) { return a ^ b; }}};
  Types all = WORDS;
  all.push_back("pred");
  for (const std::string& type : all) {
    int bits = value_bits_of(type);
    for (const auto& one : OF_TWO) {
      singles.plain(std::string(one.name) + "." + type, type, {type, type},
                    [=](const uint64_t* in) { return one.apply(in[0], in[1]); });
    }
    singles.plain("not." + type, type, {type}, [=](const uint64_t* in) { return low(~in[0], bits); });
    if (type != "pred") {
      singles.plain("cnot." + type, type, {type}, [](const uint64_t* in) { return uint64_t(in[0] == 0); });
    }
  }
  for (int table : {0x80, 0xe8, 0x96, 0x1b, 0xfe, 0x01}) {
    auto looked_up = [=](const uint64_t* in) {
      uint64_t result = 0;
      for (int k = 0; k < 32; k++) {
        int row = bit(in[0], k) << 2 | bit(in[1], k) << 1 | bit(in[2], k);
        result |= uint64_t(bit(uint64_t(table), row)) << k;
      }
      return result;
    };
    std::string number = std::to_string(table);
    singles.add("lop3.b32 $x, $a, $b, $c, " + number + ";", {"b32"}, {"b32", "b32", "b32"},
                [=](const uint64_t* in, const uint64_t* got) { return got[0] == looked_up(in); });
    for (std::string combined : {"or", "and"}) {
      singles.add("lop3." + combined + ".b32 $x|$y, $a, $b, $c, " + number + ", $d;", {"b32", "pred"},
                  {"b32", "b32", "b32", "pred"}, [=](const uint64_t* in, const uint64_t* got) {
                    uint64_t result = looked_up(in);
                    bool any = result != 0, p = combined == "or" ? any || in[3] : any && in[3];
                    return got[0] == result && got[1] == p;
                  });
    }
  }
}

void shifts(Singles& singles) {
  auto shifted = [](uint64_t a, uint64_t by, int bits, bool left, bool sign) {
    uint64_t result = 0;
    for (int k = 0; k < bits; k++) {
      __int128 from = left ? __int128(k) - by : __int128(k) + by;
      bool one = from < 0 ? false : from >= bits ? !left && sign && bit(a, bits - 1) : bit(a, int(from));
      result |= uint64_t(one) << k;
    }
    return result;
  };
  for (const char* type : {"b16", "b32", "b64", "u16", "u32", "u64", "s16", "s32", "s64"}) {
    int bits = value_bits_of(type);
    for (bool left : {true, false}) {
      if (!left || type[0] == 'b') {
        singles.plain(std::string(left ? "shl." : "shr.") + type, type, {type, "by"}, [=](const uint64_t* in) {
          return shifted(in[0], in[1], bits, left, type[0] == 's');
        });
      }
    }
  }
  for (bool left : {true, false}) {
    for (bool wraps : {true, false}) {
      std::string name = std::string("shf.") + (left ? "l." : "r.") + (wraps ? "wrap" : "clamp") + ".b32";
      singles.plain(name, "b32", {"b32", "b32", "by"}, [=](const uint64_t* in) {
        uint64_t by = wraps ? in[2] % 32 : std::min<uint64_t>(in[2], 32), both = in[1] << 32 | in[0];
        return left ? shifted(both, by, 64, true, false) >> 32 : low(shifted(both, by, 64, false, false), 32);
      });
    }
  }
}

void counts(Singles& singles) {
  for (std::string type : {"b32", "b64"}) {
    int bits = value_bits_of(type);
    singles.plain("popc." + type, "b32", {type}, [=](const uint64_t* in) {
      uint64_t count = 0;
      for (int k = 0; k < bits; k++) {
        count += bit(in[0], k);
      }
      return count;
    });
    singles.plain("clz." + type, "b32", {type}, [=](const uint64_t* in) {
      int at = bits;
      while (at > 0 && !bit(in[0], at - 1)) {
        at--;
      }
      return uint64_t(bits - at);
    });
    singles.plain("brev." + type, type, {type}, [=](const uint64_t* in) {
      uint64_t reversed = 0;
      for (int k = 0; k < bits; k++) {
        reversed = reversed << 1 | bit(in[0], k);
      }
      return reversed;
    });
  }
  for (std::string type : {"u32", "s32", "u64", "s64"}) {
    int bits = value_bits_of(type);
    for (bool amount : {false, true}) {
      std::string name = std::string("bfind") + (amount ? ".shiftamt." : ".") + type;
      singles.plain(name, "b32", {type}, [=](const uint64_t* in) {
        bool sign = type[0] == 's' && bit(in[0], bits - 1);
        for (int k = bits - 1; k >= 0; k--) {
          if (bit(in[0], k) != sign) {
            return uint64_t(amount ? bits - 1 - k : k);
          }
        }
        return uint64_t(0xffffffff);
      });
    }
  }
  auto nth_set = [](uint64_t mask, int base, int64_t offset) {
    int64_t left = offset < 0 ? -offset : offset;
    for (int at = base; offset != 0 && at >= 0 && at < 32; at += offset > 0 ? 1 : -1) {
      left -= bit(mask, at);
      if (left == 0) {
        return uint64_t(at);
      }
    }
    return offset == 0 && bit(mask, base) ? uint64_t(base) : 0xffffffff;
  };
  // A base outside of the word is not defined.
  std::string base = "and.b32 %u2, $b, 31; ";
  singles.add(base + "fns.b32 $x, $a, %u2, $c;", {"b32"}, {"b32", "b32", "s32"},
              [=](const uint64_t* in, const uint64_t* got) {
                return got[0] == nth_set(in[0], int(in[1] & 31), int32_t(in[2]));
              });
  singles.add(base + "and.b32 %u3, $c, 7; sub.s32 %u3, %u3, 4; fns.b32 $x, $a, %u2, %u3;", {"b32"},
              {"b32", "b32", "b32"}, [=](const uint64_t* in, const uint64_t* got) {
                return got[0] == nth_set(in[0], int(in[1] & 31), int64_t(in[2] & 7) - 4);
              });
}

void fields(Singles& singles) {
  for (std::string type : {"u32", "s32", "u64", "s64"}) {
    int bits = value_bits_of(type);
    singles.plain("bfe." + type, type, {type, "by", "by"}, [=](const uint64_t* in) {
      int at = int(in[1] & 0xff), size = int(in[2] & 0xff);
      bool sign = type[0] == 's' && size > 0 && bit(in[0], std::min(at + size - 1, bits - 1));
      uint64_t field = 0;
      for (int k = 0; k < bits; k++) {
        field |= uint64_t(k < size && at + k < bits ? bit(in[0], at + k) : sign) << k;
      }
      return field;
    });
  }
  for (std::string type : {"b32", "b64"}) {
    int bits = value_bits_of(type);
    singles.plain("bfi." + type, type, {type, type, "by", "by"}, [=](const uint64_t* in) {
      int at = int(in[2] & 0xff), size = int(in[3] & 0xff);
      uint64_t result = in[1];
      for (int k = 0; k < size && at + k < bits; k++) {
        uint64_t one = uint64_t(1) << (at + k);
        result = bit(in[0], k) ? result | one : result & ~one;
      }
      return result;
    });
  }
  for (bool wraps : {false, true}) {
    std::string mode = wraps ? ".wrap" : ".clamp";
    singles.plain("bmsk" + mode + ".b32", "b32", {"by", "by"}, [=](const uint64_t* in) {
      uint64_t at = wraps ? in[0] % 32 : in[0], size = wraps ? in[1] % 32 : in[1], mask = 0;
      for (uint64_t k = at; k < 32; k++) {
        mask |= uint64_t(k - at < size) << k;
      }
      return mask;
    });
    for (std::string type : {"u32", "s32"}) {
      singles.plain("szext" + mode + "." + type, type, {type, "by"}, [=](const uint64_t* in) {
        uint64_t size = wraps ? in[1] % 32 : std::min<uint64_t>(in[1], 32), result = 0;
        for (uint64_t k = 0; k < 32; k++) {
          bool sign = type == "s32" && size > 0 && bit(in[0], int(size) - 1);
          result |= uint64_t(k < size ? bit(in[0], int(k)) : sign) << k;
        }
        return result;
      });
    }
  }
}

void permutations(Singles& singles) {
  auto byte_of = [](const uint64_t* in, uint64_t k) { return (k < 4 ? in[0] >> 8 * k : in[1] >> 8 * (k - 4)) & 0xff; };
  singles.plain("prmt.b32", "b32", {"b32", "b32", "b32"}, [=](const uint64_t* in) {
    uint64_t result = 0;
    for (int k = 0; k < 4; k++) {
      uint64_t selector = in[2] >> 4 * k & 15, byte = byte_of(in, selector & 7);
      result |= (selector & 8 ? (byte & 0x80 ? 0xff : 0) : byte) << 8 * k;
    }
    return result;
  });
  // By the last operand's two bits c, byte k comes from here.
  struct {
    const char* name;
    uint64_t (*from)(uint64_t c, uint64_t k);
  } const MODES[] = {
      {"f4e", [](uint64_t c, uint64_t k) { return c + k; }},
      {"b4e", [](uint64_t c, uint64_t k) { return (c + 8 - k) % 8; }},
      {"rc8", [](uint64_t c, uint64_t) { return c; }},
      {"ecl", [](uint64_t c, uint64_t k) { return std::max(c, k); }},
      {"ecr", [](uint64_t c, uint64_t k) { return std::min(c, k); }},
      {"rc16", [](uint64_t c, uint64_t k) { return c % 2 * 2 + k % 2; }},
  };
  for (const auto& mode : MODES) {
    singles.plain(std::string("prmt.b32.") + mode.name, "b32", {"b32", "b32", "b32"}, [=](const uint64_t* in) {
      uint64_t result = 0;
      for (uint64_t k = 0; k < 4; k++) {
        result |= byte_of(in, mode.from(in[2] & 3, k)) << 8 * k;
      }
      return result;
    });
  }
}

}

void test_ptx_bits() {
  Singles singles;
  logic(singles);
  shifts(singles);
  counts(singles);
  fields(singles);
  permutations(singles);
  singles.run();
}
