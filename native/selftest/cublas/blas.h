// A cuBLAS handle as a caller sets one up, with its workspace.
#pragma once
#include <cstring>

#include "api/cublas.h"
#include "selftest/harness.h"

struct Blas {
  explicit Blas(Driver& driver) : driver(driver) {
    cublasCreate_v2(&handle);
    cublasSetStream_v2(handle, driver.stream);
    workspace = driver.fresh(4096);
    cublasSetWorkspace_v2(handle, reinterpret_cast<void*>(workspace), 4096);
  }
  ~Blas() {
    cuMemFree_v2(workspace);
    cublasDestroy_v2(handle);
  }
  cublasStatus_t product(bool ta, bool tb, int m, int n, int k, float alpha, CUdeviceptr a, int lda, CUdeviceptr b,
                         int ldb, float beta, CUdeviceptr c, int ldc) {
    auto at = [](CUdeviceptr address) { return reinterpret_cast<float*>(address); };
    return cublasSgemm_v2(handle, ta ? CUBLAS_OP_T : CUBLAS_OP_N, tb ? CUBLAS_OP_T : CUBLAS_OP_N, m, n, k, &alpha,
                          at(a), lda, at(b), ldb, &beta, at(c), ldc);
  }
  cublasStatus_t product_ex(bool ta, bool tb, int m, int n, int k, float alpha, CUdeviceptr a, cudaDataType ab_type,
                            int lda, CUdeviceptr b, int ldb, float beta, CUdeviceptr c, cudaDataType c_type, int ldc,
                            cublasComputeType_t compute = CUBLAS_COMPUTE_32F) {
    auto at = [](CUdeviceptr address) { return reinterpret_cast<void*>(address); };
    return cublasGemmEx(handle, ta ? CUBLAS_OP_T : CUBLAS_OP_N, tb ? CUBLAS_OP_T : CUBLAS_OP_N, m, n, k, &alpha,
                        at(a), ab_type, lda, at(b), ab_type, ldb, &beta, at(c), c_type, ldc, compute,
                        CUBLAS_GEMM_DEFAULT);
  }
  Driver& driver;
  cublasHandle_t handle = nullptr;
  CUdeviceptr workspace = 0;
};

// The status must be as expected, and the last message must have these words in it.
inline void refused(cublasStatus_t status, cublasStatus_t expected, const char* words) {
  check(status == expected && std::strstr(charlstm_sim_last_error(), words), words, __FILE__, __LINE__);
}
