// Arithmetic of float32 and float64 (PTX ISA, "Floating Point Instructions").
#include <cmath>
#include <string>

#include "ptx/instructions.h"
#include "ptx/steps.h"

namespace sim::ptx {

namespace {

// Bits of an instruction's detail.
constexpr uint8_t ROUNDING = 7, FLUSHES = 8, SATURATES = 16, KEEPS_NAN = 32, BY_SIGNS = 64, OF_MAGNITUDES = 128;

// The NaN that cards give.
float canonical(float value) {
  constexpr uint32_t NAN_BITS = 0x7fffffff;
  if (value != value) {
    std::memcpy(&value, &NAN_BITS, sizeof value);
  }
  return value;
}

double canonical(double value) {
  return value;
}

float flushed(float value, uint8_t detail) {
  return detail & FLUSHES ? flush(value) : value;
}

double flushed(double value, uint8_t) {
  return value;
}

template <typename T>
T finished(T value, uint8_t detail) {
  value = flushed(value, detail);
  return canonical(detail & SATURATES ? saturate(value) : value);
}

Rounding rounding_of(uint8_t detail) {
  return Rounding(detail & ROUNDING);
}

float half_of(uint64_t pair, int at) {
  auto bits = uint32_t(pair >> at);
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

uint64_t half_from(float value, int at) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return uint64_t(bits) << at;
}

struct Sum {
  template <typename T>
  static T apply(T a, T b) { return a + b; }
  template <typename T>
  static T apply(T a, T b, Rounding rounding) { return add(a, b, rounding); }
};
struct Difference {
  template <typename T>
  static T apply(T a, T b) { return a - b; }
  template <typename T>
  static T apply(T a, T b, Rounding rounding) { return add(a, -b, rounding); }
};
struct Product {
  template <typename T>
  static T apply(T a, T b) { return a * b; }
  template <typename T>
  static T apply(T a, T b, Rounding rounding) { return multiply(a, b, rounding); }
};
struct Quotient {
  template <typename T>
  static T apply(T a, T b) { return a / b; }
  template <typename T>
  static T apply(T a, T b, Rounding rounding) { return divide(a, b, rounding); }
};

template <typename Operation, typename T>
const Instruction* to_nearest(const Instruction& i, Run& run) {
  put<T>(run, i.to, canonical(Operation::apply(get<T>(run, i.a), get<T>(run, i.b))));
  return &i + 1;
}

template <typename Operation, typename T>
const Instruction* rounded(const Instruction& i, Run& run) {
  T a = flushed(get<T>(run, i.a), i.detail), b = flushed(get<T>(run, i.b), i.detail);
  put<T>(run, i.to, finished(Operation::apply(a, b, rounding_of(i.detail)), i.detail));
  return &i + 1;
}

// On both halves of 64 bits.
template <typename Operation>
const Instruction* rounded_pair(const Instruction& i, Run& run) {
  uint64_t a = run.registers[i.a], b = run.registers[i.b], both = 0;
  for (int k = 0; k < 64; k += 32) {
    float x = flushed(half_of(a, k), i.detail), y = flushed(half_of(b, k), i.detail);
    both |= half_from(finished(Operation::apply(x, y, rounding_of(i.detail)), i.detail), k);
  }
  run.registers[i.to] = both;
  return &i + 1;
}

uint8_t take_detail(Statement& s) {
  Statement::Rounded rounded = s.take_rounding();
  Rounding rounding = rounded.rounding == Rounding::NONE ? Rounding::RN : rounded.rounding;
  if (rounded.integer || rounding == Rounding::RNA) {
    s.fail("takes the roundings .rn, .rz, .rm and .rp");
  }
  return uint8_t(rounding) | (s.take("ftz") ? FLUSHES : 0) | (s.take("sat") ? SATURATES : 0);
}

// The type of operands; pairs of float32 are in 64 bits.
Type take_operands_type(Statement& s, bool& pair) {
  pair = s.take("f32x2");
  if (pair && s.made.detail & SATURATES) {
    s.fail(".sat is not of pairs");
  }
  return pair ? Type::B64 : s.want_type();
}

template <typename Operation>
Step decode_binary(Statement& s) {
  s.made.detail = take_detail(s);
  bool pair = false;
  Type type = take_operands_type(s, pair);
  s.take_operands(type, {type, type});
  bool plain = s.made.detail == uint8_t(Rounding::RN);
  return pair                ? rounded_pair<Operation>
         : type == Type::F32 ? plain ? to_nearest<Operation, float> : rounded<Operation, float>
         : type == Type::F64 ? plain ? to_nearest<Operation, double> : rounded<Operation, double>
                             : nullptr;
}

// The right quotient, but that a divisor above 2^126 gives zero, or NaN of infinities, as the ISA has it.
const Instruction* divide_quickly(const Instruction& i, Run& run) {
  float a = flushed(get<float>(run, i.a), i.detail), b = flushed(get<float>(run, i.b), i.detail);
  bool vanishes = std::fabs(b) > 0x1p126f && std::isfinite(b);
  put<float>(run, i.to, finished(vanishes ? a * std::copysign(0.0f, b) : a / b, i.detail));
  return &i + 1;
}

// div.full is at most 2 units off; here it is right.
Step decode_div(Statement& s) {
  std::string_view quick = s.take_one({"approx", "full"});
  Step step = decode_binary<Quotient>(s);
  bool single = step == to_nearest<Quotient, float> || step == rounded<Quotient, float>;
  if (step == rounded_pair<Quotient> || s.made.detail & SATURATES || (!quick.empty() && !single)) {
    return nullptr;
  }
  return quick == "approx" ? divide_quickly : step;
}

template <typename T>
const Instruction* fused_to_nearest(const Instruction& i, Run& run) {
  put<T>(run, i.to, canonical(std::fma(get<T>(run, i.a), get<T>(run, i.b), get<T>(run, i.c))));
  return &i + 1;
}

#if defined(__x86_64__)
// The same by the one instruction that most have, and a compiler may not count on.
template <typename T>
__attribute__((target("fma"))) const Instruction* fused_at_once(const Instruction& i, Run& run) {
  put<T>(run, i.to, canonical(std::fma(get<T>(run, i.a), get<T>(run, i.b), get<T>(run, i.c))));
  return &i + 1;
}

template <typename T>
Step plain_fused() {
  return __builtin_cpu_supports("fma") ? fused_at_once<T> : fused_to_nearest<T>;
}
#else
template <typename T>
Step plain_fused() {
  return fused_to_nearest<T>;
}
#endif

template <typename T>
const Instruction* fused(const Instruction& i, Run& run) {
  T a = flushed(get<T>(run, i.a), i.detail), b = flushed(get<T>(run, i.b), i.detail);
  T c = flushed(get<T>(run, i.c), i.detail);
  put<T>(run, i.to, finished(multiply_add(a, b, c, rounding_of(i.detail)), i.detail));
  return &i + 1;
}

const Instruction* fused_pair(const Instruction& i, Run& run) {
  uint64_t a = run.registers[i.a], b = run.registers[i.b], c = run.registers[i.c], both = 0;
  for (int k = 0; k < 64; k += 32) {
    float x = flushed(half_of(a, k), i.detail), y = flushed(half_of(b, k), i.detail);
    float z = flushed(half_of(c, k), i.detail);
    both |= half_from(finished(multiply_add(x, y, z, rounding_of(i.detail)), i.detail), k);
  }
  run.registers[i.to] = both;
  return &i + 1;
}

Step decode_fma(Statement& s) {
  s.made.detail = take_detail(s);
  bool pair = false;
  Type type = take_operands_type(s, pair);
  s.take_operands(type, {type, type, type});
  bool plain = s.made.detail == uint8_t(Rounding::RN);
  return pair                ? fused_pair
         : type == Type::F32 ? plain ? plain_fused<float>() : fused<float>
         : type == Type::F64 ? plain ? plain_fused<double>() : fused<double>
                             : nullptr;
}

// On the sign bit alone, so that a NaN keeps its bits.
template <typename T, bool negates>
const Instruction* change_sign(const Instruction& i, Run& run) {
  T value = get<T>(run, i.a);
  value = i.detail & FLUSHES ? T(flushed(value, i.detail)) : value;
  put<T>(run, i.to, negates ? -value : std::fabs(value));
  return &i + 1;
}

template <bool negates>
Step decode_sign(Statement& s) {
  s.made.detail = s.take("ftz") ? FLUSHES : 0;
  Type type = s.want_type();
  s.take_operands(type, {type});
  return type == Type::F32 ? change_sign<float, negates> : type == Type::F64 ? change_sign<double, negates> : nullptr;
}

// The number wins over NaN, unless .NaN is there; -0 is less than +0.
template <bool least, typename T>
T extreme(T a, T b, uint8_t detail) {
  if (a != a || b != b) {
    return (a != a && b != b) || detail & KEEPS_NAN ? canonical(T(NAN)) : a != a ? b : a;
  }
  if (a == b) {
    return std::signbit(a) == least ? a : b;
  }
  return (a < b) == least ? a : b;
}

template <bool least, typename T>
const Instruction* extreme_of_two(const Instruction& i, Run& run) {
  T a = flushed(get<T>(run, i.a), i.detail), b = flushed(get<T>(run, i.b), i.detail);
  bool by_signs = i.detail & BY_SIGNS;
  bool negative = by_signs && std::signbit(a) != std::signbit(b);
  T result = extreme<least>(by_signs ? std::fabs(a) : a, by_signs ? std::fabs(b) : b, i.detail);
  put<T>(run, i.to, negative && result == result ? -result : result);
  return &i + 1;
}

template <bool least>
const Instruction* extreme_of_three(const Instruction& i, Run& run) {
  float of[3] = {get<float>(run, i.a), get<float>(run, i.b), get<float>(run, i.c)};
  for (float& one : of) {
    one = flushed(i.detail & OF_MAGNITUDES ? std::fabs(one) : one, i.detail);
  }
  put<float>(run, i.to, extreme<least>(extreme<least>(of[0], of[1], i.detail), of[2], i.detail));
  return &i + 1;
}

template <bool least>
Step decode_extreme(Statement& s) {
  s.made.detail = (s.take("ftz") ? FLUSHES : 0) | (s.take("NaN") ? KEEPS_NAN : 0);
  bool by_signs = s.take("xorsign"), magnitudes = s.take("abs");
  s.made.detail |= by_signs ? BY_SIGNS : magnitudes ? OF_MAGNITUDES : 0;
  Type type = s.want_type();
  s.want_operands(3, 4);
  bool three = s.operands.size() == 4;
  // .xorsign.abs is of two operands, and .abs alone of three.
  if (by_signs ? !magnitudes || three : magnitudes && !three) {
    return nullptr;
  }
  s.made.to = s.destination(0, type);
  s.made.a = s.source(1, type);
  s.made.b = s.source(2, type);
  if (three) {
    s.made.c = s.source(3, type);
    return type == Type::F32 ? extreme_of_three<least> : nullptr;
  }
  return type == Type::F32 ? extreme_of_two<least, float> : type == Type::F64 ? extreme_of_two<least, double> : nullptr;
}

template <typename T>
const Instruction* root(const Instruction& i, Run& run) {
  put<T>(run, i.to, finished(square_root(flushed(get<T>(run, i.a), i.detail), rounding_of(i.detail)), i.detail));
  return &i + 1;
}

template <typename T>
const Instruction* reciprocal(const Instruction& i, Run& run) {
  put<T>(run, i.to, finished(divide(T(1), flushed(get<T>(run, i.a), i.detail), rounding_of(i.detail)), i.detail));
  return &i + 1;
}

template <Quick function>
const Instruction* call_quick(const Instruction& i, Run& run) {
  put<float>(run, i.to, quick(function, get<float>(run, i.a), i.detail & FLUSHES));
  return &i + 1;
}

template <Quick function>
const Instruction* call_quick_of_double(const Instruction& i, Run& run) {
  put<double>(run, i.to, quick_double(function, get<double>(run, i.a)));
  return &i + 1;
}

// rsqrt.approx.f64 without .ftz is done by several instructions of a card, and knows subnormal numbers.
const Instruction* reciprocal_root(const Instruction& i, Run& run) {
  put<double>(run, i.to, 1 / std::sqrt(get<double>(run, i.a)));
  return &i + 1;
}

Step quick_step(std::string_view name) {
  return name == "rcp"     ? call_quick<Quick::RCP>
         : name == "sqrt"  ? call_quick<Quick::SQRT>
         : name == "rsqrt" ? call_quick<Quick::RSQRT>
         : name == "sin"   ? call_quick<Quick::SIN>
         : name == "cos"   ? call_quick<Quick::COS>
         : name == "lg2"   ? call_quick<Quick::LG2>
         : name == "ex2"   ? call_quick<Quick::EX2>
                           : call_quick<Quick::TANH>;
}

Step decode_function(Statement& s) {
  bool approximate = s.take("approx");
  s.made.detail = take_detail(s);
  Type type = s.want_type();
  s.take_operands(type, {type});
  if (s.made.detail & SATURATES) {
    return nullptr;
  }
  if (approximate && type == Type::F32) {
    return quick_step(s.name);
  }
  if (approximate && type == Type::F64) {
    bool ftz = s.made.detail & FLUSHES;
    return s.name == "rcp" && ftz ? call_quick_of_double<Quick::RCP>
           : s.name == "rsqrt"    ? ftz ? call_quick_of_double<Quick::RSQRT> : reciprocal_root
                                  : nullptr;
  }
  if (s.name == "rcp") {
    return type == Type::F32 ? reciprocal<float> : type == Type::F64 ? reciprocal<double> : nullptr;
  }
  return s.name != "sqrt" ? nullptr : type == Type::F32 ? root<float> : type == Type::F64 ? root<double> : nullptr;
}

// The sign of a on the magnitude of b.
template <typename T>
const Instruction* copy_sign(const Instruction& i, Run& run) {
  put<T>(run, i.to, std::copysign(get<T>(run, i.b), get<T>(run, i.a)));
  return &i + 1;
}

Step decode_copysign(Statement& s) {
  Type type = s.want_type();
  s.take_operands(type, {type, type});
  return type == Type::F32 ? copy_sign<float> : type == Type::F64 ? copy_sign<double> : nullptr;
}

enum Property : uint8_t { FINITE, INFINITE, NUMBER, NOT_A_NUMBER, NORMAL, SUBNORMAL };

template <typename T>
const Instruction* test(const Instruction& i, Run& run) {
  T a = get<T>(run, i.a);
  int kind = std::fpclassify(a);
  bool has = i.detail == FINITE         ? std::isfinite(a)
             : i.detail == INFINITE     ? std::isinf(a)
             : i.detail == NUMBER       ? a == a
             : i.detail == NOT_A_NUMBER ? a != a
             : i.detail == NORMAL       ? kind == FP_NORMAL || kind == FP_ZERO
                                        : kind == FP_SUBNORMAL;
  run.registers[i.to] = has;
  return &i + 1;
}

Step decode_testp(Statement& s) {
  constexpr std::string_view NAMES[] = {"finite", "infinite", "number", "notanumber", "normal", "subnormal"};
  for (uint8_t k = 0; k < 6; k++) {
    s.made.detail = s.take(NAMES[k]) ? k : s.made.detail;
  }
  Type type = s.want_type();
  s.take_operands(Type::PRED, {type});
  return type == Type::F32 ? test<float> : type == Type::F64 ? test<double> : nullptr;
}

}

const Known FLOATS[] = {
    {"add", decode_binary<Sum>}, {"sub", decode_binary<Difference>}, {"mul", decode_binary<Product>},
    {"div", decode_div}, {"fma", decode_fma}, {"mad", decode_fma}, {"neg", decode_sign<true>},
    {"abs", decode_sign<false>}, {"min", decode_extreme<true>}, {"max", decode_extreme<false>},
    {"rcp", decode_function}, {"sqrt", decode_function}, {"rsqrt", decode_function}, {"sin", decode_function},
    {"cos", decode_function}, {"lg2", decode_function}, {"ex2", decode_function}, {"tanh", decode_function},
    {"copysign", decode_copysign}, {"testp", decode_testp}, {"", nullptr}};

}
