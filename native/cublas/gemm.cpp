// cuBLAS: the calls for products of matrices. Products run as operations of a stream.
#include "cublas/arguments.h"

namespace sim {

namespace {

const cublasStatus_t INVALID = CUBLAS_STATUS_INVALID_VALUE, UNSUPPORTED = CUBLAS_STATUS_NOT_SUPPORTED;

cublasStatus_t multiply(const char* call, const Cublas& cublas, const Arguments& given, const Types& types) {
  std::string wrong = wrong_product(cublas, given, types);
  if (!wrong.empty()) {
    return refuse(INVALID, call, wrong);
  }
  std::string lacking = no_workspace(cublas);
  if (!lacking.empty()) {
    return refuse(UNSUPPORTED, call, lacking);
  }
  return given.m == 0 || given.n == 0 || given.batch == 0 ? CUBLAS_STATUS_SUCCESS
                                                          : start(cublas, product_of(call, cublas, given, types));
}

cublasStatus_t multiply_typed(const char* call, cublasHandle_t handle, const Arguments& given, cudaDataType a,
                              cudaDataType b, cudaDataType c, cublasComputeType_t compute, cublasGemmAlgo_t algo) {
  std::shared_ptr<Cublas> cublas = find_cublas(call, handle);
  if (!cublas) {
    return CUBLAS_STATUS_NOT_INITIALIZED;
  }
  Types types{};
  std::string wrong = wrong_types(*cublas, a, b, c, compute, algo, types);
  return wrong.empty() ? multiply(call, *cublas, given, types) : refuse(UNSUPPORTED, call, wrong);
}

// In the handle's mode.
cublasStatus_t multiply_floats(const char* call, cublasHandle_t handle, const Arguments& given) {
  std::shared_ptr<Cublas> cublas = find_cublas(call, handle);
  if (!cublas) {
    return CUBLAS_STATUS_NOT_INITIALIZED;
  }
  return multiply(call, *cublas, given, {Element::FLOAT32, Element::FLOAT32, factors_of(*cublas)});
}

}

cublasStatus_t cublasSgemm_v2(cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n,
                              int k, const float* alpha, const float* A, int lda, const float* B, int ldb,
                              const float* beta, float* C, int ldc) {
  return multiply_floats("cublasSgemm_v2", handle, {transa, transb, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc});
}

cublasStatus_t cublasSgemmStridedBatched(cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb,
                                         int m, int n, int k, const float* alpha, const float* A, int lda,
                                         long long int strideA, const float* B, int ldb, long long int strideB,
                                         const float* beta, float* C, int ldc, long long int strideC, int batchCount) {
  return multiply_floats("cublasSgemmStridedBatched", handle,
                         {transa, transb, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc, strideA, strideB, strideC,
                          batchCount});
}

cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n,
                            int k, const void* alpha, const void* A, cudaDataType Atype, int lda, const void* B,
                            cudaDataType Btype, int ldb, const void* beta, void* C, cudaDataType Ctype, int ldc,
                            cublasComputeType_t computeType, cublasGemmAlgo_t algo) {
  return multiply_typed("cublasGemmEx", handle, {transa, transb, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc}, Atype,
                        Btype, Ctype, computeType, algo);
}

cublasStatus_t cublasGemmStridedBatchedEx(cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb,
                                          int m, int n, int k, const void* alpha, const void* A, cudaDataType Atype,
                                          int lda, long long int strideA, const void* B, cudaDataType Btype, int ldb,
                                          long long int strideB, const void* beta, void* C, cudaDataType Ctype, int ldc,
                                          long long int strideC, int batchCount, cublasComputeType_t computeType,
                                          cublasGemmAlgo_t algo) {
  return multiply_typed("cublasGemmStridedBatchedEx", handle,
                        {transa, transb, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc, strideA, strideB, strideC,
                         batchCount},
                        Atype, Btype, Ctype, computeType, algo);
}

}
