#include "arithmetic/multiply.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "arithmetic/precision.h"

namespace sim {

namespace {

typedef float Eight __attribute__((vector_size(32)));

constexpr size_t ROWS = 4, COLUMNS = 8;
// The number of products that are summed in float32; the chunks' sums are added in float64, so long sums are as exact
// as short ones.
constexpr size_t CHUNK = 128;

// Packs columns of B side by side, whatever its strides, with zeros past the last.
void pack(std::vector<float>& panel, Matrix b, size_t depth, size_t first, size_t count) {
  std::fill(panel.begin(), panel.end(), 0.0f);
  for (size_t p = 0; p < depth; p++) {
    for (size_t j = 0; j < count; j++) {
      panel[p * COLUMNS + j] = b.data[p * b.row + (first + j) * b.column];
    }
  }
}

// Packs a matrix row by row, whatever its strides.
std::vector<float> rounded(Matrix matrix, size_t rows, size_t columns) {
  std::vector<float> values(rows * columns);
  for (size_t i = 0; i < rows; i++) {
    for (size_t j = 0; j < columns; j++) {
      values[i * columns + j] = rounded_to_tf32(matrix.data[i * matrix.row + j * matrix.column]);
    }
  }
  return values;
}

// Faster on processors with wider registers, with the same bits, because nothing is fused. The C library chooses the
// clone.
__attribute__((target_clones("avx2", "default")))
void multiply_chunk(const float* const a[ROWS], size_t step, const float* panel, size_t depth,
                    double total[ROWS][COLUMNS]) {
  Eight part[ROWS] = {};
  for (size_t p = 0; p < depth; p++) {
    Eight row;
    std::memcpy(&row, panel + p * COLUMNS, sizeof row);
    for (size_t i = 0; i < ROWS; i++) {
      part[i] += a[i][p * step] * row;
    }
  }
  for (size_t i = 0; i < ROWS; i++) {
    for (size_t j = 0; j < COLUMNS; j++) {
      total[i][j] += double(part[i][j]);
    }
  }
}

}

void multiply_add(size_t rows, size_t columns, size_t depth, Matrix a, Matrix b, float* c, size_t c_row,
                  Factors factors) {
  if (factors == Factors::TF32) {
    std::vector<float> of_a = rounded(a, rows, depth), of_b = rounded(b, depth, columns);
    multiply_add(rows, columns, depth, {of_a.data(), depth, 1}, {of_b.data(), columns, 1}, c, c_row,
                 Factors::AS_THEY_ARE);
    return;
  }
  std::vector<float> panel(depth * COLUMNS);
  for (size_t first = 0; first < columns; first += COLUMNS) {
    size_t wide = std::min(COLUMNS, columns - first);
    pack(panel, b, depth, first, wide);
    for (size_t top = 0; top < rows; top += ROWS) {
      double total[ROWS][COLUMNS] = {};
      for (size_t p = 0; p < depth; p += CHUNK) {
        const float* lines[ROWS];
        for (size_t i = 0; i < ROWS; i++) {
          // Past the last row, the last row is multiplied again and the result is thrown away.
          lines[i] = a.data + std::min(top + i, rows - 1) * a.row + p * a.column;
        }
        multiply_chunk(lines, a.column, panel.data() + p * COLUMNS, std::min(CHUNK, depth - p), total);
      }
      for (size_t i = 0; i < std::min(ROWS, rows - top); i++) {
        for (size_t j = 0; j < wide; j++) {
          c[(top + i) * c_row + first + j] += float(total[i][j]);
        }
      }
    }
  }
}

void multiply_add(size_t rows, size_t columns, size_t depth, MatrixOf<double> a, MatrixOf<double> b, double* c,
                  size_t c_row, Factors) {
  for (size_t i = 0; i < rows; i++) {
    std::vector<double> sums(columns);
    for (size_t p = 0; p < depth; p++) {
      for (size_t j = 0; j < columns; j++) {
        sums[j] += a.data[i * a.row + p * a.column] * b.data[p * b.row + j * b.column];
      }
    }
    for (size_t j = 0; j < columns; j++) {
      c[i * c_row + j] += sums[j];
    }
  }
}

}
