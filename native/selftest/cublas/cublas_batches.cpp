// Batches of products are products at equal distances, with the same bits and the same checks.
#include <cstring>

#include "selftest/cublas/blas.h"

namespace {

const cublasStatus_t GOOD = CUBLAS_STATUS_SUCCESS, INVALID = CUBLAS_STATUS_INVALID_VALUE;

struct Batch {
  bool ta, tb;
  int m, n, k, lda, ldb, ldc;
  long long stride_a, stride_b, stride_c;
  int count;
  float alpha = 1, beta = 0;
  cudaDataType type = CUDA_R_32F, c_type = CUDA_R_32F;
  cublasComputeType_t compute = CUBLAS_COMPUTE_32F;
};

void* at(CUdeviceptr address) {
  return reinterpret_cast<void*>(address);
}

cublasOperation_t turned(bool transposed) {
  return transposed ? CUBLAS_OP_T : CUBLAS_OP_N;
}

cublasStatus_t at_once(Blas& blas, const Batch& p, CUdeviceptr a, CUdeviceptr b, CUdeviceptr c) {
  return cublasGemmStridedBatchedEx(blas.handle, turned(p.ta), turned(p.tb), p.m, p.n, p.k, &p.alpha, at(a), p.type,
                                    p.lda, p.stride_a, at(b), p.type, p.ldb, p.stride_b, &p.beta, at(c), p.c_type,
                                    p.ldc, p.stride_c, p.count, p.compute, CUBLAS_GEMM_DEFAULT);
}

// Where all is float32, by the call for that.
cublasStatus_t floats_at_once(Blas& blas, const Batch& p, CUdeviceptr a, CUdeviceptr b, CUdeviceptr c) {
  if (p.type != CUDA_R_32F) {
    return at_once(blas, p, a, b, c);
  }
  cublasSetMathMode(blas.handle, p.compute == CUBLAS_COMPUTE_32F ? CUBLAS_DEFAULT_MATH : CUBLAS_TF32_TENSOR_OP_MATH);
  return cublasSgemmStridedBatched(blas.handle, turned(p.ta), turned(p.tb), p.m, p.n, p.k, &p.alpha,
                                   static_cast<float*>(at(a)), p.lda, p.stride_a, static_cast<float*>(at(b)), p.ldb,
                                   p.stride_b, &p.beta, static_cast<float*>(at(c)), p.ldc, p.stride_c, p.count);
}

cublasStatus_t one_by_one(Blas& blas, const Batch& p, CUdeviceptr a, CUdeviceptr b, CUdeviceptr c) {
  size_t size = p.type == CUDA_R_32F ? 4 : 2, of_c = p.c_type == CUDA_R_32F ? 4 : 2;
  for (int i = 0; i < p.count; i++) {
    cublasStatus_t status = cublasGemmEx(
        blas.handle, turned(p.ta), turned(p.tb), p.m, p.n, p.k, &p.alpha, at(a + i * p.stride_a * size), p.type, p.lda,
        at(b + i * p.stride_b * size), p.type, p.ldb, &p.beta, at(c + i * p.stride_c * of_c), p.c_type, p.ldc,
        p.compute, CUBLAS_GEMM_DEFAULT);
    if (status != GOOD) {
      return status;
    }
  }
  return GOOD;
}

// C, gaps included, is as single products leave it.
void as_single_products(const Batch& p) {
  std::vector<std::vector<float>> results;
  for (const char* streams : {"eager", "deferred"}) {
    for (auto* call : {one_by_one, at_once, floats_at_once}) {
      Driver driver(streams);
      Blas blas(driver);
      bool narrow = p.type == CUDA_R_16BF;
      auto holding = [&](unsigned seed, bool wide) {
        return driver.holding(wide ? drawn(600, seed) : as_bf16(drawn(600, seed)));
      };
      CUdeviceptr a = holding(1, !narrow), b = holding(2, !narrow), c = holding(3, p.c_type == CUDA_R_32F);
      CHECK(call(blas, p, a, b, c) == GOOD);
      results.push_back(driver.read(c, p.c_type == CUDA_R_32F ? 600 : 300));
      driver.free({a, b, c});
    }
  }
  CHECK(results[0] != drawn(600, 3));
  for (const std::vector<float>& result : results) {
    CHECK(same_bits(result, results[0]));
  }
}

void refusals() {
  Driver driver;
  Blas blas(driver);
  const Batch plain{false, false, 2, 2, 2, 2, 2, 2, 4, 4, 4, 3};
  CUdeviceptr a = driver.holding(drawn(12, 1)), b = driver.holding(drawn(12, 2)), c = driver.fresh(48);
  CUdeviceptr wide = driver.holding(drawn(64, 1));
  CHECK(at_once(blas, plain, a, b, c) == GOOD);
  auto refuses = [&](cublasStatus_t status, const char* words, const std::function<void(Batch&)>& spoil) {
    Batch spoilt = plain;
    spoil(spoilt);
    refused(at_once(blas, spoilt, a, b, c), status, words);
  };
  refuses(INVALID, "cublasGemmStridedBatchedEx: A: 64 bytes at", [](Batch& p) { p.count = 4; });
  refuses(INVALID, "A[2]: 16 bytes at", [](Batch& p) { p.stride_a = 5; });
  refuses(INVALID, "B[2]: 16 bytes at", [](Batch& p) { p.stride_b = 5; });
  refuses(INVALID, "C[2]: 16 bytes at", [](Batch& p) { p.stride_c = 5; });
  refuses(INVALID, "C[0] overlaps C[1]", [](Batch& p) { p.stride_c = 3; });
  refuses(INVALID, "C[0] overlaps C[1]", [](Batch& p) { p.stride_c = 1; });
  refuses(INVALID, "strideC: 0, but each product", [](Batch& p) { p.stride_c = 0; });
  refuses(INVALID, "strideA, strideB or strideC: negative", [](Batch& p) { p.stride_a = -4; });
  refuses(INVALID, "batchCount: negative", [](Batch& p) { p.count = -1; });
  refuses(INVALID, "ldb: smaller than a column", [](Batch& p) { p.ldb = 1; });
  refuses(CUBLAS_STATUS_NOT_SUPPORTED, "cublasGemmStridedBatchedEx: Ctype", [](Batch& p) { p.c_type = CUDA_R_16F; });
  refused(at_once(blas, plain, a, b, a), INVALID, "C overlaps A");
  Batch gaps = plain;
  gaps.stride_a = 6;
  refused(at_once(blas, gaps, wide, b, wide + 48), INVALID, "C overlaps A[2]");
  // The last C alone lies on the first of A.
  gaps.stride_c = 8;
  refused(at_once(blas, gaps, wide + 64, b, wide), INVALID, "C[2] overlaps A[0]");
  Batch none = plain;
  none.count = 0;
  CHECK(at_once(blas, none, a, b, a) == GOOD);
  cublasSetStream_v2(blas.handle, driver.stream);
  CHECK(at_once(blas, plain, a, b, c) == GOOD);
  driver.free({a, b, c, wide});
}

// One unwritten value in the last matrix of the given operand fails the context; the gaps are nobody's.
void unwritten(int which, long long stride, const char* words) {
  Driver driver("deferred");
  Blas blas(driver);
  CUdeviceptr memory[3];
  for (CUdeviceptr& one : memory) {
    one = driver.fresh(4 * (2 * stride + 4));
    for (int i = 0; i < 3; i++) {
      cuMemsetD32Async(one + 4 * i * stride, 0, i == 2 && &one == memory + which ? 3 : 4, driver.stream);
    }
  }
  Batch p{false, false, 2, 2, 2, 2, 2, 2, stride, stride, stride, 3};
  p.beta = 1;
  CHECK(at_once(blas, p, memory[0], memory[1], memory[2]) == GOOD);
  bool whole = which == 3;
  CHECK((driver.synchronise() == CUDA_SUCCESS) == whole);
  CHECK(whole || std::strstr(charlstm_sim_last_error(), words));
  driver.free({memory[0], memory[1], memory[2]});
}

}

void test_cublas_batches() {
  for (bool ta : {false, true}) {
    for (bool tb : {false, true}) {
      // Matrices follow each other; have gaps; are the same for all; lie among each other's columns, as heads of
      // attention do.
      Batch p{ta, tb, 4, 5, 3, ta ? 3 : 4, tb ? 5 : 3, 4, 12, 15, 20, 6, 0.5f, 0.25f};
      as_single_products(p);
      p.stride_a = 14, p.stride_b = 21, p.stride_c = 23;
      as_single_products(p);
      p.stride_a = 0;
      as_single_products(p);
      p.stride_b = 0, p.compute = CUBLAS_COMPUTE_32F_FAST_TF32;
      as_single_products(p);
      as_single_products({ta, tb, 4, 5, 3, 24, 30, 24, 4, 5, 4, 6, 2, 0});
      as_single_products({ta, tb, 4, 5, 3, 24, 30, 26, 4, 5, 4, 6, 1, 0.5f, CUDA_R_16BF, CUDA_R_32F});
      as_single_products({ta, tb, 4, 5, 3, 5, 6, 5, 30, 31, 32, 3, 1, 0.5f, CUDA_R_16BF, CUDA_R_16BF});
    }
  }
  refusals();
  unwritten(0, 4, "cublasGemmStridedBatchedEx: A: read of memory that nobody wrote");
  unwritten(1, 6, "B[2]: read of memory that nobody wrote");
  unwritten(2, 6, "C[2]: read of memory that nobody wrote");
  unwritten(3, 6, "");
}
