// cuBLAS: the products that the engine calls.
#include <algorithm>
#include <vector>

#include "arithmetic/floats.h"
#include "arithmetic/multiply.h"
#include "cublas/handle.h"
#include "driver/host_memory.h"
#include "driver/streams.h"
#include "machine/ranges.h"
#include "machine/state.h"

namespace sim {

namespace {

const cublasStatus_t INVALID = CUBLAS_STATUS_INVALID_VALUE;

// A product as it was asked for, with all values as they were at the call.
struct Product {
  const char* call;
  bool transpose_a, transpose_b;
  size_t m, n, k, lda, ldb, ldc;
  const void* a;
  const void* b;
  void* c;
  // A and B are of one type.
  Element factor, result;
  Factors factors;
  cublasMath_t math;
  float alpha, beta;
  Ranges ranges;
};

// Columns of a column-major matrix.
Range columns(const char* name, const void* start, size_t height, size_t width, size_t leading, Use use,
              Element element) {
  size_t size = size_of(element);
  Range range{name, reinterpret_cast<Address>(start), height * size, use, size, width, leading * size};
  if (height == leading) {
    range.bytes *= width;
    range.rows = 1;
  }
  return range;
}

// Modes that give the same bits here need not on a card: which one a caller set is told by the counters alone.
void count(cublasMath_t mode) {
  counters.products++;
  switch (mode) {
    case CUBLAS_DEFAULT_MATH: counters.default_products++; break;
    case CUBLAS_PEDANTIC_MATH: counters.pedantic_products++; break;
    case CUBLAS_TF32_TENSOR_OP_MATH: counters.tf32_products++; break;
  }
}

CUresult run(const Product& product) {
  if (!usable(product.call, product.ranges)) {
    return context.failed;
  }
  count(product.math);
  // Multiplied by zero, a factor need not have been written.
  bool multiplies = product.alpha != 0 && product.k != 0;
  Floats factors(product.factor);
  size_t size = size_of(product.factor);
  const float* of_a = multiplies ? factors.read(product.a, product.ranges[0].span() / size) : nullptr;
  const float* of_b = multiplies ? factors.read(product.b, product.ranges[1].span() / size) : nullptr;
  // A column-major C is a row-major C transposed, the product of B transposed and A transposed.
  Matrix b = product.transpose_b ? Matrix{of_b, 1, product.ldb} : Matrix{of_b, product.ldb, 1};
  Matrix a = product.transpose_a ? Matrix{of_a, 1, product.lda} : Matrix{of_a, product.lda, 1};
  std::vector<float> sums(product.m * product.n);
  if (multiplies) {
    multiply_add(product.n, product.m, product.k, b, a, sums.data(), product.m, product.factors);
  }
  for (size_t j = 0; j < product.n; j++) {
    for (size_t i = 0; i < product.m; i++) {
      size_t at = j * product.ldc + i;
      float scaled = product.alpha * sums[j * product.m + i];
      bool adds = product.beta != 0;
      store(product.result, product.c, at,
            adds ? scaled + product.beta * load(product.result, product.c, at) : scaled);
    }
  }
  leave(product.ranges);
  return CUDA_SUCCESS;
}

// Empty if the host may read the scalar.
std::string wrong_scalar(const char* name, const float* value) {
  if (in_device_space(reinterpret_cast<Address>(value))) {
    return std::string(name) + " is an address of the device, but the pointer mode is the host's";
  }
  return value && readable(value, sizeof *value) ? "" : std::string(name) + " cannot be read";
}

struct Types {
  Element factor, result;
  Factors factors;
};

cublasStatus_t multiply(const char* call, const std::shared_ptr<Cublas>& cublas, cublasOperation_t transa,
                        cublasOperation_t transb, int m, int n, int k, const float* alpha, const void* A, int lda,
                        const void* B, int ldb, const float* beta, void* C, int ldc, const Types& types) {
  if (unsigned(transa) > CUBLAS_OP_C || unsigned(transb) > CUBLAS_OP_C) {
    return refuse(INVALID, call, "transa or transb: no such operation");
  }
  bool turn_a = transa != CUBLAS_OP_N, turn_b = transb != CUBLAS_OP_N;
  int a_height = turn_a ? k : m, b_height = turn_b ? n : k;
  if (m < 0 || n < 0 || k < 0) {
    return refuse(INVALID, call, "m, n or k: negative");
  }
  const struct {
    const char* name;
    int given, height;
  } leading[] = {{"lda", lda, a_height}, {"ldb", ldb, b_height}, {"ldc", ldc, m}};
  for (const auto& one : leading) {
    if (one.given < std::max(1, one.height)) {
      return refuse(INVALID, call, std::string(one.name) + ": smaller than a column");
    }
  }
  std::string wrong = wrong_scalar("alpha", alpha) + wrong_scalar("beta", beta);
  if (!wrong.empty()) {
    return refuse(INVALID, call, wrong);
  }
  if (cublas->workspace == 0) {
    return refuse(CUBLAS_STATUS_NOT_SUPPORTED, call,
                  "no workspace was set since the handle was made or given a stream, which puts the library's own "
                  "back: call cublasSetWorkspace_v2 after cublasSetStream_v2");
  }
  if (m == 0 || n == 0) {
    return CUBLAS_STATUS_SUCCESS;
  }
  auto product = std::make_shared<Product>(Product{
      call, turn_a, turn_b, size_t(m), size_t(n), size_t(k), size_t(lda), size_t(ldb), size_t(ldc), A, B, C,
      types.factor, types.result, types.factors, cublas->math, *alpha, *beta, {}});
  // Factors of zero are not read.
  Use factor = *alpha == 0 ? Use::HELD : Use::READ;
  product->ranges = {columns("A", A, a_height, turn_a ? m : k, lda, factor, types.factor),
                     columns("B", B, b_height, turn_b ? k : n, ldb, factor, types.factor),
                     columns("C", C, m, n, ldc, *beta == 0 ? Use::WRITE : Use::READ_AND_WRITE, types.result),
                     {"workspace", cublas->workspace, cublas->workspace_size, Use::SCRATCH}};
  wrong = misplaced(product->ranges);
  if (!wrong.empty()) {
    return refuse(INVALID, call, wrong);
  }
  CUresult result = enqueue(cublas->stream, {call, [product] { return run(*product); }});
  return result == CUDA_ERROR_INVALID_HANDLE ? refuse(INVALID, call, "handle: its stream was destroyed")
                                             : cublas_status(result);
}

// A mode of the handle's, which holds for all that does not say otherwise.
Factors factors_of(const Cublas& cublas) {
  return cublas.math == CUBLAS_TF32_TENSOR_OP_MATH ? Factors::TF32 : Factors::AS_THEY_ARE;
}

}

cublasStatus_t cublasSgemm_v2(cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n,
                              int k, const float* alpha, const float* A, int lda, const float* B, int ldb,
                              const float* beta, float* C, int ldc) {
  const char* call = "cublasSgemm_v2";
  std::shared_ptr<Cublas> cublas = find_cublas(call, handle);
  if (!cublas) {
    return CUBLAS_STATUS_NOT_INITIALIZED;
  }
  return multiply(call, cublas, transa, transb, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc,
                  {Element::FLOAT32, Element::FLOAT32, factors_of(*cublas)});
}

cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n,
                            int k, const void* alpha, const void* A, cudaDataType Atype, int lda, const void* B,
                            cudaDataType Btype, int ldb, const void* beta, void* C, cudaDataType Ctype, int ldc,
                            cublasComputeType_t computeType, cublasGemmAlgo_t algo) {
  const char* call = "cublasGemmEx";
  const cublasStatus_t unsupported = CUBLAS_STATUS_NOT_SUPPORTED;
  std::shared_ptr<Cublas> cublas = find_cublas(call, handle);
  if (!cublas) {
    return CUBLAS_STATUS_NOT_INITIALIZED;
  }
  bool pedantic = computeType == CUBLAS_COMPUTE_32F_PEDANTIC, fast = computeType == CUBLAS_COMPUTE_32F_FAST_TF32;
  if (!pedantic && !fast && computeType != CUBLAS_COMPUTE_32F) {
    return refuse(unsupported, call, "computeType: " + std::to_string(int(computeType)) + " is none of 68, 69 and 77");
  }
  if (algo != CUBLAS_GEMM_DEFAULT) {
    return refuse(unsupported, call, "algo: only CUBLAS_GEMM_DEFAULT is known");
  }
  bool floats = Atype == CUDA_R_32F && Btype == CUDA_R_32F && Ctype == CUDA_R_32F;
  bool halves = Atype == CUDA_R_16BF && Btype == CUDA_R_16BF && (Ctype == CUDA_R_16BF || Ctype == CUDA_R_32F);
  if (!floats && !halves) {
    return refuse(unsupported, call, "Atype, Btype or Ctype: A and B are both float32, and so is C, or both bf16");
  }
  if (halves && fast) {
    return refuse(unsupported, call, "computeType: CUBLAS_COMPUTE_32F_FAST_TF32 is for float32, as documented");
  }
  // bf16 has fewer bits than TF32: nothing is lost of it.
  Factors factors = fast ? Factors::TF32 : pedantic || halves ? Factors::AS_THEY_ARE : factors_of(*cublas);
  return multiply(call, cublas, transa, transb, m, n, k, static_cast<const float*>(alpha), A, lda, B, ldb,
                  static_cast<const float*>(beta), C, ldc,
                  {halves ? Element::BFLOAT16 : Element::FLOAT32,
                   Ctype == CUDA_R_16BF ? Element::BFLOAT16 : Element::FLOAT32, factors});
}

}
