// The products of mma.sync: all shapes and types of the PTX ISA but single bits, sparse matrices, scaled blocks, and
// Volta's m8n8k4.
#include <algorithm>
#include <vector>

#include "ptx/instructions/matrices.h"
#include "ptx/numbers/formats.h"

namespace sim::ptx {

namespace {

template <Type type>
struct Element {
  static constexpr int BITS = bits_of(type);

  static auto value(uint64_t bits) {
    if constexpr (type == Type::F64) {
      return as_double(bits);
    } else if constexpr (type == Type::TF32) {
      // The lowest 13 bits of a tf32 register are ignored.
      return FloatSums::value(bits & 0xffffe000, 0);
    } else if constexpr (type == Type::S8 || type == Type::S4) {
      return int64_t(bits << (64 - BITS)) >> (64 - BITS);
    } else if constexpr (type == Type::U8 || type == Type::U4) {
      return int64_t(bits & ((1 << BITS) - 1));
    } else if constexpr (type == Type::BF16) {
      return Bf16Element::value(bits);
    } else {
      return value_of(bits, format_of(type));
    }
  }
};

struct HalfSums : PlainSums<double> {
  static constexpr int PER_REGISTER = 2;

  static double value(uint64_t bits, int which) { return half_value(uint16_t(bits >> 16 * which)); }
  static uint64_t bits(double sum, bool) { return half_bits(sum); }
};

// As fma.rn.f64 does.
struct DoubleSums {
  using Number = double;
  static constexpr int PER_REGISTER = 1;

  static double value(uint64_t bits, int) { return as_double(bits); }
  static uint64_t bits(double sum, bool) { return bits_as(sum); }

  template <typename Two>
  static Two add(Two sum, Two a, Two b) {
    return Two{std::fma(a[0], b[0], sum[0]), std::fma(a[1], b[1], sum[1])};
  }
};

struct IntegerSums : PlainSums<int64_t> {
  static constexpr int PER_REGISTER = 1;

  static int64_t value(uint64_t bits, int) { return int32_t(bits); }
  static uint64_t bits(int64_t sum, bool saturate) {
    return uint32_t(saturate ? std::clamp<int64_t>(sum, INT32_MIN, INT32_MAX) : sum);
  }
};

template <Type type>
struct SumsOf;
template <> struct SumsOf<Type::F16> : HalfSums {};
template <> struct SumsOf<Type::F32> : FloatSums {};
template <> struct SumsOf<Type::F64> : DoubleSums {};
template <> struct SumsOf<Type::S32> : IntegerSums {};

struct Simulated {
  int m, k;
  Type a, b, sums;
  Multiply multiply;
};

template <int M, int K, Type sums, Type a, Type b = a>
constexpr Simulated PRODUCT = {M, K, a, b, sums,
                               multiply_fragments<Element<a>, Element<b>, SumsOf<sums>, M, K>};

// Each operand has one of two types.
template <int M, int K, Type sums, Type one, Type other>
void add_pairs(std::vector<Simulated>& all) {
  all.insert(all.end(), {PRODUCT<M, K, sums, one>, PRODUCT<M, K, sums, one, other>, PRODUCT<M, K, sums, other, one>,
                         PRODUCT<M, K, sums, other>});
}

std::vector<Simulated> all_products() {
  std::vector<Simulated> all = {
      // "Matrix Fragments for mma.m16n8k4", "mma.m16n8k8" and "mma.m16n8k16 with floating point type".
      PRODUCT<16, 8, Type::F16, Type::F16>, PRODUCT<16, 8, Type::F32, Type::F16>,
      PRODUCT<16, 16, Type::F16, Type::F16>, PRODUCT<16, 16, Type::F32, Type::F16>,
      PRODUCT<16, 8, Type::F32, Type::BF16>, PRODUCT<16, 16, Type::F32, Type::BF16>,
      PRODUCT<16, 4, Type::F32, Type::TF32>, PRODUCT<16, 8, Type::F32, Type::TF32>,
      // Those, and "Matrix Fragments for mma.m8n8k4 with .f64 floating point type".
      PRODUCT<8, 4, Type::F64, Type::F64>, PRODUCT<16, 4, Type::F64, Type::F64>,
      PRODUCT<16, 8, Type::F64, Type::F64>, PRODUCT<16, 16, Type::F64, Type::F64>};
  // "Matrix Fragments for mma.m8n8k16", "mma.m16n8k16 with integer type" and "mma.m16n8k32".
  add_pairs<8, 16, Type::S32, Type::S8, Type::U8>(all);
  add_pairs<16, 16, Type::S32, Type::S8, Type::U8>(all);
  add_pairs<16, 32, Type::S32, Type::S8, Type::U8>(all);
  add_pairs<16, 16, Type::F16, Type::E4M3, Type::E5M2>(all);
  add_pairs<16, 16, Type::F32, Type::E4M3, Type::E5M2>(all);
  add_pairs<16, 32, Type::F16, Type::E4M3, Type::E5M2>(all);
  add_pairs<16, 32, Type::F32, Type::E4M3, Type::E5M2>(all);
  // "Matrix Fragments for mma.m8n8k32", "mma.m16n8k32" and "mma.m16n8k64".
  add_pairs<8, 32, Type::S32, Type::S4, Type::U4>(all);
  add_pairs<16, 32, Type::S32, Type::S4, Type::U4>(all);
  add_pairs<16, 64, Type::S32, Type::S4, Type::U4>(all);
  return all;
}

}

bool know(Product& product, std::string& why) {
  static const std::vector<Simulated> all = all_products();
  auto known = std::find_if(all.begin(), all.end(), [&](const Simulated& one) {
    return one.m == product.m && one.k == product.k && product.n == 8 && one.a == product.a && one.b == product.b &&
           one.sums == product.c && one.sums == product.d;
  });
  product.multiply = known == all.end() ? nullptr : known->multiply;
  bool saturates_floats = product.saturate && product.d != Type::S32;
  if (!product.multiply || saturates_floats) {
    why = "mma.m" + std::to_string(product.m) + "n" + std::to_string(product.n) + "k" + std::to_string(product.k) +
          (saturates_floats ? ".satfinite" : "");
    for (Type type : {product.d, product.a, product.b, product.c}) {
      why += std::string(".") + name_of(type);
    }
    why += " is not simulated";
    return false;
  }
  int each = std::max(1, 32 / bits_of(product.a));
  product.a_registers = product.m * product.k / 32 / each;
  product.b_registers = product.n * product.k / 32 / each;
  product.c_registers = product.d_registers = product.m * product.n / 32 / (product.d == Type::F16 ? 2 : 1);
  return true;
}

}
