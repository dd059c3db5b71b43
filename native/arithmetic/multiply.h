// Products of matrices in float32, for the simulated libraries.
#pragma once
#include <cstddef>

namespace sim {

// Element (i, j) lies at data[i * row + j * column].
struct Matrix {
  const float* data;
  size_t row;
  size_t column;
};

// The rounding of an element before it is multiplied. Sums are float32 in any case.
enum class Factors { AS_THEY_ARE, TF32 };

// C[i * c_row + j] += the product of A [rows, depth] and B [depth, columns]. Each element is summed in an order that
// depends on depth alone, so that the bits are the same everywhere.
void multiply_add(size_t rows, size_t columns, size_t depth, Matrix a, Matrix b, float* c, size_t c_row,
                  Factors factors);

}
