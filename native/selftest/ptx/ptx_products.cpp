// The products of mma.sync, of every shape and type, held to plain loops. Where each element lies is written here as
// the formulas of the PTX ISA have it, element by element, under "Matrix Fragments for mma.mMnNkK".
#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "ptx/instructions/matrices.h"
#include "selftest/harness.h"

namespace {

using sim::ptx::Product;
using sim::ptx::Type;

struct Place {
  int row, column;
};
// Of element i of a lane's fragment: g is its group, and t its place in that.
using Find = Place (*)(int i, int g, int t);

struct Shape {
  int m, k, bits;
  Find of_a, of_b;
};

const Shape SHAPES[] = {
    // Doubles and tf32.
    {8, 4, 64, [](int, int g, int t) { return Place{g, t}; }, [](int, int g, int t) { return Place{t, g}; }},
    {16, 4, 64, [](int i, int g, int t) { return Place{i == 0 ? g : g + 8, t}; },
     [](int, int g, int t) { return Place{t, g}; }},
    {16, 8, 64, [](int i, int g, int t) { return Place{i == 0 || i == 2 ? g : g + 8, i < 2 ? t : t + 4}; },
     [](int i, int g, int t) { return Place{i == 0 ? t : t + 4, g}; }},
    {16, 16, 64, [](int i, int g, int t) { return Place{i % 2 == 0 ? g : g + 8, i / 2 * 4 + t}; },
     [](int i, int g, int t) { return Place{i * 4 + t, g}; }},
    {16, 4, 32, [](int i, int g, int t) { return Place{i == 0 ? g : g + 8, t}; },
     [](int, int g, int t) { return Place{t, g}; }},
    {16, 8, 32, [](int i, int g, int t) { return Place{i == 0 || i == 2 ? g : g + 8, i < 2 ? t : t + 4}; },
     [](int i, int g, int t) { return Place{i == 0 ? t : t + 4, g}; }},
    // 16, 8 and 4 bits.
    {16, 8, 16, [](int i, int g, int t) { return Place{i < 2 ? g : g + 8, t * 2 + (i & 1)}; },
     [](int i, int g, int t) { return Place{t * 2 + i, g}; }},
    {16, 16, 16,
     [](int i, int g, int t) {
       return Place{i < 2 || (4 <= i && i < 6) ? g : g + 8, t * 2 + (i & 1) + (i >= 4 ? 8 : 0)};
     },
     [](int i, int g, int t) { return Place{t * 2 + (i & 1) + (i >= 2 ? 8 : 0), g}; }},
    {8, 16, 8, [](int i, int g, int t) { return Place{g, t * 4 + i}; },
     [](int i, int g, int t) { return Place{t * 4 + i, g}; }},
    {16, 16, 8, [](int i, int g, int t) { return Place{i < 4 ? g : g + 8, t * 4 + (i & 3)}; },
     [](int i, int g, int t) { return Place{t * 4 + i, g}; }},
    {16, 32, 8,
     [](int i, int g, int t) {
       return Place{i < 4 || (8 <= i && i < 12) ? g : g + 8, t * 4 + (i & 3) + (i >= 8 ? 16 : 0)};
     },
     [](int i, int g, int t) { return Place{t * 4 + (i & 3) + (i >= 4 ? 16 : 0), g}; }},
    {8, 32, 4, [](int i, int g, int t) { return Place{g, t * 8 + i}; },
     [](int i, int g, int t) { return Place{t * 8 + i, g}; }},
    {16, 32, 4, [](int i, int g, int t) { return Place{i < 8 ? g : g + 8, t * 8 + (i & 7)}; },
     [](int i, int g, int t) { return Place{t * 8 + i, g}; }},
    {16, 64, 4,
     [](int i, int g, int t) {
       return Place{i < 8 || (16 <= i && i < 24) ? g : g + 8, t * 8 + (i & 7) + (i >= 16 ? 32 : 0)};
     },
     [](int i, int g, int t) { return Place{t * 8 + (i & 7) + (i >= 8 ? 32 : 0), g}; }}};

Place of_sum(int i, int g, int t) { return {i < 2 ? g : g + 8, t * 2 + (i & 1)}; }

double small_float(uint64_t bits, int exponent_bits, int mantissa_bits) {
  int exponent = int(bits >> mantissa_bits) & ((1 << exponent_bits) - 1);
  int64_t mantissa = int64_t(bits & ((uint64_t(1) << mantissa_bits) - 1));
  int64_t whole = exponent ? mantissa + (int64_t(1) << mantissa_bits) : mantissa;
  double value = std::ldexp(double(whole), std::max(exponent, 1) - (1 << (exponent_bits - 1)) + 1 - mantissa_bits);
  return bits >> (exponent_bits + mantissa_bits) & 1 ? -value : value;
}

int bits_of_element(Type type) { return type == Type::TF32 ? 32 : sim::ptx::bits_of(type); }

double value_of(uint64_t bits, Type type) {
  switch (type) {
    case Type::F16: return small_float(bits, 5, 10);
    case Type::BF16: return small_float(bits, 8, 7);
    case Type::E4M3: return small_float(bits, 4, 3);
    case Type::E5M2: return small_float(bits, 5, 2);
    case Type::TF32: return small_float(bits >> 13, 8, 10);
    case Type::F32: return small_float(bits, 8, 23);
    case Type::F64: return as<double>(bits);
    case Type::S4: return double(int((bits & 15) ^ 8) - 8);
    case Type::S8: return int8_t(bits);
    case Type::S32: return int32_t(bits);
    default: return double(bits & (type == Type::U4 ? 15 : 255));
  }
}

// Any bits of an integer; of a float any mantissa with a middling exponent, and now and then a subnormal number.
uint64_t draw(std::mt19937_64& random, Type type) {
  uint64_t bits = random(), sign = random() % 2, near = random() % 5;
  switch (type) {
    case Type::F16: return sign << 15 | (random() % 8 ? 13 + near : 0) << 10 | bits % 1024;
    case Type::BF16: return sign << 15 | (random() % 8 ? 125 + near : 0) << 7 | bits % 128;
    case Type::E4M3: return sign << 7 | (random() % 8 ? 5 + near : 0) << 3 | bits % 8;
    case Type::E5M2: return sign << 7 | (13 + near) << 2 | bits % 4;
    case Type::TF32: case Type::F32: return sign << 31 | (125 + near) << 23 | bits % 0x800000;
    case Type::F64: return sign << 63 | (1021 + near) << 52 | bits % (uint64_t(1) << 52);
    case Type::S32: return uint32_t(bits);
    default: return bits & (bits_of_element(type) == 4 ? 15 : 255);
  }
}

struct Held {
  uint64_t d[4] = {}, a[8] = {}, b[4] = {}, c[4] = {};
};

void put(uint64_t* registers, int i, int bits, uint64_t element) {
  int each = std::max(1, 32 / bits);
  registers[i / each] |= element << i % each * bits % 64;
}

uint64_t get(const uint64_t* registers, int i, int bits) {
  int each = std::max(1, 32 / bits);
  return bits == 16 ? registers[i / each] >> i % each * bits & 0xffff : registers[i];
}

bool is_integer(Type type) { return !sim::ptx::is_float(type); }

// The exact sum, rounded to the type of the result, unless that is an integer.
bool is_result(uint64_t bits, double sum, Type type, bool saturate) {
  if (is_integer(type)) {
    double limited = std::fmin(std::fmax(sum, -0x1p31), 0x1p31 - 1);
    return bits == (saturate ? uint32_t(int32_t(limited)) : uint32_t(int64_t(sum)));
  }
  int exponent;
  std::frexp(sum, &exponent);
  int step = std::max(exponent, -13) - 11;
  return type == Type::F16   ? value_of(bits, type) == std::ldexp(std::nearbyint(std::ldexp(sum, -step)), step)
         : type == Type::F32 ? value_of(bits, type) == float(sum)
                             : value_of(bits, type) == sum;
}

bool holds(const Shape& shape, Type a, Type b, Type sums, bool saturate, bool in_place) {
  Product product;
  product.m = shape.m, product.n = 8, product.k = shape.k;
  product.a = a, product.b = b, product.c = product.d = sums;
  product.saturate = saturate;
  std::string why;
  const int of_a = shape.m * shape.k / 32, of_b = shape.k / 4, of_c = shape.m / 4, bits = shape.bits;
  const int sum_bits = sim::ptx::bits_of(sums);
  if (!sim::ptx::know(product, why) || product.a_registers * std::max(32, bits) != of_a * bits ||
      product.b_registers * std::max(32, bits) != of_b * bits || product.c_registers != product.d_registers ||
      product.c_registers * std::max(32, sum_bits) != of_c * sum_bits) {
    return false;
  }
  std::mt19937_64 random(shape.k * 7 + int(a));
  Held lanes[32];
  double left[16][64], right[64][8], sum[16][8];
  sim::Fragments fragments[32];
  const sim::Fragments* each[32];
  for (int lane = 0; lane < 32; lane++) {
    Held& held = lanes[lane];
    int g = lane / 4, t = lane % 4;
    for (int i = 0; i < of_a; i++) {
      uint64_t drawn = draw(random, a);
      Place place = shape.of_a(i, g, t);
      left[place.row][place.column] = value_of(drawn, a);
      put(held.a, i, bits, drawn);
    }
    for (int i = 0; i < of_b; i++) {
      uint64_t drawn = draw(random, b);
      Place place = shape.of_b(i, g, t);
      right[place.row][place.column] = value_of(drawn, b);
      put(held.b, i, bits, drawn);
    }
    for (int i = 0; i < of_c; i++) {
      uint64_t drawn = is_integer(sums) && i % 2 ? 0x7ffffff0 + random() % 32 : draw(random, sums);
      Place place = of_sum(i, g, t);
      sum[place.row][place.column] = value_of(drawn, sums);
      put(held.c, i, sum_bits, drawn);
    }
    fragments[lane] = {in_place ? held.c : held.d, held.a, held.b, held.c};
    each[lane] = &fragments[lane];
  }
  product.multiply(each, saturate);
  for (int row = 0; row < shape.m; row++) {
    for (int column = 0; column < 8; column++) {
      for (int k = 0; k < shape.k; k++) {
        double one = left[row][k], other = right[k][column];
        sum[row][column] = a == Type::F64 ? std::fma(one, other, sum[row][column]) : sum[row][column] + one * other;
      }
    }
  }
  bool all = true;
  for (int lane = 0; lane < 32; lane++) {
    for (int i = 0; i < of_c; i++) {
      Place place = of_sum(i, lane / 4, lane % 4);
      all = all && is_result(get(fragments[lane].d, i, sum_bits), sum[place.row][place.column], sums, saturate);
    }
  }
  return all;
}

void products_of(const Shape& shape) {
  auto both_ways = [&](Type a, Type b, Type sums) {
    CHECK(holds(shape, a, b, sums, false, false) && holds(shape, a, b, sums, false, true));
    if (is_integer(a)) {
      CHECK(holds(shape, a, b, sums, true, false));
    }
  };
  auto pairs = [&](Type one, Type other, Type sums) {
    for (Type a : {one, other}) {
      for (Type b : {one, other}) {
        both_ways(a, b, sums);
      }
    }
  };
  switch (shape.bits) {
    case 64: return both_ways(Type::F64, Type::F64, Type::F64);
    case 32: return both_ways(Type::TF32, Type::TF32, Type::F32);
    case 16:
      both_ways(Type::F16, Type::F16, Type::F16);
      both_ways(Type::F16, Type::F16, Type::F32);
      return both_ways(Type::BF16, Type::BF16, Type::F32);
    case 8:
      pairs(Type::S8, Type::U8, Type::S32);
      if (shape.m == 16) {
        pairs(Type::E4M3, Type::E5M2, Type::F16);
        pairs(Type::E4M3, Type::E5M2, Type::F32);
      }
      return;
    default: return pairs(Type::S4, Type::U4, Type::S32);
  }
}

std::string refusal(int m, int k, Type d, Type a, Type c, bool saturate = false) {
  Product product;
  product.m = m, product.n = 8, product.k = k;
  product.a = product.b = a, product.c = c, product.d = d;
  product.saturate = saturate;
  std::string why;
  return sim::ptx::know(product, why) ? "known" : why;
}

}

void test_ptx_products() {
  for (const Shape& shape : SHAPES) {
    products_of(shape);
  }
  CHECK(refusal(16, 16, Type::F32, Type::BF16, Type::F32) == "known");
  CHECK(refusal(8, 4, Type::F32, Type::F16, Type::F32) == "mma.m8n8k4.f32.f16.f16.f32 is not simulated");
  CHECK(refusal(16, 16, Type::F32, Type::F16, Type::F16) == "mma.m16n8k16.f32.f16.f16.f16 is not simulated");
  CHECK(refusal(16, 8, Type::F32, Type::TF32, Type::F32, true) ==
        "mma.m16n8k8.satfinite.f32.tf32.tf32.f32 is not simulated");
}
