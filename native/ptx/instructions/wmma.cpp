// PTX ISA, "Warp Level Matrix Instructions using wmma". The ISA leaves open which lane holds which element: here a lane
// holds consecutive elements, and elements of half matrices are held twice or more often.
#include <algorithm>
#include <functional>

#include "machine/warp_matrices.h"
#include "ptx/instructions/matrices.h"
#include "ptx/instructions/memory.h"
#include "ptx/numbers/formats.h"
#include "ptx/steps.h"

namespace sim::ptx {

namespace {

constexpr unsigned EVERY_LANE = 0xffffffffu;
constexpr int MOST_REGISTERS = 8, MOST_ELEMENTS = 32 * 32;
// Alignment of rows or columns in bytes, unless the fragment is smaller (programming guide).
constexpr size_t MOST_ALIGNED = 16;

// Columns of B are its rows here. Single bits have the type of predicates.
struct Matrix {
  Type type = Type::NONE;
  int rows = 0, columns = 0;
  bool doubled = false;

  int bits() const { return bits_of(type); }
  int held() const { return doubled ? 16 : rows * columns / 32; }  // elements of one lane
  int per_register() const { return std::max(1, 32 / bits()); }
  int registers() const { return held() / per_register(); }
  int place(int lane, int which) const { return (lane * held() + which) % (rows * columns); }
};

struct Form {
  std::string name;
  uintptr_t kind = 0;            // equal for equal names
  Matrix a, b, c, d;             // a load or store has d alone
  bool row_by_row = true;
  Space space = Space::GENERIC;
  Slot stride = NO_SLOT;
  bool saturates = false, ands = false;

  explicit Form(std::string_view name) : name(name), kind(std::hash<std::string_view>()(name)) {}
};

struct Ask : Request {
  const Form* form;
  uint64_t a[MOST_REGISTERS], b[MOST_REGISTERS], c[MOST_REGISTERS], d[MOST_REGISTERS];

  // All lanes must have the same form, address and stride.
  explicit Ask(const Form& form, uintptr_t start = 0, uint64_t stride = 0)
      : Request{form.name.c_str(), form.kind ^ start ^ stride << 48}, form(&form) {}
};

Ask& asked_by(Thread* lanes, int lane) {
  return *reinterpret_cast<Ask*>(lanes[lane].sent);
}

// All sums of integers are exact in float64 too.
double value(uint64_t bits, Type type) {
  if (type == Type::F64) {
    return as_double(bits);
  }
  if (is_float(type)) {
    return value_of(type == Type::TF32 ? bits >> 13 : bits, format_of(type));
  }
  int unused = 64 - bits_of(type);
  return is_signed(type) ? double(int64_t(bits << unused) >> unused) : double(bits << unused >> unused);
}

uint64_t bits_of_sum(double sum, const Form& form) {
  switch (form.d.type) {
    case Type::F16: return half_bits(sum);
    case Type::F32: return FloatSums::bits(sum, false);
    case Type::F64: return bits_as(sum);
    default: return uint32_t(int64_t(form.saturates ? std::clamp<double>(sum, INT32_MIN, INT32_MAX) : sum));
  }
}

void gather(const Matrix& matrix, Thread* lanes, const uint64_t (Ask::*registers)[MOST_REGISTERS], double* to) {
  for (int lane = 0; lane < 32; lane++) {
    for (int i = 0; i < matrix.held(); i++) {
      uint64_t bits = (asked_by(lanes, lane).*registers)[i / matrix.per_register()];
      to[matrix.place(lane, i)] = value(bits >> i % matrix.per_register() * matrix.bits(), matrix.type);
    }
  }
}

void multiply_all(Thread* lanes, unsigned group) {
  if (!all_ask_for_the_same(lanes, group)) {
    return;
  }
  const Form& form = *asked_by(lanes, 0).form;
  double a[MOST_ELEMENTS], b[MOST_ELEMENTS], sums[MOST_ELEMENTS];
  gather(form.a, lanes, &Ask::a, a);
  gather(form.b, lanes, &Ask::b, b);
  gather(form.c, lanes, &Ask::c, sums);
  int depth = form.a.columns;
  for (int at = 0; at < form.d.rows * form.d.columns; at++) {
    const double *left = a + at / form.d.columns * depth, *right = b + at % form.d.columns * depth;
    for (int k = 0; k < depth; k++) {
      bool apart = form.a.type == Type::PRED && !form.ands;
      sums[at] = apart ? sums[at] + (left[k] != right[k]) : std::fma(left[k], right[k], sums[at]);
    }
  }
  for (int lane = 0; lane < 32; lane++) {
    uint64_t* d = asked_by(lanes, lane).d;
    std::fill_n(d, MOST_REGISTERS, 0);
    for (int i = 0; i < form.d.held(); i++) {
      d[i / form.d.per_register()] |= bits_of_sum(sums[form.d.place(lane, i)], form)
                                      << i % form.d.per_register() * (form.d.bits() % 64);
    }
  }
}

void only_meet(Thread* lanes, unsigned group) {
  all_ask_for_the_same(lanes, group);
}

const Instruction* multiply_fragments(const Instruction& i, Run& run) {
  const auto& form = *static_cast<const Form*>(i.form);
  Ask ask(form);
  const Slot *a = i.more + form.d.registers(), *b = a + form.a.registers(), *c = b + form.b.registers();
  collect(ask.a, a, form.a.registers(), run.registers);
  collect(ask.b, b, form.b.registers(), run.registers);
  collect(ask.c, c, form.c.registers(), run.registers);
  meet(EVERY_LANE, multiply_all, reinterpret_cast<uint64_t>(&ask));
  for (int k = 0; k < form.d.registers(); k++) {
    run.registers[i.more[k]] = ask.d[k];
  }
  return &i + 1;
}

// Where an element lies, in bits from the start.
uint64_t bit_of(const Form& form, uint64_t stride, int place) {
  uint64_t row = unsigned(place / form.d.columns), column = unsigned(place % form.d.columns);
  return (form.row_by_row ? row * stride + column : column * stride + row) * unsigned(form.d.bits());
}

// Reads or writes the elements that the lane holds, a whole register at once if its elements lie side by side.
template <bool writes>
const Instruction* move_fragment(const Instruction& i, Run& run) {
  const auto& form = *static_cast<const Form*>(i.form);
  const Matrix& matrix = form.d;
  uint64_t stride = form.stride != NO_SLOT ? get<uint32_t>(run, form.stride)
                                           : unsigned(form.row_by_row ? matrix.columns : matrix.rows);
  uintptr_t start = address_in(form.space, run, run.registers[i.a] + uint64_t(i.number));
  Ask ask(form, start, stride);
  meet(EVERY_LANE, only_meet, reinterpret_cast<uint64_t>(&ask));
  size_t aligned = std::min<size_t>(MOST_ALIGNED, matrix.registers() * std::max(matrix.bits(), 32) / 8);
  if (start % aligned != 0 || stride * unsigned(matrix.bits()) / 8 % aligned != 0) {
    fail_thread(Flaw::MISALIGNED, form.name + ": rows or columns at " + bytes_at(start, aligned) + " and every " +
                                      std::to_string(stride) + " elements are not all aligned to " +
                                      std::to_string(aligned));
  }
  int each = form.row_by_row ? matrix.per_register() : 1;
  size_t bytes = size_t(each * matrix.bits() / 8);
  for (int k = 0; k < matrix.held(); k += each) {
    uintptr_t address = start + bit_of(form, stride, matrix.place(int(block->thread->lane()), k)) / 8;
    check_space(form.space, address, bytes, writes);
    uint64_t& all = run.registers[i.more[k / matrix.per_register()]];
    int shift = k % matrix.per_register() * matrix.bits();
    if (writes) {
      check_write(address, bytes);
      uint64_t part = all >> shift;
      std::memcpy(reinterpret_cast<void*>(address), &part, bytes);
    } else {
      check_read(address, bytes);
      uint64_t part = 0;
      std::memcpy(&part, reinterpret_cast<const void*>(address), bytes);
      all = shift == 0 ? part : all | part << shift;
    }
  }
  return &i + 1;
}

// Finds the shape and types in the tables; others are refused.
bool is_shape_of(const Shape& shape, Type factors) {
  auto is = [&](int m, int n, int k) { return shape.m == m && shape.n == n && shape.k == k; };
  switch (factors) {
    case Type::F16:
    case Type::BF16:
    case Type::S8:
    case Type::U8: return is(16, 16, 16) || is(8, 32, 16) || is(32, 8, 16);
    case Type::TF32: return is(16, 16, 8);
    case Type::F64: return is(8, 8, 4);
    case Type::S4:
    case Type::U4: return is(8, 8, 32);
    case Type::PRED: return is(8, 8, 128);
    default: return false;
  }
}

Type sums_of(Type factors) {
  return factors == Type::F64 ? Type::F64 : is_float(factors) || factors == Type::TF32 ? Type::F32 : Type::S32;
}

Type take_element(Statement& s) {
  return s.take("b1") ? Type::PRED : s.want_type();
}

Matrix left(const Shape& shape, Type type) { return {type, shape.m, shape.k, type == Type::F16}; }
Matrix right(const Shape& shape, Type type) { return {type, shape.n, shape.k, type == Type::F16}; }
Matrix sums(const Shape& shape, Type type) { return {type, shape.m, shape.n}; }

template <bool writes>
Step decode_move(Statement& s) {
  Form form(s.written);
  std::string_view which = s.take_one({"a", "b", "c", "d"});
  bool rows = s.take("row");
  bool known = rows != s.take("col");
  form.row_by_row = which == "b" ? !rows : rows;
  Shape shape = take_shape(s);
  form.space = take_access(s).space;
  Type type = take_element(s);
  bool factor = which == "a" || which == "b";
  form.d = which == "a" ? left(shape, type) : which == "b" ? right(shape, type) : sums(shape, type);
  bool fits = false;
  for (Type of : {Type::F16, Type::BF16, Type::S8, Type::TF32, Type::F64, Type::S4, Type::U4, Type::U8, Type::PRED}) {
    bool suits = factor ? of == type : sums_of(of) == type || (of == Type::F16 && type == Type::F16);
    fits |= suits && is_shape_of(shape, of);
  }
  bool small_by_row = form.d.bits() >= 8 || form.row_by_row;
  s.want_operands(2, 3);
  s.made.a = s.base(writes ? 0 : 1, s.made.number);
  form.stride = s.operands.size() == 3 ? s.source(2, Type::B32) : NO_SLOT;
  if (!known || !fits || !small_by_row || (which == "d") != writes) {
    return nullptr;
  }
  Type registers = type_of_registers(form.d.type);
  s.made.more = writes ? s.sources(1, form.d.registers(), registers) : s.destinations(0, form.d.registers(), registers);
  s.made.form = s.keep_form(form);
  return move_fragment<writes>;
}

Step decode_multiply(Statement& s) {
  Form form(s.written);
  form.ands = s.take("and");
  s.take_one({"xor"});
  s.take("popc");
  // A fragment's elements do not depend on rows and columns.
  while (!s.take_one({"row", "col"}).empty()) {
  }
  Shape shape = take_shape(s);
  form.saturates = s.take("satfinite");
  s.take("rn");
  Type d = s.want_type(), a = take_element(s), b = a, c = Type::S32;
  if (a == Type::PRED) {
    b = take_element(s);
    c = s.want_type();
  } else if ((b = s.take_type()) == Type::NONE) {
    c = a;
    a = b = Type::F16;
  } else {
    c = s.want_type();
  }
  form.a = left(shape, a);
  form.b = right(shape, b);
  form.c = sums(shape, c);
  form.d = sums(shape, d);
  auto is_sum = [&](Type type) { return type == sums_of(a) || (a == Type::F16 && type == Type::F16); };
  bool fits = is_shape_of(shape, a) && a == b && is_sum(c) && is_sum(d);
  if (!fits || (form.saturates && d != Type::S32)) {
    return nullptr;
  }
  s.made.more = take_fragments(s, {{form.d.registers(), d}, {form.a.registers(), a}, {form.b.registers(), b},
                                   {form.c.registers(), c}});
  s.made.form = s.keep_form(form);
  return multiply_fragments;
}

}

const Known WMMA[] = {
    {"wmma.load.sync.aligned", decode_move<false>}, {"wmma.store.sync.aligned", decode_move<true>},
    {"wmma.mma.sync.aligned", decode_multiply}, {"", nullptr}};

}
