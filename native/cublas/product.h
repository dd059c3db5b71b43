// Products of matrices: one product, or a batch at equal distances.
#pragma once
#include "arithmetic/multiply.h"
#include "arithmetic/precision.h"
#include "cublas/handle.h"
#include "memory/ranges.h"

namespace sim {

// A column-major matrix, or a matrix for each product of a batch.
struct Operand {
  const char* name;
  const void* start;
  size_t height, width, leading;
  // The distance in elements from one product's matrix to the next; 0 if all products share one matrix.
  size_t stride;
  Element element;

  void* of(size_t product) const {
    return static_cast<char*>(const_cast<void*>(start)) + product * stride * size_of(element);
  }
  // The number of elements from the first to the last of one matrix.
  size_t span() const { return height == 0 || width == 0 ? 0 : (width - 1) * leading + height; }
};

enum class Activation { NONE, RELU, GELU };

// The last operation on each element of a result. The bias has an element for each row; null means no bias.
struct Epilogue {
  const void* bias = nullptr;
  Activation activation = Activation::NONE;
};

// A product with all values as they were at the call.
struct Product {
  bool transpose_a, transpose_b;
  size_t m, n, k, batch;
  Operand a, b, c;
  Factors factors;
  cublasMath_t math;
  double alpha, beta;
  Epilogue epilogue = {};
  Ranges ranges = {};
  std::string call = current_call;

  bool empty() const { return m == 0 || n == 0 || batch == 0; }
};

// Finds the device memory of the product's matrices; returns the mistake in the addresses, or an empty text.
std::string place(Product& product, const Cublas& cublas);

CUresult run(const Product& product);

}
