// mma.sync, ldmatrix, stmatrix and movmatrix of every shape and type that is simulated.
#pragma once
#include <cstdint>
#include <string>

#include "machine/fragments.h"
#include "ptx/types.h"

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

// Fills in the numbers of registers and the function, or says in one line why the product is not simulated.
bool know(Product& product, std::string& why);

// By the running thread: the fragments' registers in PTX's order. Waits for the warp, which must be there as a whole.
void multiply_add(const Product& product, uint64_t* d, const uint64_t* a, const uint64_t* b, const uint64_t* c);

// m8n8 of b16, 1, 2 or 4 matrices, rows at addresses of shared memory that each lane gives.
void load_matrices(uint64_t* to, int count, bool transposed, uintptr_t row);
void store_matrices(uintptr_t row, int count, bool transposed, const uint64_t* from);
uint32_t transpose_matrix(uint32_t two);

}
