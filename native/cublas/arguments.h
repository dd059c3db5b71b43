// The arguments of cuBLAS' calls, and the refusal of those that are wrong.
#pragma once
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

// Those of a call; a part of what cuBLAS' table allows.
Types types_of(const Cublas& cublas, cudaDataType a, cudaDataType b, cudaDataType c, cublasComputeType_t compute,
               cublasGemmAlgo_t algo = CUBLAS_GEMM_DEFAULT);

// The host's, where the handle says that it is there.
double scalar(const Cublas& cublas, const char* name, const void* value, bool in_doubles);

// A product of such arguments, whose memory is not yet placed.
Product product_of(const Cublas& cublas, const Arguments& given, const Types& types);

// A mode of the handle's, which holds for all that does not say otherwise.
Factors factors_of(const Cublas& cublas);

// Places the product's memory and enqueues it, unless there is nothing to do.
void start(const Cublas& cublas, const Product& product);

// Enqueues what works on the ranges on the handle's stream, unless an address is wrong.
void start(const Cublas& cublas, const Ranges& ranges, std::function<CUresult()> run);

// A product wants a workspace that was set, or the library's own, which will do outside of captures.
void want_workspace(const Cublas& cublas);

}
