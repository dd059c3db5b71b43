// Products of matrices as they were asked for: one, or a batch at equal distances.
#pragma once
#include "arithmetic/multiply.h"
#include "arithmetic/precision.h"
#include "cublas/handle.h"
#include "memory/ranges.h"

namespace sim {

// A column-major matrix, or one for each product of a batch.
struct Operand {
  const char* name;
  const void* start;
  size_t height, width, leading;
  // The distance of one product's to the next's, in elements; 0 if all have the same.
  size_t stride;
  Element element;

  void* of(size_t product) const {
    return static_cast<char*>(const_cast<void*>(start)) + product * stride * size_of(element);
  }
  // Elements from the first to the last of one matrix.
  size_t span() const { return height == 0 || width == 0 ? 0 : (width - 1) * leading + height; }
};

enum class Activation { NONE, RELU, GELU };

// Is applied to each element of a result last. The bias has an element for each row; null is none.
struct Epilogue {
  const void* bias = nullptr;
  Activation activation = Activation::NONE;
};

// With all values as they were at the call.
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

// Finds the device memory that the products work on; the mistake in its addresses, or empty if there is none.
std::string place(Product& product, const Cublas& cublas);

CUresult run(const Product& product);

}
