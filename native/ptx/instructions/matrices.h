// Products of matrices in the registers of a warp's lanes: mma.sync and wmma.
#pragma once
#include <string>
#include <utility>

#include "machine/fragments.h"
#include "ptx/text/statement.h"

namespace sim::ptx {

// mma.sync.aligned.mMnNkK.row.col.D.A.B.C
struct Product {
  int m = 0, n = 0, k = 0;
  Type d = Type::NONE, a = Type::NONE, b = Type::NONE, c = Type::NONE;
  bool saturate = false;  // .satfinite of integers
  // Registers (b32, or b64 for f64) of each fragment; 0 if this product is not simulated.
  int d_registers = 0, a_registers = 0, b_registers = 0, c_registers = 0;
  Multiply multiply = nullptr;
};

// Fills in the numbers of registers and the function, or gives the one-line reason why the product is not simulated.
bool know(Product& product, std::string& why);

// "m16n8k16"
struct Shape {
  int m = 0, n = 0, k = 0;
};
Shape take_shape(Statement& statement);

// Takes the registers of the fragments d, a, b and c, a number of elements of a type each.
const Slot* take_fragments(Statement& statement, std::initializer_list<std::pair<int, Type>> fragments);
Type type_of_registers(Type element);

inline void collect(uint64_t* to, const Slot* slots, int count, const uint64_t* registers) {
  for (int k = 0; k < count; k++) {
    to[k] = registers[slots[k]];
  }
}

}
