// PTX ISA, "Data Movement and Conversion Instructions: cvt": all pairs of types, in registers of their size and wider.
#include <cmath>

#include "selftest/exact.h"
#include "selftest/single.h"

namespace {

const Types INTEGERS = {"u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64"}, FLOATS = {"f16", "bf16", "f32", "f64"};

struct Cast {
  std::string to, from, way;  // "rn" or "rni", or nothing
  bool ftz = false, sat = false, relu = false, satfinite = false;

  std::string name() const {
    return "cvt" + (way.empty() ? "" : "." + way) + (ftz ? ".ftz" : "") + (sat ? ".sat" : "") + (relu ? ".relu" : "") +
           (satfinite ? ".satfinite" : "") + "." + to + "." + from;
  }
};

bool is_float(const std::string& type) { return type.find('f') != std::string::npos || type[0] == 'e'; }

__int128 clamped(__float128 value, const std::string& type) {
  int bits = value_bits_of(type);
  __int128 least = type[0] == 's' ? -(__int128(1) << (bits - 1)) : 0;
  __int128 most = (__int128(1) << (bits - (type[0] == 's'))) - 1;
  return value <= __float128(least) ? least : value >= __float128(most) ? most : __int128(value);
}

// Of a value that is no NaN; a zero has a sign.
uint64_t to_float(__float128 value, bool negative_zero, const Kind& kind, char way, const Cast& cast) {
  bool negative = value < 0 || (value == 0 && negative_zero);
  if ((cast.relu && negative) || (cast.sat && (value <= 0))) {
    return 0;
  }
  value = cast.sat && value > 1 ? 1 : value;
  __float128 magnitude = negative ? -value : value;
  uint64_t bits;
  if (magnitude - magnitude != 0) {
    bits = (kind.infinities ? kind.greatest() + 1 : kind.nan) | (negative ? kind.sign() : 0);
  } else {
    bits = rounded(kind, way, negative, [=](__float128 at) { return (magnitude > at) - (magnitude < at); });
  }
  bool too_great = (bits & (kind.sign() - 1)) > kind.greatest();
  bits = cast.satfinite && too_great ? kind.greatest() | (bits & kind.sign()) : bits;
  return cast.ftz && cast.to == "f32" ? kind.flushed(bits) : bits;
}

uint64_t value_of(uint64_t bits, const Cast& cast) {
  bool whole = !cast.way.empty() && cast.way.back() == 'i';
  char way = cast.way.empty() ? 'n' : cast.way == "rna" ? 'a' : cast.way[1];
  if (!is_float(cast.from)) {
    __int128 value = wide(bits, cast.from);
    return is_float(cast.to) ? to_float(value, false, Kind(cast.to), way, cast)
                             : low(cast.sat ? clamped(value, cast.to) : value, value_bits_of(cast.to));
  }
  Kind from(cast.from);
  double value = from.value(cast.ftz && cast.from == "f32" ? from.flushed(bits) : bits);
  if (!is_float(cast.to)) {
    // By the type NaN is 0, or the highest bit alone.
    bool zero = cast.from != "f64" && value_bits_of(cast.to) != 64;
    return value != value ? zero ? 0 : uint64_t(1) << (value_bits_of(cast.to) - 1)
                          : low(clamped(integral(value, way), cast.to), value_bits_of(cast.to));
  }
  if (value != value) {
    return cast.sat ? 0 : Kind(cast.to).nan;
  }
  __float128 exact = whole ? integral(value, way) : __float128(value);
  return to_float(exact, std::signbit(value), Kind(cast.to), whole ? 'n' : way, cast);
}

// A register of the result's may be wider, and is filled by an integer's sign; of a wider source the lower bits count.
void add(Singles& singles, const Cast& cast, const std::string& to_register = "",
         const std::string& from_register = "") {
  std::string to = cast.to + to_register, from = cast.from + from_register;
  singles.add(cast.name() + " $x, $a;", {to}, {from}, [=](const uint64_t* in, const uint64_t* got) {
    uint64_t expected = value_of(in[0], cast);
    if (is_float(cast.to) && cast.to == cast.from && Kind(cast.to).is_nan(expected)) {
      return Kind(cast.to).is_nan(got[0]);
    }
    bool any_nan = cast.to == "f64" && Kind("f64").is_nan(expected);
    return any_nan ? Kind("f64").is_nan(got[0])
                   : got[0] == (is_float(cast.to) ? expected : low(wide(expected, cast.to), bits_of(to)));
  });
}

Cast cast_of(const std::string& to, const std::string& from, const std::string& way, bool ftz = false,
             bool sat = false) {
  Cast cast;
  cast.to = to;
  cast.from = from;
  cast.way = way;
  cast.ftz = ftz;
  cast.sat = sat;
  return cast;
}

void integers(Singles& singles) {
  for (const std::string& to : INTEGERS) {
    for (const std::string& from : INTEGERS) {
      add(singles, cast_of(to, from, ""));
      // .sat goes only where it can change something.
      int room = value_bits_of(to) - (to[0] == 's'), needs = value_bits_of(from) - (from[0] == 's');
      bool changes = needs > room || (from[0] == 's' && to[0] == 'u');
      if (changes) {
        add(singles, cast_of(to, from, "", false, true));
      }
      for (std::string wider : {"@32", "@64"}) {
        int bits = std::stoi(wider.substr(1));
        std::string to_register = value_bits_of(to) < bits ? wider : "";
        std::string from_register = value_bits_of(from) < bits ? wider : "";
        if (!to_register.empty() || !from_register.empty()) {
          add(singles, cast_of(to, from, ""), to_register, from_register);
          if (changes) {
            add(singles, cast_of(to, from, "", false, true), to_register, "");
          }
        }
      }
    }
  }
}

void integers_and_floats(Singles& singles) {
  for (const std::string& integer : INTEGERS) {
    for (const std::string& real : FLOATS) {
      // bf16 goes with no integers of 8 bits, no wider registers, and no .sat.
      bool brain = real == "bf16";
      if (brain && value_bits_of(integer) == 8) {
        continue;
      }
      for (std::string way : WAYS) {
        add(singles, cast_of(real, integer, way));
        for (bool ftz : {false, true}) {
          if (!ftz || real == "f32") {
            add(singles, cast_of(integer, real, way + "i", ftz));
            if (!brain) {
              add(singles, cast_of(integer, real, way + "i", ftz, true));
            }
          }
        }
      }
      if (brain) {
        continue;
      }
      add(singles, cast_of(real, integer, "rn"), "", value_bits_of(integer) < 32 ? "@32" : "");
      add(singles, cast_of(real, integer, "rz", false, true));
      if (value_bits_of(integer) < 64) {
        add(singles, cast_of(integer, real, "rzi"), "@64");
      }
    }
  }
}

void floats(Singles& singles) {
  for (const std::string& to : FLOATS) {
    for (const std::string& from : FLOATS) {
      bool single = to == "f32" || from == "f32", brain = to == "bf16" || from == "bf16";
      bool narrows = to != from && !(to == "f64" || (to == "f32" && from != "f64"));
      for (std::string way : {"rn", "rz", "rm", "rp"}) {
        for (int flags = 0; flags < 4; flags++) {
          bool ftz = flags & 1, sat = flags & 2;
          // .ftz goes with float32, and .sat not with bf16.
          if ((ftz && !single) || (brain && (sat || ftz))) {
            continue;
          }
          if (to == from) {
            add(singles, cast_of(to, from, way + "i", ftz, sat));
          } else if (narrows) {
            add(singles, cast_of(to, from, way, ftz, sat));
          } else if (way == "rn") {
            add(singles, cast_of(to, from, "", ftz, sat));
          }
        }
      }
    }
  }
  for (bool sat : {false, true}) {
    for (bool ftz : {false, true}) {
      add(singles, cast_of("f32", "f32", "", ftz, sat));
    }
    add(singles, cast_of("f64", "f64", "", false, sat));
  }
}

// With .relu and .satfinite: to half, bf16 and tf32, and into pairs, of which the first operand is the upper half.
void with_limits(Singles& singles) {
  for (int flags = 0; flags < 4; flags++) {
    for (std::string way : {"rn", "rz", "rna"}) {
      Cast cast = cast_of("tf32", "f32", way);
      cast.relu = flags & 1;
      cast.satfinite = flags & 2;
      if (way != "rna" || !cast.relu) {
        singles.plain(cast.name(), "b32", {"f32"}, [=](const uint64_t* in) {
          uint64_t bits = value_of(in[0], cast);
          return bits == Kind("tf32").nan ? 0x7fffffff : bits << 13;
        });
      }
      if (way == "rna") {
        continue;
      }
      for (std::string to : {"f16", "bf16"}) {
        cast.to = to;
        add(singles, cast);
        Cast pair = cast;
        pair.to = to + "x2";
        singles.plain(pair.name(), "b32", {"f32", "f32"},
                      [=](const uint64_t* in) { return value_of(in[0], cast) << 16 | value_of(in[1], cast); });
      }
    }
  }
  for (std::string to : {"e4m3", "e5m2"}) {
    for (bool relu : {false, true}) {
      Cast cast = cast_of(to, "f32", "rn"), back = cast_of("f16", to, "rn");
      cast.relu = back.relu = relu;
      cast.satfinite = true;
      Cast pair = cast, of_halves = cast, back_pair = back;
      pair.to = of_halves.to = back_pair.from = to + "x2";
      singles.plain(pair.name(), "b16", {"f32", "f32"},
                    [=](const uint64_t* in) { return value_of(in[0], cast) << 8 | value_of(in[1], cast); });
      of_halves.from = "f16x2";
      cast.from = "f16";
      singles.plain(of_halves.name(), "b16", {"f16x2"}, [=](const uint64_t* in) {
        return value_of(in[0] >> 16, cast) << 8 | value_of(in[0] & 0xffff, cast);
      });
      back_pair.to = "f16x2";
      singles.plain(back_pair.name(), "b32", {"b16"}, [=](const uint64_t* in) {
        return value_of(in[0] >> 8, back) << 16 | value_of(in[0] & 0xff, back);
      });
    }
  }
}

void packings(Singles& singles) {
  for (std::string to : {"u16", "s16", "u8", "s8", "u4", "s4", "u2", "s2"}) {
    int bits = value_bits_of(to);
    bool three = bits < 16;
    singles.plain("cvt.pack.sat." + to + ".s32" + (three ? ".b32" : ""), "b32",
                  three ? Types{"s32", "s32", "b32"} : Types{"s32", "s32"}, [=](const uint64_t* in) {
                    uint64_t a = low(clamped(wide(in[0], "s32"), to), bits);
                    uint64_t b = low(clamped(wide(in[1], "s32"), to), bits);
                    return low(in[2] << 2 * bits | a << bits | b, 32);
                  });
  }
}

}

void test_ptx_casts() {
  Singles singles;
  integers(singles);
  integers_and_floats(singles);
  floats(singles);
  with_limits(singles);
  packings(singles);
  singles.run();
}
