// Steps of register operations, built from functions on values, and the decoding of their operands.
#pragma once
#include <tuple>
#include <type_traits>
#include <utility>

#include "ptx/instructions.h"
#include "ptx/run.h"

namespace sim::ptx {

inline const Instruction* do_nothing(const Instruction& i, Run& run) {
  return after(i, run);
}

template <>
inline bool get<bool>(const Run& run, Slot slot) {
  return is_set(run, slot);
}

template <typename T>
struct Of {
  using type = T;
};

template <Type... types>
struct Types {};
using Integers = Types<Type::U16, Type::U32, Type::U64, Type::S16, Type::S32, Type::S64>;
using Words = Types<Type::U32, Type::U64, Type::S32, Type::S64>;
using Signed = Types<Type::S16, Type::S32, Type::S64>;
using Bits = Types<Type::B16, Type::B32, Type::B64>;
using Halves = Types<Type::F16, Type::F16X2, Type::BF16, Type::BF16X2>;
using Floats = Types<Type::F32, Type::F64>;

// One or two floats of 16 bits.
template <Type type, typename Bits>
struct Small {
  static constexpr Type TYPE = type;
  Bits bits;

  static double value(uint16_t bits, bool flushes = false) {
    double value = type == Type::F16 ? half_value(bits) : bf16_value(bits);
    bool subnormal = std::fabs(value) < (type == Type::F16 ? 0x1p-14 : 0x1p-126);
    return flushes && subnormal ? std::copysign(0.0, value) : value;
  }
  static uint16_t rounded(double value) { return type == Type::F16 ? half_bits(value) : bf16_bits(value); }
};

// Applies a function to the bits of each element.
template <typename Apply, typename T, typename... Others>
T with_each(Apply apply, T first, Others... others) {
  T result{apply(uint16_t(first.bits), uint16_t(others.bits)...)};
  if constexpr (sizeof(T) == 4) {
    result.bits |= uint32_t(apply(uint16_t(first.bits >> 16), uint16_t(others.bits >> 16)...)) << 16;
  }
  return result;
}

// The values of types in C++, in their order.
using Values =
    std::tuple<void, bool, uint8_t, uint16_t, uint32_t, uint64_t, void, uint8_t, uint16_t, uint32_t, uint64_t, int8_t,
               int16_t, int32_t, int64_t, Small<Type::F16, uint16_t>, Small<Type::F16, uint32_t>,
               Small<Type::BF16, uint16_t>, Small<Type::BF16, uint32_t>, uint32_t, float, double>;
template <Type type>
using ValueOf = std::tuple_element_t<size_t(type), Values>;
static_assert(std::is_same_v<ValueOf<Type::F64>, double>);

// Calls `make` with the C++ type of a type in the list, as Of<uint32_t>; null for other types.
template <Type... types, typename Make>
Step with_type(Types<types...>, Type type, Make make) {
  Step step = nullptr;
  ((type == types ? void(step = make(Of<ValueOf<types>>())) : void()), ...);
  return step;
}

// The same for any type in memory, with an unsigned type of as many bits.
template <typename Make>
Step with_bits(Type type, Make make) {
  switch (is_in_memory(type) ? bits_of(type) : 0) {
    case 8: return make(Of<uint8_t>());
    case 16: return make(Of<uint16_t>());
    case 32: return make(Of<uint32_t>());
    case 64: return make(Of<uint64_t>());
    default: return nullptr;
  }
}

// The sources: a, b, c, and then others.
template <size_t k>
inline Slot source_of(const Instruction& i) {
  if constexpr (k == 0) {
    return i.a;
  } else if constexpr (k == 1) {
    return i.b;
  } else if constexpr (k == 2) {
    return i.c;
  } else {
    return i.more[k - 3];
  }
}

// An operation is a lambda from values to a value of the result's type.
template <const auto& operation, typename Places, typename... From>
struct Computation;
template <const auto& operation, size_t... k, typename... From>
struct Computation<operation, std::index_sequence<k...>, From...> {
  static const Instruction* step(const Instruction& i, Run& run) {
    put(run, i.to, operation(get<From>(run, source_of<k>(i))...));
    return after(i, run);
  }
  // The operation also takes the instruction's detail, as its first argument.
  static const Instruction* step_by_detail(const Instruction& i, Run& run) {
    put(run, i.to, operation(i.detail, get<From>(run, source_of<k>(i))...));
    return after(i, run);
  }
};
template <const auto& operation, typename... From>
constexpr Step compute = Computation<operation, std::index_sequence_for<From...>, From...>::step;
template <const auto& operation, typename... From>
constexpr Step compute_by_detail = Computation<operation, std::index_sequence_for<From...>, From...>::step_by_detail;

// The type of a register that holds such a value.
template <typename T>
constexpr Type type_holding() {
  constexpr bool is_signed = std::is_signed_v<T>;
  return std::is_same_v<T, bool>          ? Type::PRED
         : std::is_floating_point_v<T> ? sizeof(T) == 4 ? Type::F32 : Type::F64
         : sizeof(T) == 2              ? is_signed ? Type::S16 : Type::U16
         : sizeof(T) == 4              ? is_signed ? Type::S32 : Type::U32
                                       : is_signed ? Type::S64 : Type::U64;
}

// Decodes an operation whose name gives its types.
template <const auto& operation, typename... From>
Step decode_of(Statement& s) {
  using To = decltype(operation(From()...));
  s.take_operands(type_holding<To>(), {type_holding<From>()...});
  return compute<operation, From...>;
}

// Stands for the type of the instruction.
struct Own {};
template <typename From, typename T>
using Chosen = std::conditional_t<std::is_same_v<From, Own>, T, From>;

// Decodes an operation on values of one type from a list, and perhaps of other types.
template <typename List, bool by_detail, const auto& operation, typename... From>
Step decode_values(Statement& s) {
  Type type = s.want_type();
  auto take = [&](bool gives_own, Type given) {
    s.take_operands(gives_own ? type : given, {(std::is_same_v<From, Own> ? type : type_holding<From>())...});
  };
  return with_type(List(), type, [&](auto of) {
    using T = typename decltype(of)::type;
    if constexpr (by_detail) {
      using To = decltype(operation(uint8_t(), Chosen<From, T>()...));
      take(std::is_same_v<To, T>, type_holding<To>());
      return compute_by_detail<operation, Chosen<From, T>...>;
    } else {
      using To = decltype(operation(Chosen<From, T>()...));
      take(std::is_same_v<To, T>, type_holding<To>());
      return compute<operation, Chosen<From, T>...>;
    }
  });
}
template <typename List, const auto& operation, typename... From>
constexpr Decode decode_by = decode_values<List, false, operation, From...>;
template <typename List, const auto& operation, typename... From>
constexpr Decode decode_by_detail = decode_values<List, true, operation, From...>;
template <typename List, const auto& operation>
constexpr Decode decode_one = decode_by<List, operation, Own>;
template <typename List, const auto& operation>
constexpr Decode decode_two = decode_by<List, operation, Own, Own>;
template <typename List, const auto& operation>
constexpr Decode decode_three = decode_by<List, operation, Own, Own, Own>;

// Operations of several families. Sums and products wrap around, which C++ guarantees only for unsigned numbers that
// are not promoted.
template <typename T>
auto wrapping(T value) {
  return std::conditional_t<(sizeof(T) < 8), uint32_t, uint64_t>(value);
}

constexpr auto WRAPPED_SUM = [](auto a, auto b) { return decltype(a)(wrapping(a) + wrapping(b)); };
constexpr auto LEAST = [](auto a, auto b) { return a < b ? a : b; };
constexpr auto MOST = [](auto a, auto b) { return a < b ? b : a; };
constexpr auto AND = [](auto a, auto b) { return decltype(a)(a & b); };
constexpr auto OR = [](auto a, auto b) { return decltype(a)(a | b); };
constexpr auto XOR = [](auto a, auto b) { return decltype(a)(a ^ b); };

}
