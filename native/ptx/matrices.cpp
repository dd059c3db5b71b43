#include "ptx/matrices.h"

#include "machine/warp_matrices.h"

namespace sim::ptx {

void multiply_add(const Product& product, uint64_t* d, const uint64_t* a, const uint64_t* b, const uint64_t* c) {
  multiply_together("mma.sync", product.multiply, product.saturate, {d, a, b, c});
}

void load_matrices(uint64_t* to, int count, bool transposed, uintptr_t row) {
  uint32_t loaded[4];
  sim::load_matrices("ldmatrix", loaded, count, transposed, row);
  for (int i = 0; i < count; i++) {
    to[i] = loaded[i];
  }
}

void store_matrices(uintptr_t row, int count, bool transposed, const uint64_t* from) {
  uint32_t stored[4];
  for (int i = 0; i < count; i++) {
    stored[i] = uint32_t(from[i]);
  }
  sim::store_matrices("stmatrix", row, count, transposed, stored);
}

uint32_t transpose_matrix(uint32_t two) { return sim::transpose_matrix("movmatrix", two); }

}
