// Logic, shifts and other operations on bits (PTX ISA, "Logic and Shift Instructions" and the bit fields of "Integer
// Arithmetic Instructions").
#include <algorithm>

#include "ptx/instructions.h"
#include "ptx/steps.h"

namespace sim::ptx {

namespace {

template <typename T>
struct And {
  static T apply(T a, T b) { return T(a & b); }
};
template <typename T>
struct Or {
  static T apply(T a, T b) { return T(a | b); }
};
template <typename T>
struct ExclusiveOr {
  static T apply(T a, T b) { return T(a ^ b); }
};
template <typename T>
struct Not {
  static T apply(T a) { return T(~a); }
};
template <typename T>
struct IsZero {
  static T apply(T a) { return T(a == 0); }
};

// Shifts take 32 bits, and by the width or more leave zeros, or signs.
template <typename T>
struct ShiftLeft {
  static T apply(T a, uint32_t by) { return by >= 8 * sizeof(T) ? T(0) : T(a << by); }
};
template <typename T>
struct ShiftRight {
  static T apply(T a, uint32_t by) {
    return by >= 8 * sizeof(T) ? std::is_signed_v<T> && a < 0 ? T(-1) : T(0) : T(a >> by);
  }
};

const Instruction* and_predicates(const Instruction& i, Run& run) {
  run.registers[i.to] = is_set(run, i.a) && is_set(run, i.b);
  return &i + 1;
}
const Instruction* or_predicates(const Instruction& i, Run& run) {
  run.registers[i.to] = is_set(run, i.a) || is_set(run, i.b);
  return &i + 1;
}
const Instruction* differ_predicates(const Instruction& i, Run& run) {
  run.registers[i.to] = is_set(run, i.a) != is_set(run, i.b);
  return &i + 1;
}
const Instruction* not_predicate(const Instruction& i, Run& run) {
  run.registers[i.to] = !is_set(run, i.a);
  return &i + 1;
}

template <template <typename> class Operation>
Step decode_logic(Statement& s, Step of_predicates) {
  Type type = s.want_type();
  s.take_operands(type, {type, type});
  if (type == Type::PRED) {
    return of_predicates;
  }
  if (type != Type::B16 && type != Type::B32 && type != Type::B64) {
    return nullptr;
  }
  return with_bits(type, [](auto of) -> Step {
    using T = typename decltype(of)::type;
    return binary<Operation<T>, T, T>;
  });
}

Step decode_and(Statement& s) { return decode_logic<And>(s, and_predicates); }
Step decode_or(Statement& s) { return decode_logic<Or>(s, or_predicates); }
Step decode_xor(Statement& s) { return decode_logic<ExclusiveOr>(s, differ_predicates); }

template <template <typename> class Operation>
Step decode_one(Statement& s, Step of_predicates) {
  Type type = s.want_type();
  s.take_operands(type, {type});
  if (type != Type::PRED && type != Type::B16 && type != Type::B32 && type != Type::B64) {
    return nullptr;
  }
  return type == Type::PRED ? of_predicates : with_bits(type, [](auto of) -> Step {
    using T = typename decltype(of)::type;
    return unary<Operation<T>, T, T>;
  });
}

Step decode_not(Statement& s) { return decode_one<Not>(s, not_predicate); }
Step decode_cnot(Statement& s) { return decode_one<IsZero>(s, nullptr); }

template <template <typename> class Operation>
Step decode_shift(Statement& s) {
  Type type = s.want_type();
  s.take_operands(type, {type, Type::B32});
  switch (type) {
    case Type::S16: return binary<Operation<int16_t>, int16_t, int16_t, uint32_t>;
    case Type::S32: return binary<Operation<int32_t>, int32_t, int32_t, uint32_t>;
    case Type::S64: return binary<Operation<int64_t>, int64_t, int64_t, uint32_t>;
    default: return with_bits(type, [](auto of) -> Step {
      using T = typename decltype(of)::type;
      return binary<Operation<T>, T, T, uint32_t>;
    });
  }
}

// Of the upper word b and the lower a together.
template <bool left, bool wraps>
struct Funnel {
  static uint32_t apply(uint32_t a, uint32_t b, uint32_t by) {
    by = wraps ? by & 31 : std::min(by, 32u);
    uint64_t both = uint64_t(b) << 32 | a;
    return left ? uint32_t(both << by >> 32) : uint32_t(both >> by);
  }
};

Step decode_shf(Statement& s) {
  bool left = s.take_one({"l", "r"}) == "l", wraps = s.take_one({"clamp", "wrap"}) == "wrap";
  s.want_type();
  s.take_operands(Type::B32, {Type::B32, Type::B32, Type::B32});
  return left ? wraps ? ternary<Funnel<true, true>, uint32_t, uint32_t>
                      : ternary<Funnel<true, false>, uint32_t, uint32_t>
              : wraps ? ternary<Funnel<false, true>, uint32_t, uint32_t>
                      : ternary<Funnel<false, false>, uint32_t, uint32_t>;
}

// Bit k of the table is the result for those bits of a, b and c that make k.
const Instruction* look_up(const Instruction& i, Run& run) {
  uint32_t a = get<uint32_t>(run, i.a), b = get<uint32_t>(run, i.b), c = get<uint32_t>(run, i.c), result = 0;
  for (unsigned k = 0; k < 8; k++) {
    if (i.number >> k & 1) {
      result |= (k & 4 ? a : ~a) & (k & 2 ? b : ~b) & (k & 1 ? c : ~c);
    }
  }
  put<uint32_t>(run, i.to, result);
  if (i.more) {
    bool any = result != 0, other = is_set(run, i.more[1]) != (i.size != 0);
    run.registers[i.more[0]] = i.detail ? any && other : any || other;
  }
  return &i + 1;
}

// "lop3.or.b32 d|p, a, b, c, table, q" combines whether d is not 0 with q.
Step decode_lop3(Statement& s) {
  std::string_view combination = s.take_one({"and", "or"});
  s.want_type();
  bool combines = !combination.empty();
  s.want_operands(combines ? 6 : 5);
  const Operand& to = s.at(0);
  s.made.to = s.destination(combines && to.pair ? to.elements[0] : to, Type::B32);
  if (combines) {
    bool negated = false;
    Slot other = s.predicate(5, negated);
    s.made.detail = combination == "and";
    s.made.size = negated;
    s.made.more = s.keep({to.pair ? s.destination(to.elements[1], Type::PRED) : s.scratch(), other});
  }
  s.made.a = s.source(1, Type::B32);
  s.made.b = s.source(2, Type::B32);
  s.made.c = s.source(3, Type::B32);
  s.made.number = s.integer(4);
  return look_up;
}

template <typename T>
struct Population {
  static uint32_t apply(T a) { return uint32_t(__builtin_popcountll(a)); }
};
template <typename T>
struct LeadingZeros {
  static uint32_t apply(T a) { return a == 0 ? 8 * sizeof(T) : uint32_t(__builtin_clzll(a)) - (64 - 8 * sizeof(T)); }
};
template <typename T>
struct Reversed {
  static T apply(T a) {
    T reversed = 0;
    for (size_t i = 0; i < 8 * sizeof(T); i++) {
      reversed |= (a >> i & 1) << (8 * sizeof(T) - 1 - i);
    }
    return reversed;
  }
};

template <template <typename> class Operation, bool same>
Step decode_count(Statement& s) {
  Type type = s.want_type();
  s.take_operands(same ? type : Type::B32, {type});
  return bits_of(type) == 64 ? unary<Operation<uint64_t>, std::conditional_t<same, uint64_t, uint32_t>, uint64_t>
         : bits_of(type) == 32 ? unary<Operation<uint32_t>, uint32_t, uint32_t>
                               : nullptr;
}

// The highest bit that is not the sign's; all bits set if there is none.
template <typename T>
const Instruction* find_highest(const Instruction& i, Run& run) {
  using U = std::make_unsigned_t<T>;
  T value = get<T>(run, i.a);
  U bits = U(value < 0 ? ~value : value);
  uint32_t place = bits == 0 ? ~0u : uint32_t(63 - __builtin_clzll(bits));
  // By .shiftamt the result is how far to shift it to the top.
  put<uint32_t>(run, i.to, i.detail && bits != 0 ? uint32_t(8 * sizeof(T) - 1) - place : place);
  return &i + 1;
}

Step decode_bfind(Statement& s) {
  s.made.detail = s.take("shiftamt");
  Type type = s.want_type();
  s.take_operands(Type::B32, {type});
  switch (type) {
    case Type::U32: return find_highest<uint32_t>;
    case Type::S32: return find_highest<int32_t>;
    case Type::U64: return find_highest<uint64_t>;
    case Type::S64: return find_highest<int64_t>;
    default: return nullptr;
  }
}

template <typename T>
const Instruction* extract_field(const Instruction& i, Run& run) {
  using U = std::make_unsigned_t<T>;
  constexpr unsigned BITS = 8 * sizeof(T);
  U a = get<U>(run, i.a);
  unsigned at = get<uint32_t>(run, i.b) & 0xff, size = get<uint32_t>(run, i.c) & 0xff;
  unsigned end = std::min(at + size, BITS);
  U field = size == 0 || at >= BITS ? 0 : size >= BITS ? U(a >> at) : U(a >> at) & ((U(1) << size) - 1);
  bool negative = std::is_signed_v<T> && size > 0 && (a >> (end - 1) & 1);
  unsigned has = size == 0 ? 0 : at >= BITS ? 0 : std::min(size, BITS - at);
  if (negative) {
    field = has >= BITS ? field : field | (~U(0) << has);
  }
  put<U>(run, i.to, field);
  return &i + 1;
}

Step decode_bfe(Statement& s) {
  Type type = s.want_type();
  s.take_operands(type, {type, Type::B32, Type::B32});
  switch (type) {
    case Type::U32: return extract_field<uint32_t>;
    case Type::S32: return extract_field<int32_t>;
    case Type::U64: return extract_field<uint64_t>;
    case Type::S64: return extract_field<int64_t>;
    default: return nullptr;
  }
}

template <typename T>
const Instruction* insert_field(const Instruction& i, Run& run) {
  constexpr unsigned BITS = 8 * sizeof(T);
  T a = get<T>(run, i.a), b = get<T>(run, i.b);
  unsigned at = get<uint32_t>(run, i.c) & 0xff, size = get<uint32_t>(run, i.more[0]) & 0xff;
  T mask = size == 0 || at >= BITS ? 0 : T((size >= BITS ? ~T(0) : (T(1) << size) - 1) << at);
  put<T>(run, i.to, T((b & ~mask) | (at >= BITS ? 0 : (a << at & mask))));
  return &i + 1;
}

Step decode_bfi(Statement& s) {
  Type type = s.want_type();
  s.want_operands(5);
  s.made.to = s.destination(0, type);
  s.made.a = s.source(1, type);
  s.made.b = s.source(2, type);
  s.made.c = s.source(3, Type::B32);
  s.made.more = s.keep({s.source(4, Type::B32)});
  return bits_of(type) == 64 ? insert_field<uint64_t> : bits_of(type) == 32 ? insert_field<uint32_t> : nullptr;
}

template <bool wraps>
struct Mask {
  static uint32_t apply(uint32_t at, uint32_t size) {
    at = wraps ? at & 31 : at;
    size = wraps ? size & 31 : size;
    return at >= 32 ? 0 : (size >= 32 ? ~0u : (1u << size) - 1) << at;
  }
};

Step decode_bmsk(Statement& s) {
  bool wraps = s.take_one({"clamp", "wrap"}) == "wrap";
  s.want_type();
  s.take_operands(Type::B32, {Type::B32, Type::B32});
  return wraps ? binary<Mask<true>, uint32_t, uint32_t> : binary<Mask<false>, uint32_t, uint32_t>;
}

template <bool wraps, bool is_signed>
struct Extended {
  static uint32_t apply(uint32_t a, uint32_t bits) {
    bits = wraps ? bits & 31 : std::min(bits, 32u);
    if (bits == 0 || bits >= 32) {
      return bits == 0 ? 0 : a;
    }
    return is_signed ? uint32_t(int32_t(a << (32 - bits)) >> (32 - bits)) : a & ((1u << bits) - 1);
  }
};

Step decode_szext(Statement& s) {
  bool wraps = s.take_one({"clamp", "wrap"}) == "wrap", is_signed = s.want_type() == Type::S32;
  s.take_operands(Type::B32, {Type::B32, Type::B32});
  return wraps ? is_signed ? binary<Extended<true, true>, uint32_t, uint32_t>
                           : binary<Extended<true, false>, uint32_t, uint32_t>
               : is_signed ? binary<Extended<false, true>, uint32_t, uint32_t>
                           : binary<Extended<false, false>, uint32_t, uint32_t>;
}

// The place of the nth set bit from a base on, up or down.
const Instruction* find_nth_set(const Instruction& i, Run& run) {
  uint32_t mask = get<uint32_t>(run, i.a);
  int at = int(get<uint32_t>(run, i.b) & 31), nth = get<int32_t>(run, i.c);
  uint32_t found = ~0u;
  int step = nth < 0 ? -1 : 1;
  uint32_t left = nth == 0 ? 1 : nth < 0 ? 0u - uint32_t(nth) : uint32_t(nth);
  bool only_here = nth == 0;
  for (int place = at; place >= 0 && place < 32 && found == ~0u; place += step) {
    if (mask >> place & 1 && --left == 0) {
      found = uint32_t(place);
    }
    if (only_here) {
      break;
    }
  }
  put<uint32_t>(run, i.to, found);
  return &i + 1;
}

Step decode_fns(Statement& s) {
  s.want_type();
  s.take_operands(Type::B32, {Type::B32, Type::B32, Type::B32});
  return find_nth_set;
}

// Bytes of a (0 to 3) and b (4 to 7); bit 3 of a selector copies the byte's sign.
uint32_t select_bytes(uint64_t both, uint32_t selectors) {
  uint32_t result = 0;
  for (unsigned k = 0; k < 4; k++) {
    uint32_t selector = selectors >> 4 * k;
    auto byte = uint8_t(both >> 8 * (selector & 7));
    result |= uint32_t(selector & 8 ? uint8_t(int8_t(byte) >> 7) : byte) << 8 * k;
  }
  return result;
}

// The modes' selectors, by the lowest two bits of c.
constexpr uint32_t MODES[][4] = {{0x3210, 0x4321, 0x5432, 0x6543}, {0x5670, 0x6701, 0x7012, 0x0123},
                                 {0x0000, 0x1111, 0x2222, 0x3333}, {0x3210, 0x3211, 0x3222, 0x3333},
                                 {0x0000, 0x1110, 0x2210, 0x3210}, {0x1010, 0x3232, 0x1010, 0x3232}};

const Instruction* permute(const Instruction& i, Run& run) {
  uint32_t c = get<uint32_t>(run, i.c);
  uint64_t both = uint64_t(get<uint32_t>(run, i.b)) << 32 | get<uint32_t>(run, i.a);
  put<uint32_t>(run, i.to, select_bytes(both, i.detail == 0 ? c : MODES[i.detail - 1][c & 3]));
  return &i + 1;
}

Step decode_prmt(Statement& s) {
  s.want_type();
  constexpr std::string_view NAMES[] = {"f4e", "b4e", "rc8", "ecl", "ecr", "rc16"};
  for (uint8_t k = 0; k < 6; k++) {
    s.made.detail = s.take(NAMES[k]) ? uint8_t(k + 1) : s.made.detail;
  }
  s.take_operands(Type::B32, {Type::B32, Type::B32, Type::B32});
  return permute;
}

}

const Known BITS[] = {
    {"and", decode_and}, {"or", decode_or}, {"xor", decode_xor}, {"not", decode_not}, {"cnot", decode_cnot},
    {"shl", decode_shift<ShiftLeft>}, {"shr", decode_shift<ShiftRight>}, {"shf", decode_shf}, {"lop3", decode_lop3},
    {"popc", decode_count<Population, false>}, {"clz", decode_count<LeadingZeros, false>},
    {"brev", decode_count<Reversed, true>}, {"bfind", decode_bfind}, {"bfe", decode_bfe}, {"bfi", decode_bfi},
    {"bmsk", decode_bmsk}, {"szext", decode_szext}, {"fns", decode_fns}, {"prmt", decode_prmt}, {"", nullptr}};

}
