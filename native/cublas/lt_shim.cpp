// libcublasLt: NVIDIA's names, forwarded with the admission that the driver's calls need.
#include "calls/forward.h"
#include "cublas/calls.h"
#include "cublas/lt_calls.h"

#define FORWARD(needs, name, parameters, arguments) \
  FORWARD_AS(cublasStatus_t, sim::cublas_status, needs, name, parameters, arguments)

FORWARD(CONTEXT, cublasLtCreate, (cublasLtHandle_t* lightHandle), (lightHandle))
FORWARD(CONTEXT_TO_RELEASE, cublasLtDestroy, (cublasLtHandle_t lightHandle), (lightHandle))
FORWARD(CONTEXT, cublasLtMatmulDescCreate,
        (cublasLtMatmulDesc_t* matmulDesc, cublasComputeType_t computeType, cudaDataType scaleType),
        (matmulDesc, computeType, scaleType))
FORWARD(CONTEXT_TO_RELEASE, cublasLtMatmulDescDestroy, (cublasLtMatmulDesc_t matmulDesc), (matmulDesc))
FORWARD(CONTEXT, cublasLtMatmulDescSetAttribute,
        (cublasLtMatmulDesc_t matmulDesc, cublasLtMatmulDescAttributes_t attr, const void* buf, size_t sizeInBytes),
        (matmulDesc, attr, buf, sizeInBytes))
FORWARD(CONTEXT, cublasLtMatrixLayoutCreate,
        (cublasLtMatrixLayout_t* matLayout, cudaDataType type, uint64_t rows, uint64_t cols, int64_t ld),
        (matLayout, type, rows, cols, ld))
FORWARD(CONTEXT_TO_RELEASE, cublasLtMatrixLayoutDestroy, (cublasLtMatrixLayout_t matLayout), (matLayout))
FORWARD(CONTEXT, cublasLtMatmulPreferenceCreate, (cublasLtMatmulPreference_t* pref), (pref))
FORWARD(CONTEXT_TO_RELEASE, cublasLtMatmulPreferenceDestroy, (cublasLtMatmulPreference_t pref), (pref))
FORWARD(CONTEXT, cublasLtMatmulPreferenceSetAttribute,
        (cublasLtMatmulPreference_t pref, cublasLtMatmulPreferenceAttributes_t attr, const void* buf,
         size_t sizeInBytes),
        (pref, attr, buf, sizeInBytes))
FORWARD(CONTEXT, cublasLtMatmulAlgoGetHeuristic,
        (cublasLtHandle_t lightHandle, cublasLtMatmulDesc_t operationDesc, cublasLtMatrixLayout_t Adesc,
         cublasLtMatrixLayout_t Bdesc, cublasLtMatrixLayout_t Cdesc, cublasLtMatrixLayout_t Ddesc,
         cublasLtMatmulPreference_t preference, int requestedAlgoCount,
         cublasLtMatmulHeuristicResult_t heuristicResultsArray[], int* returnAlgoCount),
        (lightHandle, operationDesc, Adesc, Bdesc, Cdesc, Ddesc, preference, requestedAlgoCount, heuristicResultsArray,
         returnAlgoCount))
FORWARD(CONTEXT, cublasLtMatmul,
        (cublasLtHandle_t lightHandle, cublasLtMatmulDesc_t computeDesc, const void* alpha, const void* A,
         cublasLtMatrixLayout_t Adesc, const void* B, cublasLtMatrixLayout_t Bdesc, const void* beta, const void* C,
         cublasLtMatrixLayout_t Cdesc, void* D, cublasLtMatrixLayout_t Ddesc, const cublasLtMatmulAlgo_t* algo,
         void* workspace, size_t workspaceSizeInBytes, CUstream stream),
        (lightHandle, computeDesc, alpha, A, Adesc, B, Bdesc, beta, C, Cdesc, D, Ddesc, algo, workspace,
         workspaceSizeInBytes, stream))

// The version is the shim's own: one source serves both libraries.
EXPORT size_t cublasLtGetVersion() {
  return CHARLSTM_CUBLAS_VERSION;
}
