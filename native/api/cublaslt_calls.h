// The functions of cuBLASLt that need admission: needs, name and parameters. An includer defines CALL.

CALL(CONTEXT, cublasLtCreate, (cublasLtHandle_t* lightHandle))
CALL(CONTEXT_TO_RELEASE, cublasLtDestroy, (cublasLtHandle_t lightHandle))
CALL(CONTEXT, cublasLtMatmulDescCreate, (cublasLtMatmulDesc_t* matmulDesc, cublasComputeType_t computeType,
     cudaDataType scaleType))
CALL(CONTEXT_TO_RELEASE, cublasLtMatmulDescDestroy, (cublasLtMatmulDesc_t matmulDesc))
CALL(CONTEXT, cublasLtMatmulDescSetAttribute, (cublasLtMatmulDesc_t matmulDesc, cublasLtMatmulDescAttributes_t attr,
     const void* buf, size_t sizeInBytes))
CALL(CONTEXT, cublasLtMatrixLayoutCreate, (cublasLtMatrixLayout_t* matLayout, cudaDataType type, uint64_t rows,
     uint64_t cols, int64_t ld))
CALL(CONTEXT_TO_RELEASE, cublasLtMatrixLayoutDestroy, (cublasLtMatrixLayout_t matLayout))
CALL(CONTEXT, cublasLtMatmulPreferenceCreate, (cublasLtMatmulPreference_t* pref))
CALL(CONTEXT_TO_RELEASE, cublasLtMatmulPreferenceDestroy, (cublasLtMatmulPreference_t pref))
CALL(CONTEXT, cublasLtMatmulPreferenceSetAttribute, (cublasLtMatmulPreference_t pref,
     cublasLtMatmulPreferenceAttributes_t attr, const void* buf, size_t sizeInBytes))
CALL(CONTEXT, cublasLtMatmulAlgoGetHeuristic, (cublasLtHandle_t lightHandle, cublasLtMatmulDesc_t operationDesc,
     cublasLtMatrixLayout_t Adesc, cublasLtMatrixLayout_t Bdesc, cublasLtMatrixLayout_t Cdesc,
     cublasLtMatrixLayout_t Ddesc, cublasLtMatmulPreference_t preference, int requestedAlgoCount,
     cublasLtMatmulHeuristicResult_t heuristicResultsArray[], int* returnAlgoCount))
CALL(CONTEXT, cublasLtMatmul, (cublasLtHandle_t lightHandle, cublasLtMatmulDesc_t computeDesc, const void* alpha,
     const void* A, cublasLtMatrixLayout_t Adesc, const void* B, cublasLtMatrixLayout_t Bdesc, const void* beta,
     const void* C, cublasLtMatrixLayout_t Cdesc, void* D, cublasLtMatrixLayout_t Ddesc,
     const cublasLtMatmulAlgo_t* algo, void* workspace, size_t workspaceSizeInBytes, CUstream stream))

#undef CALL
