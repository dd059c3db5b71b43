// cuBLAS: products whose matrices are anywhere. Their addresses are in device memory, so they are seen when they run.
#include <cstring>

#include "cublas/arguments.h"
#include "memory/findings.h"
#include "memory/state.h"

namespace sim {

namespace {

const cublasStatus_t INVALID = CUBLAS_STATUS_INVALID_VALUE;

struct Batch {
  Product one;
  size_t count;
  Cublas cublas;
  Ranges arrays;
};

void* entry(const Range& array, size_t index) {
  void* address;
  std::memcpy(&address, reinterpret_cast<const char*>(array.start) + index * sizeof address, sizeof address);
  return address;
}

CUresult run_batch(const Batch& batch) {
  if (!usable(batch.one.call, batch.arrays)) {
    return context.failed;
  }
  std::vector<Product> products;
  Ranges results;
  for (size_t i = 0; i < batch.count; i++) {
    Product product = batch.one;
    product.a.start = entry(batch.arrays[0], i);
    product.b.start = entry(batch.arrays[1], i);
    product.c.start = entry(batch.arrays[2], i);
    std::string wrong = place(product, batch.cublas);
    if (!wrong.empty()) {
      return fail_context(Flaw::OUT_OF_BOUNDS, product.call,
                          std::string(product.call) + ": product " + std::to_string(i) + ": " + wrong);
    }
    for (const Range& range : product.ranges) {
      if (range.writes()) {
        results.push_back(range);
        results.back().name = "C[" + std::to_string(i) + "]";
      }
    }
    products.push_back(product);
  }
  std::string wrong = misplaced(results);
  if (!wrong.empty()) {
    return fail_context(Flaw::OUT_OF_BOUNDS, batch.one.call, std::string(batch.one.call) + ": " + wrong);
  }
  for (const Product& product : products) {
    if (run(product) != CUDA_SUCCESS) {
      return context.failed;
    }
  }
  return CUDA_SUCCESS;
}

}

cublasStatus_t cublasGemmBatchedEx(cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m,
                                   int n, int k, const void* alpha, const void* const Aarray[], cudaDataType Atype,
                                   int lda, const void* const Barray[], cudaDataType Btype, int ldb, const void* beta,
                                   void* const Carray[], cudaDataType Ctype, int ldc, int batchCount,
                                   cublasComputeType_t computeType, cublasGemmAlgo_t algo) {
  const char* call = "cublasGemmBatchedEx";
  std::shared_ptr<Cublas> cublas = find_cublas(call, handle);
  if (!cublas) {
    return CUBLAS_STATUS_NOT_INITIALIZED;
  }
  Types types{};
  std::string wrong = wrong_types(*cublas, Atype, Btype, Ctype, computeType, algo, types);
  wrong = wrong.empty() ? no_workspace(*cublas) : wrong;
  if (!wrong.empty()) {
    return refuse(CUBLAS_STATUS_NOT_SUPPORTED, call, wrong);
  }
  Arguments given{transa, transb, m, n, k, alpha, nullptr, lda, nullptr, ldb, beta, nullptr, ldc};
  wrong = batchCount < 0 ? "batchCount: negative" : wrong_product(*cublas, given, types);
  if (!wrong.empty()) {
    return refuse(INVALID, call, wrong);
  }
  if (m == 0 || n == 0 || batchCount == 0) {
    return CUBLAS_STATUS_SUCCESS;
  }
  auto batch = std::make_shared<Batch>(Batch{product_of(call, *cublas, given, types), size_t(batchCount), *cublas, {}});
  for (auto [name, array] : {std::pair<const char*, const void*>{"Aarray", Aarray}, {"Barray", Barray},
                             {"Carray", Carray}}) {
    batch->arrays.push_back({name, reinterpret_cast<Address>(array), batchCount * sizeof(void*), Use::READ,
                             sizeof(void*)});
  }
  return start(*cublas, call, batch->arrays, [batch] { return run_batch(*batch); });
}

}
