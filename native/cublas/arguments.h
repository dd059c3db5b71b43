// The arguments of cuBLAS' calls, and what is wrong with them.
#pragma once
#include <functional>

#include "cublas/product.h"

namespace sim {

// Those that every product has, and those of a batch as a single product has them.
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

// A and B are of one type.
struct Types {
  Element factor, result;
  Factors factors;

  // alpha and beta are, too.
  bool in_doubles() const { return factor == Element::FLOAT64; }
};

// The element of a type; false for one that is not known.
bool known(cudaDataType type, Element& element);

// Empty if the host may read the scalar, where the handle says that it is the host's.
std::string wrong_scalar(const Cublas& cublas, const char* name, const void* value, size_t size);

double scalar(const void* value, bool in_doubles);

// Empty if the numbers make sense, alpha and beta among them.
std::string wrong_product(const Cublas& cublas, const Arguments& given, const Types& types);

// The mistake in the types of a call, or empty; a part of what cuBLAS' table allows.
std::string wrong_types(const Cublas& cublas, cudaDataType a, cudaDataType b, cudaDataType c,
                        cublasComputeType_t compute, cublasGemmAlgo_t algo, Types& types);

// A product of such arguments, whose memory is not yet placed.
Product product_of(const char* call, const Cublas& cublas, const Arguments& given, const Types& types);

// A mode of the handle's, which holds for all that does not say otherwise.
Factors factors_of(const Cublas& cublas);

// Places the product's memory and enqueues it.
cublasStatus_t start(const Cublas& cublas, const Product& product);

// Enqueues what works on the ranges on the handle's stream, unless an address is wrong.
cublasStatus_t start(const Cublas& cublas, const char* call, const Ranges& ranges, std::function<CUresult()> run);

// Empty if a workspace was set, or the library's own will do: outside of captures.
std::string no_workspace(const Cublas& cublas);

}
