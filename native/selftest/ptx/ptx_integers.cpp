// PTX ISA, "Integer Arithmetic Instructions" and "Extended-Precision Integer Arithmetic Instructions", in wide numbers.
#include <algorithm>

#include "selftest/single.h"

namespace {

using Wide = __int128;
using Unsigned = unsigned __int128;

const Types SIZED = {"u16", "u32", "u64", "s16", "s32", "s64"};

bool is_signed(const std::string& type) { return type[0] == 's'; }

Wide product(Wide a, Wide b) { return Wide(Unsigned(a) * Unsigned(b)); }

Wide upper(Wide a, Wide b, const std::string& type) {
  int bits = value_bits_of(type);
  return is_signed(type) ? product(a, b) >> bits : Wide(Unsigned(product(a, b)) >> bits);
}

Wide clamped(Wide value, int bits) {
  Wide top = Wide(1) << (bits - 1);
  return std::clamp(value, -top, top - 1);
}

// By 0 the ISA leaves results open: here quotients are all bits and remainders the dividend.
Wide quotient(Wide a, Wide b) { return b == 0 ? -1 : a / b; }
Wide remainder(Wide a, Wide b) { return b == 0 ? a : a % b; }

using Apply = Wide (*)(Wide a, Wide b, Wide c);

void same_type(Singles& singles, const std::string& name, const Types& types, int operands, Apply apply) {
  for (const std::string& type : types) {
    singles.plain(name + "." + type, type, Types(operands, type), [=](const uint64_t* in) {
      return low(apply(wide(in[0], type), wide(in[1], type), wide(in[2], type)), value_bits_of(type));
    });
  }
}

void arithmetic(Singles& singles) {
  const Types of_signs = {"s16", "s32", "s64"};
  same_type(singles, "add", SIZED, 2, [](Wide a, Wide b, Wide) { return a + b; });
  same_type(singles, "sub", SIZED, 2, [](Wide a, Wide b, Wide) { return a - b; });
  same_type(singles, "add.sat", {"s32"}, 2, [](Wide a, Wide b, Wide) { return clamped(a + b, 32); });
  same_type(singles, "sub.sat", {"s32"}, 2, [](Wide a, Wide b, Wide) { return clamped(a - b, 32); });
  same_type(singles, "mul.lo", SIZED, 2, [](Wide a, Wide b, Wide) { return product(a, b); });
  same_type(singles, "mad.lo", SIZED, 3,
            [](Wide a, Wide b, Wide c) { return Wide(Unsigned(product(a, b)) + Unsigned(c)); });
  same_type(singles, "sad", SIZED, 3, [](Wide a, Wide b, Wide c) { return c + (a < b ? b - a : a - b); });
  same_type(singles, "div", SIZED, 2, [](Wide a, Wide b, Wide) { return quotient(a, b); });
  same_type(singles, "rem", SIZED, 2, [](Wide a, Wide b, Wide) { return remainder(a, b); });
  same_type(singles, "min", SIZED, 2, [](Wide a, Wide b, Wide) { return a < b ? a : b; });
  same_type(singles, "max", SIZED, 2, [](Wide a, Wide b, Wide) { return a < b ? b : a; });
  same_type(singles, "abs", of_signs, 1, [](Wide a, Wide, Wide) { return a < 0 ? -a : a; });
  same_type(singles, "neg", of_signs, 1, [](Wide a, Wide, Wide) { return -a; });
  same_type(singles, "min.relu", {"s32"}, 2, [](Wide a, Wide b, Wide) { return std::max<Wide>(std::min(a, b), 0); });
  same_type(singles, "max.relu", {"s32"}, 2, [](Wide a, Wide b, Wide) { return std::max<Wide>(std::max(a, b), 0); });
}

void products(Singles& singles) {
  for (const std::string& type : SIZED) {
    int bits = value_bits_of(type);
    singles.plain("mul.hi." + type, type, {type, type}, [=](const uint64_t* in) {
      return low(upper(wide(in[0], type), wide(in[1], type), type), bits);
    });
    singles.plain("mad.hi." + type, type, {type, type, type}, [=](const uint64_t* in) {
      return low(upper(wide(in[0], type), wide(in[1], type), type) + wide(in[2], type), bits);
    });
    if (bits < 64) {
      std::string twice = type.substr(0, 1) + std::to_string(2 * bits);
      singles.plain("mul.wide." + type, twice, {type, type}, [=](const uint64_t* in) {
        return low(wide(in[0], type) * wide(in[1], type), 2 * bits);
      });
      singles.plain("mad.wide." + type, twice, {type, type, twice}, [=](const uint64_t* in) {
        return low(wide(in[0], type) * wide(in[1], type) + wide(in[2], twice), 2 * bits);
      });
    }
  }
  singles.plain("mad.hi.sat.s32", "s32", {"s32", "s32", "s32"}, [](const uint64_t* in) {
    return low(clamped(upper(wide(in[0], "s32"), wide(in[1], "s32"), "s32") + wide(in[2], "s32"), 32), 32);
  });
  for (std::string type : {"u32", "s32"}) {
    // Of 24 bits each, and 48 of their product.
    std::string of_24 = type.substr(0, 1) + "24";
    for (bool high : {false, true}) {
      std::string part = high ? ".hi" : ".lo";
      auto multiply = [=](const uint64_t* in) { return wide(in[0], of_24) * wide(in[1], of_24) >> (high ? 16 : 0); };
      singles.plain("mul24" + part + "." + type, type, {type, type},
                    [=](const uint64_t* in) { return low(multiply(in), 32); });
      singles.plain("mad24" + part + "." + type, type, {type, type, type},
                    [=](const uint64_t* in) { return low(multiply(in) + wide(in[2], type), 32); });
      if (high && type == "s32") {
        singles.plain("mad24.hi.sat.s32", type, {type, type, type}, [=](const uint64_t* in) {
          return low(clamped(wide(low(multiply(in), 32), "s32") + wide(in[2], type), 32), 32);
        });
      }
    }
  }
}

void halves(Singles& singles) {
  for (std::string type : {"s16", "u16"}) {
    auto both = [&](const std::string& name, Wide (*apply)(Wide, Wide)) {
      singles.plain(name + "." + type + "x2", "b32", {type + "x2", type + "x2"}, [=](const uint64_t* in) {
        Wide low_half = apply(wide(in[0], type), wide(in[1], type));
        Wide high_half = apply(wide(in[0] >> 16, type), wide(in[1] >> 16, type));
        return low(low_half, 16) | low(high_half, 16) << 16;
      });
    };
    both("add", [](Wide a, Wide b) { return a + b; });
    both("min", [](Wide a, Wide b) { return std::min(a, b); });
    both("max", [](Wide a, Wide b) { return std::max(a, b); });
    if (type == "s16") {
      both("min.relu", [](Wide a, Wide b) { return std::max<Wide>(std::min(a, b), 0); });
      both("max.relu", [](Wide a, Wide b) { return std::max<Wide>(std::max(a, b), 0); });
    }
  }
}

// Numbers of three words, of which the uppermost takes the last carry.
void carries(Singles& singles) {
  for (std::string type : {"u32", "s32", "u64", "s64"}) {
    int bits = value_bits_of(type);
    Types three = {type, type, type}, four = {type, type, type, type};
    for (bool subtracts : {false, true}) {
      std::string name = subtracts ? "sub" : "add";
      std::string text = name + ".cc." + type + " $x, $a, $c; " + name + "c.cc." + type + " $y, $b, $d; " + name +
                         "c." + type + " $z, 0, 0;";
      singles.add(text, three, four, [=](const uint64_t* in, const uint64_t* got) {
        auto next = [=](uint64_t a, uint64_t b, uint64_t& carry) {
          Wide sum = subtracts ? Wide(a) - b - carry : Wide(a) + b + carry;
          carry = sum < 0 || sum >> bits != 0;
          return low(sum, bits);
        };
        uint64_t carry = 0;
        uint64_t x = next(in[0], in[2], carry), y = next(in[1], in[3], carry);
        return got[0] == x && got[1] == y && got[2] == next(0, 0, carry);
      });
    }
    // After a subtraction the carry is 1 where nothing was borrowed, as NVIDIA's division of 128 bits reads it; so a
    // subtraction after a sum borrows where the sum did not carry.
    std::string borrows = "sub.cc." + type + " $x, $a, $b; addc." + type + " $x, 0, 0; add.cc." + type +
                          " $y, $a, $b; subc." + type + " $y, $c, 0; sub.cc." + type + " $z, $a, $b; subc.cc." + type +
                          " $z, $c, $c; addc." + type + " $z, 0, 0;";
    singles.add(borrows, three, three, [=](const uint64_t* in, const uint64_t* got) {
      bool carried = (Wide(in[0]) + in[1]) >> bits != 0;
      return got[0] == (in[0] >= in[1]) && got[1] == low(Wide(in[2]) - !carried, bits) && got[2] == (in[0] >= in[1]);
    });
    for (bool high : {false, true}) {
      std::string part = high ? ".hi" : ".lo";
      // A carry comes in from an addition, and goes out of the second of two.
      std::string text = "add.cc." + type + " $x, $a, $b; madc" + part + ".cc." + type + " $x, $a, $b, $c; addc." +
                         type + " $y, 0, 0; mad" + part + ".cc." + type + " $z, $a, $b, $c; madc" + part + "." + type +
                         " $z, $a, $b, $z;";
      singles.add(text, three, three, [=](const uint64_t* in, const uint64_t* got) {
        Wide a = wide(in[0], type), b = wide(in[1], type);
        uint64_t part_of = low(high ? upper(a, b, type) : product(a, b), bits);
        Unsigned carry_in = (Unsigned(in[0]) + in[1]) >> bits, sum = Unsigned(part_of) + in[2] + carry_in;
        Unsigned first = Unsigned(part_of) + in[2];
        uint64_t second = low(part_of + low(first, bits) + uint64_t(first >> bits), bits);
        return got[0] == low(sum, bits) && got[1] == uint64_t(sum >> bits) && got[2] == second;
      });
    }
  }
}

void dot_products(Singles& singles) {
  for (std::string a : {"u", "s"}) {
    for (std::string b : {"u", "s"}) {
      for (int form = 0; form < 3; form++) {
        std::string name = form == 0 ? "dp4a" : form == 1 ? "dp2a.lo" : "dp2a.hi";
        int step = form == 0 ? 8 : 16, count = form == 0 ? 4 : 2, skipped = form == 2 ? 16 : 0;
        singles.plain(name + "." + a + "32." + b + "32", "b32", {"b32", "b32", "b32"}, [=](const uint64_t* in) {
          Wide sum = in[2];
          for (int k = 0; k < count; k++) {
            sum += wide(in[0] >> step * k, a + std::to_string(step)) * wide(in[1] >> (skipped + 8 * k), b + "8");
          }
          return low(sum, 32);
        });
      }
    }
  }
}

}

void test_ptx_integers() {
  Singles singles;
  arithmetic(singles);
  products(singles);
  halves(singles);
  carries(singles);
  dot_products(singles);
  singles.run();
}
