// The arguments of cuBLAS' calls, and the checks that refuse wrong arguments.
#pragma once
#include "cublas/product.h"

namespace sim {

// The arguments of every product, for a batch as of one of its products.
struct Arguments {
  cublasOperation_t transa, transb;
  int m, n, k;
  const void* alpha;
  const void* A;
  int lda;
  const void* B;
  int ldb;
  const void* beta;
  void* C;
  int ldc;
  long long stride_a = 0, stride_b = 0, stride_c = 0;
  int batch = 1;
};

// The types of a product; A and B have the same type.
struct Types {
  Element factor, result;
  Factors factors;

  // Whether the arithmetic, alpha and beta are in float64.
  bool in_doubles() const { return factor == Element::FLOAT64; }
};

// Finds the element of a type; false for an unknown type.
bool known(cudaDataType type, Element& element);

// The types of a call, for a part of cuBLAS' table of allowed combinations.
Types types_of(const Cublas& cublas, cudaDataType a, cudaDataType b, cudaDataType c, cublasComputeType_t compute,
               cublasGemmAlgo_t algo = CUBLAS_GEMM_DEFAULT);

// A scalar in host memory, if the handle's pointer mode says host.
double scalar(const Cublas& cublas, const char* name, const void* value, bool in_doubles);

// A product with these arguments; its memory is not placed yet.
Product product_of(const Cublas& cublas, const Arguments& given, const Types& types);

// The rounding of factors by the handle's math mode, for calls that do not name another.
Factors factors_of(const Cublas& cublas);

// Places the product's memory and enqueues it, unless there is nothing to do.
void start(const Cublas& cublas, const Product& product);

// Enqueues work on the ranges on the handle's stream, unless an address is wrong.
void start(const Cublas& cublas, const Ranges& ranges, std::function<CUresult()> run);

// Checks that a product has a workspace: one that was set, or the library's own, which captures cannot use.
void want_workspace(const Cublas& cublas);

}
