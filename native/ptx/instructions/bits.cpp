// Logic, shifts and other operations on bits (PTX ISA, "Logic and Shift Instructions" and the bit fields of "Integer
// Arithmetic Instructions").
#include <algorithm>

#include "ptx/steps.h"

namespace sim::ptx {

namespace {

using Logic = Types<Type::PRED, Type::B16, Type::B32, Type::B64>;
using Shifted = Types<Type::B16, Type::B32, Type::B64, Type::U16, Type::U32, Type::U64, Type::S16, Type::S32,
                      Type::S64>;
using Wide = Types<Type::B32, Type::B64>;
using Word = Types<Type::B32>;

constexpr auto NOT = [](auto a) { return decltype(a)(a ^ decltype(a)(-1)); };
constexpr auto IS_ZERO = [](auto a) { return decltype(a)(a == 0); };

template <typename T>
constexpr uint32_t WIDTH = 8 * sizeof(T);

// The shift count has 32 bits. A count of the width or more leaves zeros, or copies of the sign.
constexpr auto SHIFT_LEFT = [](auto a, uint32_t by) {
  using T = decltype(a);
  return by >= WIDTH<T> ? T(0) : T(a << by);
};
constexpr auto SHIFT_RIGHT = [](auto a, uint32_t by) {
  using T = decltype(a);
  return by < WIDTH<T> ? T(a >> by) : std::is_signed_v<T> && a < 0 ? T(-1) : T(0);
};

// A funnel shift of the upper word b and the lower word a.
template <bool left, bool wraps>
constexpr auto FUNNEL = [](uint32_t a, uint32_t b, uint32_t by) {
  by = wraps ? by & 31 : std::min(by, 32u);
  uint64_t both = uint64_t(b) << 32 | a;
  return left ? uint32_t(both << by >> 32) : uint32_t(both >> by);
};

// Bit k of the table is the result where the bits of a, b and c, read as a number, are k.
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
  return after(i, run);
}

// "lop3.or.b32 d|p, a, b, c, table, q" combines whether d is not 0 with q.
Step decode_lop3(Statement& s) {
  std::string_view combination = s.take_one({"and", "or"});
  s.want_type();
  bool combines = !combination.empty();
  s.want_operands(combines ? 6 : 5);
  Slot result = s.take_results(Type::B32);
  if (combines) {
    Slot other = s.predicate(5, s.made.size);
    s.made.detail = combination == "and";
    s.made.more = s.keep({result == NO_SLOT ? s.scratch() : result, other});
  }
  s.made.a = s.source(1, Type::B32);
  s.made.b = s.source(2, Type::B32);
  s.made.c = s.source(3, Type::B32);
  s.made.number = s.integer(4);
  return look_up;
}

constexpr auto POPULATION = [](auto a) { return uint32_t(__builtin_popcountll(a)); };
constexpr auto LEADING_ZEROS = [](auto a) {
  return a == 0 ? WIDTH<decltype(a)> : uint32_t(__builtin_clzll(a)) - (64 - WIDTH<decltype(a)>);
};
constexpr auto REVERSED = [](auto a) {
  decltype(a) reversed = 0;
  for (uint32_t k = 0; k < WIDTH<decltype(a)>; k++) {
    reversed = reversed << 1 | (a >> k & 1);
  }
  return reversed;
};

// The number of the highest bit that differs from the sign, or its distance from the top; all bits set if none differs.
template <bool is_shift>
constexpr auto HIGHEST = [](auto a) {
  uint64_t bits = std::make_unsigned_t<decltype(a)>(a < 0 ? ~a : a);
  auto place = uint32_t(63 - __builtin_clzll(bits | 1));
  return bits == 0 ? ~0u : is_shift ? WIDTH<decltype(a)> - 1 - place : place;
};

constexpr auto EXTRACT = [](auto a, uint32_t from, uint32_t bits) {
  using T = decltype(a);
  using U = std::make_unsigned_t<T>;
  uint32_t at = from & 0xff, size = bits & 0xff, has = at >= WIDTH<T> ? 0 : std::min(size, WIDTH<T> - at);
  if (size == 0) {
    return T(0);
  }
  U field = has == 0 ? 0 : has == WIDTH<T> ? U(a) : U(U(a) >> at & ((U(1) << has) - 1));
  bool negative = std::is_signed_v<T> && a >> (std::min(at + size, WIDTH<T>) - 1) & 1;
  return T(negative && has < WIDTH<T> ? field | ~U(0) << has : field);
};

constexpr auto INSERT = [](auto a, auto b, uint32_t to, uint32_t bits) {
  using T = decltype(a);
  uint32_t at = to & 0xff, size = bits & 0xff;
  T mask = size == 0 || at >= WIDTH<T> ? 0 : (size >= WIDTH<T> ? ~T(0) : (T(1) << size) - 1) << at;
  return (b & ~mask) | (at >= WIDTH<T> ? 0 : a << at & mask);
};

template <bool wraps>
constexpr auto MASK = [](uint32_t at, uint32_t size) {
  at = wraps ? at & 31 : at;
  size = wraps ? size & 31 : size;
  return at >= 32 ? 0 : (size >= 32 ? ~0u : (1u << size) - 1) << at;
};

template <bool wraps>
constexpr auto EXTENDED = [](auto a, uint32_t bits) {
  bits = wraps ? bits & 31 : std::min(bits, 32u);
  return bits == 0 ? decltype(a)(0) : decltype(a)(decltype(a)(uint32_t(a) << (32 - bits)) >> (32 - bits));
};

// The place of the nth set bit from a base on, up or down; the base itself for n = 0.
constexpr auto NTH_SET = [](uint32_t mask, uint32_t base, int32_t nth) {
  int place = int(base & 31), step = nth < 0 ? -1 : 1;
  uint32_t left = nth == 0 ? 1 : nth < 0 ? 0u - uint32_t(nth) : uint32_t(nth);
  for (; place >= 0 && place < 32; place += step) {
    if (mask >> place & 1 && --left == 0) {
      return uint32_t(place);
    }
    if (nth == 0) {
      break;
    }
  }
  return ~0u;
};

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

constexpr auto PERMUTED = [](uint32_t a, uint32_t b, uint32_t c) { return select_bytes(uint64_t(b) << 32 | a, c); };

// The lowest two bits of c choose one of four selectors.
template <uint32_t... selectors>
constexpr auto CHOSEN = [](uint32_t a, uint32_t b, uint32_t c) {
  constexpr uint32_t ALL[] = {selectors...};
  return PERMUTED(a, b, ALL[c & 3]);
};

}

const Known BITS[] = {
    {"and", decode_two<Logic, AND>}, {"or", decode_two<Logic, OR>}, {"xor", decode_two<Logic, XOR>},
    {"not", decode_one<Logic, NOT>}, {"cnot", decode_one<Bits, IS_ZERO>},
    {"shl", decode_by<Shifted, SHIFT_LEFT, Own, uint32_t>}, {"shr", decode_by<Shifted, SHIFT_RIGHT, Own, uint32_t>},
    {"shf.l.clamp", decode_three<Word, FUNNEL<true, false>>}, {"shf.l.wrap", decode_three<Word, FUNNEL<true, true>>},
    {"shf.r.clamp", decode_three<Word, FUNNEL<false, false>>}, {"shf.r.wrap", decode_three<Word, FUNNEL<false, true>>},
    {"lop3", decode_lop3}, {"popc", decode_one<Wide, POPULATION>}, {"clz", decode_one<Wide, LEADING_ZEROS>},
    {"brev", decode_one<Wide, REVERSED>}, {"bfind", decode_one<Words, HIGHEST<false>>},
    {"bfind.shiftamt", decode_one<Words, HIGHEST<true>>}, {"bfe", decode_by<Words, EXTRACT, Own, uint32_t, uint32_t>},
    {"bfi", decode_by<Wide, INSERT, Own, Own, uint32_t, uint32_t>},
    {"bmsk.clamp", decode_two<Word, MASK<false>>}, {"bmsk.wrap", decode_two<Word, MASK<true>>},
    {"szext.clamp", decode_by<Types<Type::U32, Type::S32>, EXTENDED<false>, Own, uint32_t>},
    {"szext.wrap", decode_by<Types<Type::U32, Type::S32>, EXTENDED<true>, Own, uint32_t>},
    {"fns.b32", decode_of<NTH_SET, uint32_t, uint32_t, int32_t>}, {"prmt", decode_three<Word, PERMUTED>},
    {"prmt.f4e", decode_three<Word, CHOSEN<0x3210, 0x4321, 0x5432, 0x6543>>},
    {"prmt.b4e", decode_three<Word, CHOSEN<0x5670, 0x6701, 0x7012, 0x0123>>},
    {"prmt.rc8", decode_three<Word, CHOSEN<0x0000, 0x1111, 0x2222, 0x3333>>},
    {"prmt.ecl", decode_three<Word, CHOSEN<0x3210, 0x3211, 0x3222, 0x3333>>},
    {"prmt.ecr", decode_three<Word, CHOSEN<0x0000, 0x1110, 0x2210, 0x3210>>},
    {"prmt.rc16", decode_three<Word, CHOSEN<0x1010, 0x3232, 0x1010, 0x3232>>}, {"", nullptr}};

}
