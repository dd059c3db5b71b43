// The simulated cuBLASLt as its shim sees it.
#pragma once
#include "api/cublaslt.h"

namespace sim __attribute__((visibility("default"))) {

decltype(::cublasLtCreate) cublasLtCreate;
decltype(::cublasLtDestroy) cublasLtDestroy;
decltype(::cublasLtMatmulDescCreate) cublasLtMatmulDescCreate;
decltype(::cublasLtMatmulDescDestroy) cublasLtMatmulDescDestroy;
decltype(::cublasLtMatmulDescSetAttribute) cublasLtMatmulDescSetAttribute;
decltype(::cublasLtMatrixLayoutCreate) cublasLtMatrixLayoutCreate;
decltype(::cublasLtMatrixLayoutDestroy) cublasLtMatrixLayoutDestroy;
decltype(::cublasLtMatmulPreferenceCreate) cublasLtMatmulPreferenceCreate;
decltype(::cublasLtMatmulPreferenceDestroy) cublasLtMatmulPreferenceDestroy;
decltype(::cublasLtMatmulPreferenceSetAttribute) cublasLtMatmulPreferenceSetAttribute;
decltype(::cublasLtMatmulAlgoGetHeuristic) cublasLtMatmulAlgoGetHeuristic;
decltype(::cublasLtMatmul) cublasLtMatmul;

}
