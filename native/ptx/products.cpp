// The products of mma.sync: all shapes and types of the PTX ISA but single bits, sparse matrices, scaled blocks, and
// Volta's m8n8k4.
#include <algorithm>
#include <vector>

#include "ptx/formats.h"
#include "ptx/matrices.h"

namespace sim::ptx {

namespace {

template <const Format& format>
struct FloatElement {
  static constexpr int BITS = 1 + format.exponent_bits + format.mantissa_bits;

  static double value(uint64_t bits) { return value_of(bits, format); }
};

// The lowest 13 bits of its register take no part.
struct TensorElement {
  static constexpr int BITS = 32;

  static double value(uint64_t bits) { return FloatSums::value(bits & 0xffffe000, 0); }
};

struct DoubleElement {
  static constexpr int BITS = 64;

  static double value(uint64_t bits) { return as_double(bits); }
};

template <int Bits, bool Signed>
struct IntegerElement {
  static constexpr int BITS = Bits;

  static int64_t value(uint64_t bits) {
    return Signed ? int64_t(bits << (64 - Bits)) >> (64 - Bits) : int64_t(bits & ((1 << Bits) - 1));
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
struct ElementOf;
template <> struct ElementOf<Type::F16> : FloatElement<HALF> {};
template <> struct ElementOf<Type::BF16> : Bf16Element {};
template <> struct ElementOf<Type::TF32> : TensorElement {};
template <> struct ElementOf<Type::F64> : DoubleElement {};
template <> struct ElementOf<Type::E4M3> : FloatElement<E4M3_FORMAT> {};
template <> struct ElementOf<Type::E5M2> : FloatElement<E5M2_FORMAT> {};
template <> struct ElementOf<Type::S8> : IntegerElement<8, true> {};
template <> struct ElementOf<Type::U8> : IntegerElement<8, false> {};
template <> struct ElementOf<Type::S4> : IntegerElement<4, true> {};
template <> struct ElementOf<Type::U4> : IntegerElement<4, false> {};

template <Type type>
struct SumsOf;
template <> struct SumsOf<Type::F16> : HalfSums {};
template <> struct SumsOf<Type::F32> : FloatSums {};
template <> struct SumsOf<Type::F64> : DoubleSums {};
template <> struct SumsOf<Type::S32> : IntegerSums {};

struct Known {
  int m, k;
  Type a, b, sums;
  Multiply multiply;
};

class Table {
 public:
  Table() {
    // "Matrix Fragments for mma.m16n8k4", "mma.m16n8k8" and "mma.m16n8k16 with floating point type".
    add<16, 8, Type::F16, Type::F16, Type::F16>();
    add<16, 8, Type::F16, Type::F16, Type::F32>();
    add<16, 16, Type::F16, Type::F16, Type::F16>();
    add<16, 16, Type::F16, Type::F16, Type::F32>();
    add<16, 8, Type::BF16, Type::BF16, Type::F32>();
    add<16, 16, Type::BF16, Type::BF16, Type::F32>();
    add<16, 4, Type::TF32, Type::TF32, Type::F32>();
    add<16, 8, Type::TF32, Type::TF32, Type::F32>();
    // Those, and "Matrix Fragments for mma.m8n8k4 with .f64 floating point type".
    add<8, 4, Type::F64, Type::F64, Type::F64>();
    add<16, 4, Type::F64, Type::F64, Type::F64>();
    add<16, 8, Type::F64, Type::F64, Type::F64>();
    add<16, 16, Type::F64, Type::F64, Type::F64>();
    // "Matrix Fragments for mma.m8n8k16", "mma.m16n8k16 with integer type" and "mma.m16n8k32".
    add_pairs<8, 16, Type::S8, Type::U8, Type::S32>();
    add_pairs<16, 16, Type::S8, Type::U8, Type::S32>();
    add_pairs<16, 32, Type::S8, Type::U8, Type::S32>();
    add_pairs<16, 16, Type::E4M3, Type::E5M2, Type::F16>();
    add_pairs<16, 16, Type::E4M3, Type::E5M2, Type::F32>();
    add_pairs<16, 32, Type::E4M3, Type::E5M2, Type::F16>();
    add_pairs<16, 32, Type::E4M3, Type::E5M2, Type::F32>();
    // "Matrix Fragments for mma.m8n8k32", "mma.m16n8k32" and "mma.m16n8k64".
    add_pairs<8, 32, Type::S4, Type::U4, Type::S32>();
    add_pairs<16, 32, Type::S4, Type::U4, Type::S32>();
    add_pairs<16, 64, Type::S4, Type::U4, Type::S32>();
  }

  Multiply find(const Product& product) const {
    for (const Known& known : all_) {
      if (known.m == product.m && known.k == product.k && product.n == 8 && known.a == product.a &&
          known.b == product.b && known.sums == product.c && known.sums == product.d) {
        return known.multiply;
      }
    }
    return nullptr;
  }

 private:
  template <int M, int K, Type a, Type b, Type sums>
  void add() {
    all_.push_back({M, K, a, b, sums, multiply_fragments<ElementOf<a>, ElementOf<b>, SumsOf<sums>, M, K>});
  }

  template <int M, int K, Type one, Type other, Type sums>
  void add_pairs() {
    add<M, K, one, one, sums>();
    add<M, K, one, other, sums>();
    add<M, K, other, one, sums>();
    add<M, K, other, other, sums>();
  }

  std::vector<Known> all_;
};

}

bool know(Product& product, std::string& why) {
  static const Table table;
  product.multiply = table.find(product);
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
