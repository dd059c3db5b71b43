// The simulated cuBLAS as its shim sees it.
#pragma once
#include "api/cublas.h"

namespace sim __attribute__((visibility("default"))) {

decltype(::cublasCreate_v2) cublasCreate_v2;
decltype(::cublasDestroy_v2) cublasDestroy_v2;
decltype(::cublasSetStream_v2) cublasSetStream_v2;
decltype(::cublasSetWorkspace_v2) cublasSetWorkspace_v2;
decltype(::cublasSetMathMode) cublasSetMathMode;
decltype(::cublasSetPointerMode_v2) cublasSetPointerMode_v2;
decltype(::cublasSgemm_v2) cublasSgemm_v2;
decltype(::cublasSgemmStridedBatched) cublasSgemmStridedBatched;
decltype(::cublasGemmEx) cublasGemmEx;
decltype(::cublasGemmStridedBatchedEx) cublasGemmStridedBatchedEx;
decltype(::cublasGemmBatchedEx) cublasGemmBatchedEx;
decltype(::cublasSgemv_v2) cublasSgemv_v2;
decltype(::cublasDgemv_v2) cublasDgemv_v2;
decltype(::cublasAxpyEx) cublasAxpyEx;
decltype(::cublasDotEx) cublasDotEx;
decltype(::cublasNrm2Ex) cublasNrm2Ex;
decltype(::cublasScalEx) cublasScalEx;
decltype(::cublasGetStatusName) cublasGetStatusName;

// cuBLAS' answer in place of the driver's.
cublasStatus_t cublas_status(CUresult result);

}
