// Products of matrices in float32 and float64, for the simulated libraries.
#pragma once
#include <cstddef>

namespace sim {

// Element (i, j) lies at data[i * row + j * column].
template <typename Real>
struct MatrixOf {
  const Real* data;
  size_t row;
  size_t column;
};
using Matrix = MatrixOf<float>;

// The rounding of a float32 before it is multiplied. Sums keep the type of the matrices.
enum class Factors { AS_THEY_ARE, TF32 };

// C[i * c_row + j] += the product of A [rows, depth] and B [depth, columns]. The order in which an element is summed
// depends on depth alone, so the bits are the same everywhere.
void multiply_add(size_t rows, size_t columns, size_t depth, Matrix a, Matrix b, float* c, size_t c_row,
                  Factors factors);
void multiply_add(size_t rows, size_t columns, size_t depth, MatrixOf<double> a, MatrixOf<double> b, double* c,
                  size_t c_row, Factors factors);

}
