// cuBLAS: the one product that the engine calls.
#include <algorithm>
#include <vector>

#include "cublas_objects.h"
#include "host_memory.h"
#include "multiply.h"
#include "ranges.h"
#include "state.h"
#include "streams.h"

namespace sim {

namespace {

const cublasStatus_t INVALID = CUBLAS_STATUS_INVALID_VALUE;

// A product as it was asked for, with all values as they were at the call.
struct Product {
  bool transpose_a, transpose_b;
  size_t m, n, k, lda, ldb, ldc;
  const float* a;
  const float* b;
  float* c;
  float alpha, beta;
  Ranges ranges;
};

// Columns of a column-major matrix.
Range columns(const char* name, const void* start, size_t height, size_t width, size_t leading, Use use) {
  Range range{name, reinterpret_cast<Address>(start), height * 4, use, 4, width, leading * 4};
  if (height == leading) {
    range.bytes *= width;
    range.rows = 1;
  }
  return range;
}

CUresult run(const Product& product) {
  if (!usable("cublasSgemm_v2", product.ranges)) {
    return context.failed;
  }
  counters.products++;
  // A column-major C is a row-major C transposed, the product of B transposed and A transposed.
  Matrix b = product.transpose_b ? Matrix{product.b, 1, product.ldb} : Matrix{product.b, product.ldb, 1};
  Matrix a = product.transpose_a ? Matrix{product.a, 1, product.lda} : Matrix{product.a, product.lda, 1};
  std::vector<float> sums(product.m * product.n);
  if (product.alpha != 0 && product.k != 0) {
    multiply_add(product.n, product.m, product.k, b, a, sums.data(), product.m);
  }
  for (size_t j = 0; j < product.n; j++) {
    for (size_t i = 0; i < product.m; i++) {
      float& c = product.c[j * product.ldc + i];
      float scaled = product.alpha * sums[j * product.m + i];
      c = product.beta == 0 ? scaled : scaled + product.beta * c;
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

}

cublasStatus_t cublasSgemm_v2(cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n,
                              int k, const float* alpha, const float* A, int lda, const float* B, int ldb,
                              const float* beta, float* C, int ldc) {
  const char* call = "cublasSgemm_v2";
  std::shared_ptr<Cublas> cublas = find_cublas(call, handle);
  if (!cublas) {
    return CUBLAS_STATUS_NOT_INITIALIZED;
  }
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
  auto product = std::make_shared<Product>(Product{turn_a, turn_b, size_t(m), size_t(n), size_t(k), size_t(lda),
                                                   size_t(ldb), size_t(ldc), A, B, C, *alpha, *beta, {}});
  // What is multiplied by zero is not read.
  Use factor = *alpha == 0 ? Use::HELD : Use::READ;
  product->ranges = {columns("A", A, a_height, turn_a ? m : k, lda, factor),
                     columns("B", B, b_height, turn_b ? k : n, ldb, factor),
                     columns("C", C, m, n, ldc, *beta == 0 ? Use::WRITE : Use::READ_AND_WRITE),
                     {"workspace", cublas->workspace, cublas->workspace_size, Use::SCRATCH}};
  wrong = misplaced(product->ranges);
  if (!wrong.empty()) {
    return refuse(INVALID, call, wrong);
  }
  CUresult result = enqueue(cublas->stream, {[product] { return run(*product); }, {}});
  return result == CUDA_ERROR_INVALID_HANDLE ? refuse(INVALID, call, "handle: its stream was destroyed")
                                             : cublas_status(result);
}

}
