// The functions of cuBLAS that need admission: needs, name and parameters. An includer defines CALL.

CALL(CONTEXT, cublasCreate_v2, (cublasHandle_t* handle))
CALL(CONTEXT_TO_RELEASE, cublasDestroy_v2, (cublasHandle_t handle))
CALL(CONTEXT, cublasSetStream_v2, (cublasHandle_t handle, CUstream stream))
CALL(CONTEXT, cublasSetWorkspace_v2, (cublasHandle_t handle, void* workspace, size_t bytes))
CALL(CONTEXT, cublasSetMathMode, (cublasHandle_t handle, cublasMath_t mode))
CALL(CONTEXT, cublasSetPointerMode_v2, (cublasHandle_t handle, cublasPointerMode_t mode))
CALL(CONTEXT, cublasSgemm_v2, (cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n,
     int k, const float* alpha, const float* A, int lda, const float* B, int ldb, const float* beta, float* C, int ldc))
CALL(CONTEXT, cublasSgemmStridedBatched, (cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb,
     int m, int n, int k, const float* alpha, const float* A, int lda, long long int strideA, const float* B, int ldb,
     long long int strideB, const float* beta, float* C, int ldc, long long int strideC, int batchCount))
CALL(CONTEXT, cublasGemmEx, (cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n,
     int k, const void* alpha, const void* A, cudaDataType Atype, int lda, const void* B, cudaDataType Btype, int ldb,
     const void* beta, void* C, cudaDataType Ctype, int ldc, cublasComputeType_t computeType, cublasGemmAlgo_t algo))
CALL(CONTEXT, cublasGemmStridedBatchedEx, (cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb,
     int m, int n, int k, const void* alpha, const void* A, cudaDataType Atype, int lda, long long int strideA,
     const void* B, cudaDataType Btype, int ldb, long long int strideB, const void* beta, void* C, cudaDataType Ctype,
     int ldc, long long int strideC, int batchCount, cublasComputeType_t computeType, cublasGemmAlgo_t algo))
CALL(CONTEXT, cublasGemmBatchedEx, (cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m,
     int n, int k, const void* alpha, const void* const Aarray[], cudaDataType Atype, int lda,
     const void* const Barray[], cudaDataType Btype, int ldb, const void* beta, void* const Carray[],
     cudaDataType Ctype, int ldc, int batchCount, cublasComputeType_t computeType, cublasGemmAlgo_t algo))
CALL(CONTEXT, cublasSgemv_v2, (cublasHandle_t handle, cublasOperation_t trans, int m, int n, const float* alpha,
     const float* A, int lda, const float* x, int incx, const float* beta, float* y, int incy))
CALL(CONTEXT, cublasDgemv_v2, (cublasHandle_t handle, cublasOperation_t trans, int m, int n, const double* alpha,
     const double* A, int lda, const double* x, int incx, const double* beta, double* y, int incy))
CALL(CONTEXT, cublasSaxpy_v2, (cublasHandle_t handle, int n, const float* alpha, const float* x, int incx, float* y,
     int incy))
CALL(CONTEXT, cublasSdot_v2, (cublasHandle_t handle, int n, const float* x, int incx, const float* y, int incy,
     float* result))
CALL(CONTEXT, cublasDaxpy_v2, (cublasHandle_t handle, int n, const double* alpha, const double* x, int incx, double* y,
     int incy))
CALL(CONTEXT, cublasDdot_v2, (cublasHandle_t handle, int n, const double* x, int incx, const double* y, int incy,
     double* result))
CALL(CONTEXT, cublasAxpyEx, (cublasHandle_t handle, int n, const void* alpha, cudaDataType alphaType, const void* x,
     cudaDataType xType, int incx, void* y, cudaDataType yType, int incy, cudaDataType executiontype))
CALL(CONTEXT, cublasDotEx, (cublasHandle_t handle, int n, const void* x, cudaDataType xType, int incx, const void* y,
     cudaDataType yType, int incy, void* result, cudaDataType resultType, cudaDataType executionType))
CALL(CONTEXT, cublasNrm2Ex, (cublasHandle_t handle, int n, const void* x, cudaDataType xType, int incx, void* result,
     cudaDataType resultType, cudaDataType executionType))
CALL(CONTEXT, cublasScalEx, (cublasHandle_t handle, int n, const void* alpha, cudaDataType alphaType, void* x,
     cudaDataType xType, int incx, cudaDataType executionType))

#undef CALL
