// PTX's conversions, held to lists of all values of a format, to C++'s own casts, and to long double, which holds each
// 64-bit integer.
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "ptx/numbers/types.h"
#include "selftest/harness.h"

namespace {

using sim::ptx::Conversion;
using sim::ptx::Rounding;
using sim::ptx::Type;

uint64_t of(float value) { return as<uint32_t>(value); }
uint64_t of(double value) { return as<uint64_t>(value); }

Conversion conversion(Type to, Type from, Rounding rounding = Rounding::RN) {
  Conversion made;
  made.to = to;
  made.from = from;
  made.rounding = rounding;
  return made;
}

// The value of each pattern without its sign, up to the greatest number.
std::vector<double> numbers_of(int exponent_bits, int mantissa_bits, int patterns) {
  int bias = (1 << (exponent_bits - 1)) - 1;
  std::vector<double> numbers;
  for (int bits = 0; bits < patterns; bits++) {
    int exponent = bits >> mantissa_bits, mantissa = bits & ((1 << mantissa_bits) - 1);
    numbers.push_back(exponent ? std::ldexp(mantissa + (1 << mantissa_bits), exponent - bias - mantissa_bits)
                               : std::ldexp(mantissa, 1 - bias - mantissa_bits));
  }
  return numbers;
}

// Each number, and between two each the middle and what is just beside it; past the last as if there was one more.
template <typename T, typename Round>
bool rounds(const std::vector<double>& numbers, uint64_t past, const std::vector<Rounding>& ways, Round round) {
  bool right = true;
  for (uint64_t low = 0; low < numbers.size(); low++) {
    bool last = low + 1 == numbers.size();
    double from = numbers[low], to = last ? 2 * from - numbers[low - 1] : numbers[low + 1];
    T middle = T((from + to) / 2);
    uint64_t high = last ? past : low + 1;
    for (Rounding way : ways) {
      for (bool negative : {false, true}) {
        auto is = [&](T value, uint64_t expected) {
          return round(negative ? -value : value, way, negative) == expected;
        };
        bool up = way == (negative ? Rounding::RM : Rounding::RP), near = way == Rounding::RN || way == Rounding::RNA;
        right = right && is(T(from), low);
        right = right && is(middle, up || way == Rounding::RNA || (way == Rounding::RN && low % 2) ? high : low);
        right = right && is(std::nextafter(middle, T(0)), up ? high : low);
        right = right && is(std::nextafter(middle, T(to)), up || near ? high : low);
      }
    }
  }
  return right;
}

const std::vector<Rounding> ALL = {Rounding::RN, Rounding::RZ, Rounding::RM, Rounding::RP, Rounding::RNA};

void small_floats() {
  std::vector<double> halves = numbers_of(5, 10, 0x7c00), bfloats = numbers_of(8, 7, 0x7f80);
  CHECK(rounds<double>(halves, 0x7c00, ALL, [](double value, Rounding way, bool negative) {
    return sim::ptx::half_bits(value, way) ^ (negative ? 0x8000u : 0);
  }));
  CHECK(rounds<double>(bfloats, 0x7f80, ALL, [](double value, Rounding way, bool negative) {
    return sim::ptx::bf16_bits(value, way) ^ (negative ? 0x8000u : 0);
  }));
  CHECK(rounds<float>(numbers_of(8, 10, 0xff << 10), 0xff << 10, ALL, [](float value, Rounding way, bool negative) {
    uint64_t bits = sim::ptx::convert(of(value), conversion(Type::TF32, Type::F32, way));
    return bits % 0x2000 ? ~bits : (bits ^ (negative ? 0x80000000u : 0)) >> 13;
  }));
  for (uint32_t bits = 0; bits < 0x10000; bits++) {
    uint32_t magnitude = bits & 0x7fff;
    double half = sim::ptx::half_value(uint16_t(bits)), bfloat = sim::ptx::bf16_value(uint16_t(bits));
    double sign = bits >> 15 ? -1 : 1;
    bool right = magnitude < 0x7c00    ? of(half) == of(sign * halves[magnitude])
                 : magnitude == 0x7c00 ? half == sign * INFINITY
                                       : std::isnan(half) && sim::ptx::half_bits(half) == 0x7fff;
    right = right && (magnitude < 0x7f80    ? of(bfloat) == of(sign * bfloats[magnitude])
                      : magnitude == 0x7f80 ? bfloat == sign * INFINITY
                                            : std::isnan(bfloat) && sim::ptx::bf16_bits(bfloat) == 0x7fff);
    if (!right) {
      CHECK(right);
      return;
    }
  }
  CHECK(sim::ptx::half_bits(1e300) == 0x7c00 && sim::ptx::half_bits(-INFINITY, Rounding::RZ) == 0xfc00);
  CHECK(sim::ptx::half_bits(5e-324, Rounding::RP) == 1 && sim::ptx::half_bits(-5e-324, Rounding::RP) == 0x8000);
}

uint64_t pair_of(float a, float b, Type to, bool relu = false) {
  Conversion made = conversion(to, Type::F32);
  made.satfinite = true;
  made.relu = relu;
  return sim::ptx::convert_pair(a, b, made);
}

void eight_bits() {
  std::vector<double> of_4 = numbers_of(4, 3, 0x7f), of_5 = numbers_of(5, 2, 0x7c);
  CHECK(of_4.back() == 448 && of_5.back() == 57344);
  auto rounded = [](Type to) {
    return [to](float value, Rounding, bool negative) { return pair_of(3, value, to) % 256 ^ (negative ? 0x80u : 0); };
  };
  CHECK(rounds<float>(of_4, 0x7e, {Rounding::RN}, rounded(Type::E4M3X2)));
  CHECK(rounds<float>(of_5, 0x7b, {Rounding::RN}, rounded(Type::E5M2X2)));
  CHECK(pair_of(NAN, INFINITY, Type::E4M3X2) == 0x7f7e && pair_of(-NAN, -INFINITY, Type::E5M2X2) == 0x7ffb);
  CHECK(pair_of(-1, 1, Type::E4M3X2) == 0xb838 && pair_of(-1, NAN, Type::E4M3X2, true) == 0x007f);
  for (uint32_t low = 0; low < 256; low++) {
    uint32_t high = low * 7 % 256;
    for (Type type : {Type::E4M3X2, Type::E5M2X2}) {
      uint64_t halves = sim::ptx::convert(high << 8 | low, conversion(Type::F16X2, type));
      Conversion back = conversion(type, Type::F16X2);
      back.satfinite = true;
      bool right = true;
      for (int i = 0; i < 2; i++) {
        uint32_t bits = i ? high : low, magnitude = bits % 128;
        const std::vector<double>& numbers = type == Type::E4M3X2 ? of_4 : of_5;
        double half = sim::ptx::half_value(uint16_t(halves >> 16 * i)), sign = bits >> 7 ? -1 : 1;
        right = right && (magnitude < numbers.size() ? of(half) == of(sign * numbers[magnitude])
                          : type == Type::E5M2X2 && magnitude == 0x7c ? half == sign * INFINITY
                                                                      : uint16_t(halves >> 16 * i) == 0x7fff);
        double value = type == Type::E4M3X2 ? sim::ptx::e4m3_value(uint8_t(bits)) : sim::ptx::e5m2_value(uint8_t(bits));
        right = right && (of(value) == of(half) || (std::isnan(value) && std::isnan(half)));
        uint32_t again = uint32_t(sim::ptx::convert(halves, back) >> 8 * i) % 256;
        right = right && again == (std::isnan(half) ? 0x7f : std::isinf(half) ? bits - 1 : bits);
      }
      if (!right) {
        CHECK(right);
        return;
      }
    }
  }
}

uint64_t once(uint64_t bits, Conversion made, const char* flags) {
  for (const char* flag = flags; *flag; flag++) {
    made.ftz |= *flag == 'z';
    made.sat |= *flag == 's';
    made.relu |= *flag == 'r';
    made.satfinite |= *flag == 'f';
    made.integer |= *flag == 'i';
  }
  return sim::ptx::convert(bits, made);
}

void flags_of_floats() {
  Conversion to_half = conversion(Type::F16, Type::F32), to_bfloat = conversion(Type::BF16, Type::F32);
  CHECK(once(of(-1.0f), to_half, "r") == 0 && once(of(-0.0f), to_half, "r") == 0);
  CHECK(once(of(2.0f), to_half, "r") == 0x4000);
  CHECK(once(of(NAN), to_half, "r") == 0x7fff && once(of(-NAN), to_bfloat, "f") == 0x7fff);
  CHECK(once(of(1e6f), to_half, "f") == 0x7bff && once(of(-INFINITY), to_half, "f") == 0xfbff);
  CHECK(once(of(INFINITY), to_bfloat, "f") == 0x7f7f && once(of(-3.0f), to_half, "s") == 0);
  CHECK(once(of(NAN), to_half, "s") == 0 && once(of(7.0f), to_half, "s") == 0x3c00);
  Conversion to_tensor = conversion(Type::TF32, Type::F32, Rounding::RNA);
  CHECK(once(of(NAN), to_tensor, "") == 0x7fffffff && once(of(-INFINITY), to_tensor, "") == 0xff800000);
  CHECK(once(of(INFINITY), to_tensor, "f") == 0x7f7fe000 && once(of(-1.0f), to_tensor, "r") == 0);
  Conversion same = conversion(Type::F32, Type::F32), narrow = conversion(Type::F32, Type::F64);
  CHECK(once(of(-1e-40f), same, "z") == 0x80000000 && once(of(1e-40f), same, "") == of(1e-40f));
  CHECK(once(of(-1e-40), narrow, "z") == 0x80000000 && once(of(-1e-40), narrow, "") == of(float(-1e-40)));
  CHECK(once(of(double(NAN)), narrow, "") == 0x7fffffff && once(of(-0.5), narrow, "s") == 0);
  CHECK(once(of(0x1.fffffffp127), narrow, "") == of(INFINITY));
  CHECK(once(of(-1e-40f), conversion(Type::F64, Type::F32), "z") == of(-0.0));
  CHECK(once(of(2.5f), same, "i") == of(2.0f) && once(of(-0.4f), same, "i") == of(-0.0f));
  CHECK(once(of(-2.5f), conversion(Type::F32, Type::F32, Rounding::RM), "i") == of(-3.0f));
  CHECK(once(of(1e-40f), conversion(Type::F32, Type::F32, Rounding::RP), "i") == of(1.0f));
  CHECK(once(of(1e-40f), conversion(Type::F32, Type::F32, Rounding::RP), "iz") == 0);
  CHECK(once(of(2.5), conversion(Type::F64, Type::F64, Rounding::RZ), "i") == of(2.0));
  CHECK(once(of(1e-310), conversion(Type::F64, Type::F64), "s") == of(1e-310));
  Conversion pair = conversion(Type::F16X2, Type::F32, Rounding::RZ);
  CHECK(sim::ptx::convert_pair(1, 2.9999f, pair) == 0x3c0041ff);
  pair = conversion(Type::BF16X2, Type::F32);
  CHECK(sim::ptx::convert_pair(-1, 2, pair) == 0xbf804000);
  // Bits above the type are not looked at.
  CHECK(once(0xabcd3c00, conversion(Type::F32, Type::F16), "") == of(1.0f));
}

template <typename T> struct Named;
template <> struct Named<uint8_t> { static constexpr Type TYPE = Type::U8; };
template <> struct Named<uint16_t> { static constexpr Type TYPE = Type::U16; };
template <> struct Named<uint32_t> { static constexpr Type TYPE = Type::U32; };
template <> struct Named<uint64_t> { static constexpr Type TYPE = Type::U64; };
template <> struct Named<int8_t> { static constexpr Type TYPE = Type::S8; };
template <> struct Named<int16_t> { static constexpr Type TYPE = Type::S16; };
template <> struct Named<int32_t> { static constexpr Type TYPE = Type::S32; };
template <> struct Named<int64_t> { static constexpr Type TYPE = Type::S64; };

template <typename T>
uint64_t extended(T value) {
  return std::is_signed_v<T> ? uint64_t(int64_t(value)) : uint64_t(value);
}

template <typename T>
T nearest_of(long double whole) {
  using Limits = std::numeric_limits<T>;
  return whole >= (long double)(Limits::max()) ? Limits::max() : whole <= (long double)(Limits::min()) ? Limits::min()
                                                                                                       : T(whole);
}

const uint64_t EDGES[] = {0, 1, 2, 0x7f, 0x80, 0x81, 0xff, 0x100, 0x7fff, 0x8000, 0x8001, 0xffff, 0x10000, 0x7fffffff,
                          0x80000000, 0x80000001, 0xffffffff, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000,
                          0x8000000000000001, 0xffffffffffffffff, 0xffffffffffffff80, 0xffffffffffff7fff,
                          0x1000001, 0x1000003, 0x20000000000001, 0x123456789abcdef1, 0xfedcba9876543210};

template <typename To, typename From>
bool casts() {
  bool right = true;
  for (uint64_t bits : EDGES) {
    From from = From(bits);
    Conversion made = conversion(Named<To>::TYPE, Named<From>::TYPE, Rounding::NONE);
    right = right && once(bits, made, "") == extended(To(from));
    right = right && once(bits, made, "s") == extended(nearest_of<To>(from));
  }
  return right;
}

double half_way(Rounding way, double value) {
  switch (way) {
    case Rounding::RZ: return std::trunc(value);
    case Rounding::RM: return std::floor(value);
    case Rounding::RP: return std::ceil(value);
    default: return std::rint(value);
  }
}

// From floats at the ends of the range and between two integers, and to floats, of which the closest is sought.
template <typename T>
bool to_and_from_floats() {
  bool right = true;
  std::vector<double> values = {0.5, 1.5, 2.5, 0.1, 1e-45, 1e-310, 1e9, 1e19, 2e19, 1e30, INFINITY};
  for (int power : {7, 8, 15, 16, 31, 32, 63, 64}) {
    double end = std::ldexp(1, power);
    values.insert(values.end(), {end, std::nextafter(end, 0), std::nextafter(end, INFINITY), end - 0.5, end + 0.5,
                                 end - 1, end + 1, end - 1.5, double(std::nextafter(float(end), 0.0f))});
  }
  for (double magnitude : values) {
    for (double value : {magnitude, -magnitude}) {
      for (Rounding way : {Rounding::RN, Rounding::RZ, Rounding::RM, Rounding::RP}) {
        uint64_t expected = extended(nearest_of<T>(half_way(way, value)));
        uint64_t of_float = extended(nearest_of<T>(half_way(way, float(value))));
        right = right && once(of(value), conversion(Named<T>::TYPE, Type::F64, way), "i") == expected;
        right = right && once(of(float(value)), conversion(Named<T>::TYPE, Type::F32, way), "i") == of_float;
      }
    }
  }
  for (uint64_t bits : EDGES) {
    T from = T(bits);
    Conversion to_float = conversion(Type::F32, Named<T>::TYPE), to_double = conversion(Type::F64, Named<T>::TYPE);
    right = right && once(bits, to_float, "") == of(float(from)) && once(bits, to_double, "") == of(double(from));
    right = right && once(bits, to_float, "s") == of(from > 0 ? 1.0f : 0.0f);
    right = right && once(bits, conversion(Type::F16, Named<T>::TYPE), "") == sim::ptx::half_bits(double(from));
    to_float.rounding = Rounding::RM;
    float below = as<float>(uint32_t(once(bits, to_float, "")));
    right = right && below <= (long double)(from) && (long double)(from) < std::nextafter(below, INFINITY);
    to_double.rounding = Rounding::RP;
    double above = as<double>(once(bits, to_double, ""));
    right = right && above >= (long double)(from) && (long double)(from) > std::nextafter(above, -INFINITY);
  }
  return right;
}

template <typename... Ts>
struct Types {
  template <typename To>
  static bool all_to() {
    return (casts<To, Ts>() && ...);
  }
  static bool all() { return (all_to<Ts>() && ...); }
  static bool all_floats() { return (to_and_from_floats<Ts>() && ...); }
};
using Integers = Types<uint8_t, uint16_t, uint32_t, uint64_t, int8_t, int16_t, int32_t, int64_t>;

void integers() {
  CHECK(Integers::all());
  CHECK(Integers::all_floats());
  // NaN is 0, but where a double or an integer of 64 bits has a part it is the highest bit.
  uint64_t single = of(NAN), highest = uint64_t(1) << 63;
  CHECK(once(single, conversion(Type::S32, Type::F32, Rounding::RZ), "i") == 0);
  CHECK(once(0x7fff, conversion(Type::U8, Type::F16, Rounding::RZ), "i") == 0);
  CHECK(once(single, conversion(Type::S64, Type::F32, Rounding::RZ), "i") == highest);
  CHECK(once(single, conversion(Type::U64, Type::F32, Rounding::RZ), "i") == highest);
  CHECK(once(of(double(NAN)), conversion(Type::U32, Type::F64, Rounding::RZ), "i") == 0x80000000);
  CHECK(once(of(double(NAN)), conversion(Type::S16, Type::F64, Rounding::RZ), "i") == 0xffffffffffff8000);
  CHECK(once(of(1e-40f), conversion(Type::S32, Type::F32, Rounding::RP), "i") == 1);
  CHECK(once(of(1e-40f), conversion(Type::S32, Type::F32, Rounding::RP), "iz") == 0);
}

void any_floats() {
  std::mt19937_64 random(4);
  bool right = true;
  for (int i = 0; i < 200'000; i++) {
    double value = as<double>(random());
    float expected = float(value);
    uint64_t bits = sim::ptx::convert(of(value), conversion(Type::F32, Type::F64));
    right = right && bits == (std::isnan(expected) ? 0x7fffffff : of(expected));
    float single = as<float>(uint32_t(random()));
    bits = sim::ptx::convert(of(single), conversion(Type::F64, Type::F32));
    right = right && (std::isnan(single) ? std::isnan(as<double>(bits)) : bits == of(double(single)));
  }
  CHECK(right);
}

}

void test_ptx_conversions() {
  small_floats();
  eight_bits();
  flags_of_floats();
  integers();
  any_floats();
}
