// Steps of operations on registers, made from what they do with values.
#pragma once
#include <type_traits>

#include "ptx/run.h"

namespace sim::ptx {

inline const Instruction* do_nothing(const Instruction& i, Run&) {
  return &i + 1;
}

template <typename T>
struct Of {
  using type = T;
};

// The operation is a type with a function "apply".
template <typename Operation, typename To, typename A>
const Instruction* unary(const Instruction& i, Run& run) {
  put<To>(run, i.to, Operation::apply(get<A>(run, i.a)));
  return &i + 1;
}

template <typename Operation, typename To, typename A, typename B = A>
const Instruction* binary(const Instruction& i, Run& run) {
  put<To>(run, i.to, Operation::apply(get<A>(run, i.a), get<B>(run, i.b)));
  return &i + 1;
}

template <typename Operation, typename To, typename A, typename B = A, typename C = A>
const Instruction* ternary(const Instruction& i, Run& run) {
  put<To>(run, i.to, Operation::apply(get<A>(run, i.a), get<B>(run, i.b), get<C>(run, i.c)));
  return &i + 1;
}

// Calls something with the type of an integer type of PTX, as Of<uint32_t>; null for others.
template <typename Make>
Step with_integer(Type type, Make make) {
  switch (type) {
    case Type::U16: return make(Of<uint16_t>());
    case Type::U32: return make(Of<uint32_t>());
    case Type::U64: return make(Of<uint64_t>());
    case Type::S16: return make(Of<int16_t>());
    case Type::S32: return make(Of<int32_t>());
    case Type::S64: return make(Of<int64_t>());
    default: return nullptr;
  }
}

template <typename Make>
Step with_bits(Type type, Make make) {
  switch (type) {
    case Type::B8:
    case Type::U8:
    case Type::S8: return make(Of<uint8_t>());
    case Type::B16:
    case Type::U16:
    case Type::S16:
    case Type::F16:
    case Type::BF16: return make(Of<uint16_t>());
    case Type::B32:
    case Type::U32:
    case Type::S32:
    case Type::F16X2:
    case Type::BF16X2:
    case Type::F32: return make(Of<uint32_t>());
    case Type::B64:
    case Type::U64:
    case Type::S64:
    case Type::F64: return make(Of<uint64_t>());
    default: return nullptr;
  }
}

}
