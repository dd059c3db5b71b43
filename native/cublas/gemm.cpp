// cuBLAS: the calls for products of matrices, which run as operations of a stream.
#include <cstring>

#include "cublas/arguments.h"
#include "memory/findings.h"
#include "memory/state.h"

namespace sim {

namespace {

// Products whose matrices may lie anywhere. Device memory holds the matrices' addresses, so they are read when the
// operation runs.
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
  const std::string& call = batch.one.call;
  if (!usable(call.c_str(), batch.arrays)) {
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
      return fail_context(Flaw::OUT_OF_BOUNDS, call, call + ": product " + std::to_string(i) + ": " + wrong);
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
    return fail_context(Flaw::OUT_OF_BOUNDS, call, call + ": " + wrong);
  }
  for (const Product& product : products) {
    if (run(product) != CUDA_SUCCESS) {
      return context.failed;
    }
  }
  return CUDA_SUCCESS;
}

void multiply(cublasHandle_t handle, const Arguments& given, cudaDataType a = CUDA_R_32F, cudaDataType b = CUDA_R_32F,
              cudaDataType c = CUDA_R_32F, cublasComputeType_t compute = CUBLAS_COMPUTE_32F,
              cublasGemmAlgo_t algo = CUBLAS_GEMM_DEFAULT) {
  const Cublas& cublas = find_cublas(handle);
  Product product = product_of(cublas, given, types_of(cublas, a, b, c, compute, algo));
  want_workspace(cublas);
  start(cublas, product);
}

}

void cublasSgemm_v2(cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n, int k,
                    const float* alpha, const float* A, int lda, const float* B, int ldb, const float* beta, float* C,
                    int ldc) {
  multiply(handle, {transa, transb, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc});
}

void cublasSgemmStridedBatched(cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n,
                               int k, const float* alpha, const float* A, int lda, long long int strideA,
                               const float* B, int ldb, long long int strideB, const float* beta, float* C, int ldc,
                               long long int strideC, int batchCount) {
  multiply(handle,
           {transa, transb, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc, strideA, strideB, strideC, batchCount});
}

void cublasGemmEx(cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n, int k,
                  const void* alpha, const void* A, cudaDataType Atype, int lda, const void* B, cudaDataType Btype,
                  int ldb, const void* beta, void* C, cudaDataType Ctype, int ldc, cublasComputeType_t computeType,
                  cublasGemmAlgo_t algo) {
  multiply(handle, {transa, transb, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc}, Atype, Btype, Ctype, computeType,
           algo);
}

void cublasGemmStridedBatchedEx(cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n,
                                int k, const void* alpha, const void* A, cudaDataType Atype, int lda,
                                long long int strideA, const void* B, cudaDataType Btype, int ldb,
                                long long int strideB, const void* beta, void* C, cudaDataType Ctype, int ldc,
                                long long int strideC, int batchCount, cublasComputeType_t computeType,
                                cublasGemmAlgo_t algo) {
  multiply(handle,
           {transa, transb, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc, strideA, strideB, strideC, batchCount}, Atype,
           Btype, Ctype, computeType, algo);
}

void cublasGemmBatchedEx(cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n, int k,
                         const void* alpha, const void* const Aarray[], cudaDataType Atype, int lda,
                         const void* const Barray[], cudaDataType Btype, int ldb, const void* beta,
                         void* const Carray[], cudaDataType Ctype, int ldc, int batchCount,
                         cublasComputeType_t computeType, cublasGemmAlgo_t algo) {
  const Cublas& cublas = find_cublas(handle);
  Types types = types_of(cublas, Atype, Btype, Ctype, computeType, algo);
  want_workspace(cublas);
  refuse_if(batchCount < 0, INVALID, "batchCount: negative");
  Product one = product_of(cublas, {transa, transb, m, n, k, alpha, nullptr, lda, nullptr, ldb, beta, nullptr, ldc},
                           types);
  if (one.empty() || batchCount == 0) {
    return;
  }
  auto batch = std::make_shared<Batch>(Batch{one, size_t(batchCount), cublas, {}});
  for (auto [name, array] : {std::pair<const char*, const void*>{"Aarray", Aarray}, {"Barray", Barray},
                             {"Carray", Carray}}) {
    batch->arrays.push_back({name, reinterpret_cast<Address>(array), batchCount * sizeof(void*), Use::READ,
                             sizeof(void*)});
  }
  start(cublas, batch->arrays, [batch] { return run_batch(*batch); });
}

}
