// PTX ISA, "Warp Level Matrix Instructions using mma", "ldmatrix", "stmatrix" and "movmatrix".
#include "ptx/instructions/matrices.h"

#include <cstdio>

#include "machine/warp_matrices.h"
#include "ptx/steps.h"

namespace sim::ptx {

Shape take_shape(Statement& s) {
  Shape shape;
  for (std::string_view modifier : s.modifiers) {
    if (std::sscanf(std::string(modifier).c_str(), "m%dn%dk%d", &shape.m, &shape.n, &shape.k) == 3) {
      s.take(modifier);
      break;
    }
  }
  return shape;
}

Type type_of_registers(Type element) {
  return element == Type::F64 ? Type::B64 : Type::B32;
}

const Slot* take_fragments(Statement& s, std::initializer_list<std::pair<int, Type>> fragments) {
  s.want_operands(fragments.size());
  std::vector<Slot> slots;
  size_t i = 0;
  for (auto [count, element] : fragments) {
    Type type = type_of_registers(element);
    const Slot* some = i == 0 ? s.destinations(i, count, type) : s.sources(i, count, type);
    slots.insert(slots.end(), some, some + count);
    i++;
  }
  return s.keep(std::move(slots));
}

namespace {

constexpr int MOST_OF_A_FRAGMENT = 32;

const Instruction* multiply_matrices(const Instruction& i, Run& run) {
  const auto& product = *static_cast<const Product*>(i.form);
  uint64_t a[MOST_OF_A_FRAGMENT], b[MOST_OF_A_FRAGMENT], c[MOST_OF_A_FRAGMENT], d[MOST_OF_A_FRAGMENT];
  const Slot *of_a = i.more + product.d_registers, *of_b = of_a + product.a_registers;
  collect(a, of_a, product.a_registers, run.registers);
  collect(b, of_b, product.b_registers, run.registers);
  collect(c, of_b + product.b_registers, product.c_registers, run.registers);
  multiply_together("mma.sync", product.multiply, product.saturate, {d, a, b, c});
  for (int k = 0; k < product.d_registers; k++) {
    run.registers[i.more[k]] = d[k];
  }
  return &i + 1;
}

Step decode_mma(Statement& s) {
  Product product;
  s.take("aligned");
  Shape shape = take_shape(s);
  product.m = shape.m;
  product.n = shape.n;
  product.k = shape.k;
  s.take("row");
  s.take("col");
  product.saturate = s.take("satfinite");
  for (Type* type : {&product.d, &product.a, &product.b, &product.c}) {
    *type = s.want_type();
  }
  std::string why;
  if (!know(product, why)) {
    s.lack(why);
  }
  s.made.more = take_fragments(s, {{product.d_registers, product.d}, {product.a_registers, product.a},
                                   {product.b_registers, product.b}, {product.c_registers, product.c}});
  s.made.form = s.keep_form(product);
  return multiply_matrices;
}

uintptr_t row_of(const Instruction& i, const Run& run) {
  return address_in(Space(i.b), run, run.registers[i.a] + uint64_t(i.number));
}

const Instruction* load_rows(const Instruction& i, Run& run) {
  uint32_t to[4];
  load_matrices("ldmatrix", to, i.size, i.detail, row_of(i, run));
  for (int k = 0; k < i.size; k++) {
    put(run, i.more[k], to[k]);
  }
  return &i + 1;
}

const Instruction* store_rows(const Instruction& i, Run& run) {
  uint32_t from[4] = {};
  for (int k = 0; k < i.size; k++) {
    from[k] = get<uint32_t>(run, i.more[k]);
  }
  store_matrices("stmatrix", row_of(i, run), i.size, i.detail, from);
  return &i + 1;
}

Step decode_matrix_access(Statement& s) {
  bool loads = s.name == "ldmatrix";
  s.take("aligned");
  s.made.size = s.take("x4") ? 4 : s.take("x2") ? 2 : s.take("x1") ? 1 : 0;
  s.made.detail = s.take("trans");
  s.made.b = Slot(s.take("shared") || s.take("shared::cta") ? Space::SHARED : Space::GENERIC);
  if (s.want_type() != Type::B16 || s.made.size == 0) {
    return nullptr;
  }
  s.want_operands(2);
  s.made.a = s.base(loads ? 1 : 0, s.made.number);
  s.made.more = loads ? s.destinations(0, s.made.size, Type::B32) : s.sources(1, s.made.size, Type::B32);
  return loads ? load_rows : store_rows;
}

constexpr auto TRANSPOSED = [](uint32_t two) { return transpose_matrix("movmatrix", two); };

Step decode_movmatrix(Statement& s) {
  s.take("aligned");
  return decode_of<TRANSPOSED, uint32_t>(s);
}

}

const Known MATRICES[] = {
    {"mma.sync", decode_mma}, {"ldmatrix.sync.m8n8", decode_matrix_access},
    {"stmatrix.sync.m8n8", decode_matrix_access}, {"movmatrix.sync.m8n8.trans.b16", decode_movmatrix}, {"", nullptr}};

}
