// libcublas: NVIDIA's names, forwarded with the admission that the driver's calls need.
#include "calls/forward.h"
#include "cublas/calls.h"

#define FORWARD(needs, name, parameters, arguments) \
  FORWARD_AS(cublasStatus_t, sim::cublas_status, needs, name, parameters, arguments)

FORWARD(CONTEXT, cublasCreate_v2, (cublasHandle_t* handle), (handle))
FORWARD(CONTEXT_TO_RELEASE, cublasDestroy_v2, (cublasHandle_t handle), (handle))
FORWARD(CONTEXT, cublasSetStream_v2, (cublasHandle_t handle, CUstream stream), (handle, stream))
FORWARD(CONTEXT, cublasSetWorkspace_v2, (cublasHandle_t handle, void* workspace, size_t bytes),
        (handle, workspace, bytes))
FORWARD(CONTEXT, cublasSetMathMode, (cublasHandle_t handle, cublasMath_t mode), (handle, mode))
FORWARD(CONTEXT, cublasSgemm_v2,
        (cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n, int k,
         const float* alpha, const float* A, int lda, const float* B, int ldb, const float* beta, float* C, int ldc),
        (handle, transa, transb, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc))
FORWARD(CONTEXT, cublasSgemmStridedBatched,
        (cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n, int k,
         const float* alpha, const float* A, int lda, long long int strideA, const float* B, int ldb,
         long long int strideB, const float* beta, float* C, int ldc, long long int strideC, int batchCount),
        (handle, transa, transb, m, n, k, alpha, A, lda, strideA, B, ldb, strideB, beta, C, ldc, strideC, batchCount))
FORWARD(CONTEXT, cublasGemmEx,
        (cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n, int k,
         const void* alpha, const void* A, cudaDataType Atype, int lda, const void* B, cudaDataType Btype, int ldb,
         const void* beta, void* C, cudaDataType Ctype, int ldc, cublasComputeType_t computeType,
         cublasGemmAlgo_t algo),
        (handle, transa, transb, m, n, k, alpha, A, Atype, lda, B, Btype, ldb, beta, C, Ctype, ldc, computeType, algo))
FORWARD(CONTEXT, cublasGemmStridedBatchedEx,
        (cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n, int k,
         const void* alpha, const void* A, cudaDataType Atype, int lda, long long int strideA, const void* B,
         cudaDataType Btype, int ldb, long long int strideB, const void* beta, void* C, cudaDataType Ctype, int ldc,
         long long int strideC, int batchCount, cublasComputeType_t computeType, cublasGemmAlgo_t algo),
        (handle, transa, transb, m, n, k, alpha, A, Atype, lda, strideA, B, Btype, ldb, strideB, beta, C, Ctype, ldc,
         strideC, batchCount, computeType, algo))

FORWARD(CONTEXT, cublasSetPointerMode_v2, (cublasHandle_t handle, cublasPointerMode_t mode), (handle, mode))
FORWARD(CONTEXT, cublasGemmBatchedEx,
        (cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n, int k,
         const void* alpha, const void* const Aarray[], cudaDataType Atype, int lda, const void* const Barray[],
         cudaDataType Btype, int ldb, const void* beta, void* const Carray[], cudaDataType Ctype, int ldc,
         int batchCount, cublasComputeType_t computeType, cublasGemmAlgo_t algo),
        (handle, transa, transb, m, n, k, alpha, Aarray, Atype, lda, Barray, Btype, ldb, beta, Carray, Ctype, ldc,
         batchCount, computeType, algo))
FORWARD(CONTEXT, cublasSgemv_v2,
        (cublasHandle_t handle, cublasOperation_t trans, int m, int n, const float* alpha, const float* A, int lda,
         const float* x, int incx, const float* beta, float* y, int incy),
        (handle, trans, m, n, alpha, A, lda, x, incx, beta, y, incy))
FORWARD(CONTEXT, cublasDgemv_v2,
        (cublasHandle_t handle, cublasOperation_t trans, int m, int n, const double* alpha, const double* A, int lda,
         const double* x, int incx, const double* beta, double* y, int incy),
        (handle, trans, m, n, alpha, A, lda, x, incx, beta, y, incy))
FORWARD(CONTEXT, cublasAxpyEx,
        (cublasHandle_t handle, int n, const void* alpha, cudaDataType alphaType, const void* x, cudaDataType xType,
         int incx, void* y, cudaDataType yType, int incy, cudaDataType executiontype),
        (handle, n, alpha, alphaType, x, xType, incx, y, yType, incy, executiontype))
FORWARD(CONTEXT, cublasDotEx,
        (cublasHandle_t handle, int n, const void* x, cudaDataType xType, int incx, const void* y, cudaDataType yType,
         int incy, void* result, cudaDataType resultType, cudaDataType executionType),
        (handle, n, x, xType, incx, y, yType, incy, result, resultType, executionType))
FORWARD(CONTEXT, cublasNrm2Ex,
        (cublasHandle_t handle, int n, const void* x, cudaDataType xType, int incx, void* result,
         cudaDataType resultType, cudaDataType executionType),
        (handle, n, x, xType, incx, result, resultType, executionType))
FORWARD(CONTEXT, cublasScalEx,
        (cublasHandle_t handle, int n, const void* alpha, cudaDataType alphaType, void* x, cudaDataType xType, int incx,
         cudaDataType executionType),
        (handle, n, alpha, alphaType, x, xType, incx, executionType))

// The version is the shim's own: one source serves both libraries. The real one needs no GPU for it either.
EXPORT cublasStatus_t cublasGetProperty(libraryPropertyType type, int* value) {
  if (!value || type < MAJOR_VERSION || type > PATCH_LEVEL) {
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  const int parts[] = {CHARLSTM_CUBLAS_VERSION / 10000, CHARLSTM_CUBLAS_VERSION / 100 % 100,
                       CHARLSTM_CUBLAS_VERSION % 100};
  *value = parts[type];
  return CUBLAS_STATUS_SUCCESS;
}

// Explaining an error is never refused and never made to fail, or no message could be tested.
EXPORT const char* cublasGetStatusName(cublasStatus_t status) {
  return sim::cublasGetStatusName(status);
}
