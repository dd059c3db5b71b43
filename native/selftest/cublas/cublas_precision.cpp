// cuBLAS in reduced precision: how it rounds, what it rounds, and what it refuses.
#include <cmath>
#include <cstring>
#include <limits>

#include "selftest/cublas/blas.h"

namespace {

const cublasStatus_t GOOD = CUBLAS_STATUS_SUCCESS;

// Ties on both sides, what lies just off them, numbers too large or too small to be normal, and any others.
std::vector<float> hard_cases() {
  std::vector<float> values;
  for (uint32_t upper : {0x3f800000u, 0x3f810000u, 0x40490000u, 0x00000000u, 0x00010000u, 0x007f0000u, 0x7f7f0000u}) {
    for (uint32_t lower : {0x0000u, 0x0001u, 0x0fffu, 0x1000u, 0x1001u, 0x2fffu, 0x3000u, 0x3001u, 0x7fffu, 0x8000u,
                           0x8001u, 0xefffu, 0xf000u, 0xffffu}) {
      values.push_back(as<float>(upper | lower));
      values.push_back(as<float>(0x80000000u | upper | lower));
    }
  }
  for (float value : drawn(300, 9)) {
    values.push_back(value);
  }
  values.push_back(std::numeric_limits<float>::infinity());
  values.push_back(-std::numeric_limits<float>::infinity());
  return values;
}

// A NaN whose upper half alone would be an infinity is among them.
const uint32_t NANS[] = {0x7fc00000, 0xffc00000, 0x7f800001, 0x7f801fff, 0xff80ffff, 0x7fffffff, 0xffffffff};

// Every value as the factor alpha of 1 * 1, which is rounded once, when it is stored.
std::vector<float> stored_as_bf16(const std::vector<float>& values) {
  Driver driver;
  Blas blas(driver);
  CUdeviceptr one = driver.holding(as_bf16({1, 1})), c = driver.fresh(2 * values.size() + 2);
  for (size_t i = 0; i < values.size(); i++) {
    CHECK(blas.product_ex(false, false, 1, 1, 1, values[i], one, CUDA_R_16BF, 1, one, 1, 0, c + 2 * i, CUDA_R_16BF,
                          1) == GOOD);
  }
  std::vector<float> words(values.size() / 2 + 1);
  cuMemcpyDtoHAsync_v2(words.data(), c, 2 * values.size(), driver.stream);
  driver.synchronise();
  driver.free({one, c});
  return from_bf16(words, values.size());
}

// Every value times 1, as the one factor or as the other.
std::vector<float> multiplied_as_tf32(const std::vector<float>& values, bool as_b) {
  Driver driver;
  Blas blas(driver);
  int count = int(values.size());
  CUdeviceptr one = driver.holding({1}), v = driver.holding(values), c = driver.fresh(4 * values.size());
  cublasSetMathMode(blas.handle, CUBLAS_TF32_TENSOR_OP_MATH);
  CHECK((as_b ? blas.product(false, false, 1, count, 1, 1, one, 1, v, 1, 0, c, 1)
              : blas.product(false, false, count, 1, 1, 1, v, count, one, 1, 0, c, count)) == GOOD);
  std::vector<float> result = driver.read(c, values.size());
  driver.free({one, v, c});
  return result;
}

void rounding() {
  std::vector<float> values = hard_cases(), nans;
  CHECK(nearest(1 + 1 / 256.f, 8) == 1 && nearest(1 + 3 / 256.f, 8) == 1 + 4 / 256.f);
  CHECK(nearest(1 + 1 / 2048.f, 11) == 1 && nearest(1 + 3 / 2048.f, 11) == 1 + 4 / 2048.f);
  CHECK(nearest(as<float>(0x00008000), 8) == 0 && nearest(as<float>(0x00018000), 8) == as<float>(0x00020000));
  CHECK(std::isinf(nearest(as<float>(0x7f7f8000), 8)) && nearest(as<float>(0x7f7f7fff), 8) == as<float>(0x7f7f0000));
  CHECK(std::isinf(nearest(as<float>(0x7f7ff000), 11)) && nearest(as<float>(0x7f7fefff), 11) == as<float>(0x7f7fe000));
  // 0 times a sign leaves none.
  CHECK(stored_as_bf16(values) == nearest(values, 8));
  for (bool as_b : {false, true}) {
    CHECK(multiplied_as_tf32(values, as_b) == nearest(values, 11));
  }
  for (uint32_t bits : NANS) {
    nans.push_back(as<float>(bits));
  }
  for (const std::vector<float>& found : {stored_as_bf16(nans), multiplied_as_tf32(nans, false)}) {
    for (float value : found) {
      CHECK(std::isnan(value));
    }
  }
}

struct Case {
  bool ta, tb;
  int m, n, k, more;
  float alpha, beta;

  int lda() const { return (ta ? k : m) + more; }
  int ldb() const { return (tb ? n : k) + 2 * more; }
  int ldc() const { return m + 3 * more; }
  std::vector<float> a() const { return drawn(size_t(lda()) * (ta ? m : k) + 1, 1); }
  std::vector<float> b() const { return drawn(size_t(ldb()) * (tb ? k : n) + 1, 2); }
  std::vector<float> c() const { return drawn(size_t(ldc()) * n, 3); }
};

using Call = std::function<cublasStatus_t(Blas&, const Case&, CUdeviceptr a, CUdeviceptr b, CUdeviceptr c)>;

// The content of C after a call, gaps included; C is float32 unless bf16 is asked for.
std::vector<float> result(const Case& one, const std::vector<float>& a, const std::vector<float>& b, bool narrow,
                          const Call& call) {
  Driver driver;
  Blas blas(driver);
  std::vector<float> c = one.c();
  CUdeviceptr on_a = driver.holding(a), on_b = driver.holding(b), on_c = driver.holding(narrow ? as_bf16(c) : c);
  CHECK(call(blas, one, on_a, on_b, on_c) == GOOD);
  std::vector<float> found = driver.read(on_c, narrow ? (c.size() + 1) / 2 : c.size());
  driver.free({on_a, on_b, on_c});
  return narrow ? from_bf16(found, c.size()) : found;
}

Call plain(cublasMath_t math) {
  return [math](Blas& blas, const Case& p, CUdeviceptr a, CUdeviceptr b, CUdeviceptr c) {
    cublasSetMathMode(blas.handle, math);
    // The mode outlives a new stream, and the workspace does not.
    cublasSetStream_v2(blas.handle, blas.driver.stream);
    cublasSetWorkspace_v2(blas.handle, reinterpret_cast<void*>(blas.workspace), 4096);
    return blas.product(p.ta, p.tb, p.m, p.n, p.k, p.alpha, a, p.lda(), b, p.ldb(), p.beta, c, p.ldc());
  };
}

Call extended(cudaDataType ab, cudaDataType c_type, cublasComputeType_t compute,
              cublasMath_t math = CUBLAS_DEFAULT_MATH) {
  return [=](Blas& blas, const Case& p, CUdeviceptr a, CUdeviceptr b, CUdeviceptr c) {
    cublasSetMathMode(blas.handle, math);
    return blas.product_ex(p.ta, p.tb, p.m, p.n, p.k, p.alpha, a, ab, p.lda(), b, p.ldb(), p.beta, c, c_type, p.ldc(),
                           compute);
  };
}

// Against a plain loop over the values given: relative is how much storing may change a result.
void near_loop(const Case& p, const std::vector<float>& a, const std::vector<float>& b, const std::vector<float>& c,
               const std::vector<float>& found, double relative) {
  bool right = true;
  for (int j = 0; j < p.n; j++) {
    for (int i = 0; i < p.ldc(); i++) {
      double sum = 0;
      for (int q = 0; q < p.k && i < p.m; q++) {
        sum += double(p.ta ? a[q + i * p.lda()] : a[i + q * p.lda()]) * (p.tb ? b[j + q * p.ldb()]
                                                                              : b[q + j * p.ldb()]);
      }
      size_t at = i + size_t(j) * p.ldc();
      double expected = i < p.m ? p.alpha * sum + double(p.beta) * c[at] : c[at];
      double allowed = i < p.m ? relative * std::fabs(expected) + 1e-5 * std::sqrt(p.k + 1.0) : 0;
      right = right && std::fabs(found[at] - expected) <= allowed;
    }
  }
  CHECK(right);
}

void products(const Case& p) {
  std::vector<float> a = p.a(), b = p.b(), c = p.c();
  std::vector<float> exact = result(p, a, b, false, plain(CUBLAS_PEDANTIC_MATH));
  // TF32 is the float32 product of rounded factors, and of nothing else that is rounded.
  std::vector<float> tf32 = result(p, nearest(a, 11), nearest(b, 11), false, plain(CUBLAS_PEDANTIC_MATH));
  near_loop(p, nearest(a, 11), nearest(b, 11), c, tf32, 0);
  CHECK(p.k == 0 || tf32 != exact);
  const cudaDataType single = CUDA_R_32F, half = CUDA_R_16BF;
  CHECK(same_bits(tf32, result(p, a, b, false, plain(CUBLAS_TF32_TENSOR_OP_MATH))));
  CHECK(same_bits(tf32, result(p, a, b, false, extended(single, single, CUBLAS_COMPUTE_32F_FAST_TF32))));
  CHECK(same_bits(tf32, result(p, a, b, false,
                               extended(single, single, CUBLAS_COMPUTE_32F, CUBLAS_TF32_TENSOR_OP_MATH))));
  CHECK(same_bits(exact, result(p, a, b, false, plain(CUBLAS_DEFAULT_MATH))));
  CHECK(same_bits(exact, result(p, a, b, false, extended(single, single, CUBLAS_COMPUTE_32F))));
  CHECK(same_bits(exact, result(p, a, b, false, extended(single, single, CUBLAS_COMPUTE_32F_PEDANTIC,
                                                         CUBLAS_TF32_TENSOR_OP_MATH))));
  // bf16 is that of the values that were stored, rounded once more where C is bf16.
  std::vector<float> bf16 = result(p, nearest(a, 8), nearest(b, 8), false, plain(CUBLAS_PEDANTIC_MATH));
  for (cublasComputeType_t compute : {CUBLAS_COMPUTE_32F, CUBLAS_COMPUTE_32F_PEDANTIC}) {
    for (cublasMath_t math : {CUBLAS_DEFAULT_MATH, CUBLAS_TF32_TENSOR_OP_MATH}) {
      CHECK(same_bits(bf16, result(p, as_bf16(a), as_bf16(b), false, extended(half, single, compute, math))));
    }
    std::vector<float> narrow = result(p, as_bf16(a), as_bf16(b), true, extended(half, half, compute));
    CHECK(p.beta != 0 || p.more != 0 || same_bits(narrow, nearest(bf16, 8)));
    // Half of the last of 8 bits is 2^-8 of a value at most.
    near_loop(p, nearest(a, 8), nearest(b, 8), nearest(c, 8), narrow, 1.0001 / 256);
  }
}

void refusals() {
  const cublasStatus_t invalid = CUBLAS_STATUS_INVALID_VALUE, unsupported = CUBLAS_STATUS_NOT_SUPPORTED;
  const cudaDataType half = CUDA_R_16BF, single = CUDA_R_32F;
  Driver driver;
  Blas blas(driver);
  // 16 values of bf16 each, and one byte more.
  CUdeviceptr a = driver.holding(as_bf16(std::vector<float>(16, 1.0f))), c = driver.fresh(33);
  auto into = [&](CUdeviceptr from, CUdeviceptr to, cudaDataType type) {
    return blas.product_ex(false, false, 4, 4, 4, 1, from, half, 4, a, 4, 0, to, type, 4);
  };
  refused(into(a, c + 2, half), invalid, "cublasGemmEx: C: 32 bytes at");
  refused(into(a, c, single), invalid, "C: 64 bytes at");
  refused(into(a + 2, c, half), invalid, "A: 32 bytes at");
  refused(into(a, c + 1, half), invalid, "not aligned to 2");
  refused(into(a, a, half), invalid, "C overlaps A");
  CUdeviceptr wide = driver.fresh(128);
  refused(into(a, wide + 2, single), invalid, "not aligned to 4");
  CHECK(into(a, wide + 2, half) == GOOD);
  refused(blas.product_ex(false, false, 4, 4, 4, 1, a, half, 3, a, 4, 0, c, half, 4), invalid, "lda: smaller");
  float one = 1;
  auto* at = reinterpret_cast<void*>(a);
  auto types = [&](int a_type, int b_type, int c_type, int compute, int algo) {
    return cublasGemmEx(blas.handle, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, &one, at, cudaDataType(a_type), 1, at,
                        cudaDataType(b_type), 1, &one, reinterpret_cast<void*>(c), cudaDataType(c_type), 1,
                        cublasComputeType_t(compute), cublasGemmAlgo_t(algo));
  };
  const char* words = "cublasGemmEx: Atype, Btype or Ctype";
  refused(types(14, 0, 0, 68, -1), unsupported, words);
  refused(types(0, 14, 0, 68, -1), unsupported, words);
  refused(types(2, 14, 0, 68, -1), unsupported, words);
  refused(types(3, 3, 3, 68, -1), unsupported, words);
  refused(types(0, 0, 14, 68, -1), unsupported, "Ctype: C is of A's type or, for half and bf16, float32");
  refused(types(14, 14, 2, 69, -1), unsupported, "Ctype: C is of A's type");
  refused(types(1, 1, 0, 70, -1), unsupported, "Ctype: C is of A's type");
  refused(types(1, 1, 1, 68, -1), unsupported, "computeType: CUBLAS_COMPUTE_64F is for float64 alone");
  refused(types(0, 0, 0, 70, -1), unsupported, "computeType: CUBLAS_COMPUTE_64F is for float64 alone");
  refused(types(2, 2, 2, 77, -1), unsupported, "computeType: CUBLAS_COMPUTE_32F_FAST_TF32 is for float32");
  refused(types(14, 14, 14, 77, -1), unsupported, "computeType: CUBLAS_COMPUTE_32F_FAST_TF32 is for float32");
  refused(types(0, 0, 0, 64, -1), unsupported, "computeType: 64 is none of 68, 69, 70, 71 and 77");
  refused(types(0, 0, 0, 68, 0), unsupported, "algo: only the default ones");
  refused(cublasGemmEx(blas.handle, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, at, at, half, 1, at, half, 1, &one, at, half, 1,
                       CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT), invalid, "alpha is an address of the device");
  cublasSetStream_v2(blas.handle, driver.stream);
  CHECK(into(a, c, half) == CUBLAS_STATUS_SUCCESS);
  cublasSetWorkspace_v2(blas.handle, reinterpret_cast<void*>(blas.workspace), 4096);
  // The call writes C and nothing else.
  CHECK(into(a, c, half) == GOOD && driver.read(c, 8) == as_bf16(std::vector<float>(16, 4.0f)));
  char byte;
  CHECK(cuMemcpyDtoHAsync_v2(&byte, c + 32, 1, driver.stream) == CUDA_ERROR_LAUNCH_FAILED);
  driver.free({a, c, wide});
}

void unwritten() {
  Driver driver("deferred");
  Blas blas(driver);
  CUdeviceptr a = driver.fresh(8), c = driver.fresh(8);
  auto product = [&](float alpha) {
    return blas.product_ex(false, false, 2, 2, 2, alpha, a, CUDA_R_16BF, 2, a, 2, 0, c, CUDA_R_16BF, 2);
  };
  CHECK(product(0) == GOOD && driver.read(c, 2) == std::vector<float>(2, 0.0f));
  CHECK(product(1) == GOOD && driver.synchronise() == CUDA_ERROR_LAUNCH_FAILED);
  CHECK(std::strstr(charlstm_sim_last_error(), "cublasGemmEx: A: read of memory that nobody wrote: byte 0"));
  driver.free({a, c});
}

}

void test_cublas_precision() {
  rounding();
  for (bool ta : {false, true}) {
    for (bool tb : {false, true}) {
      products({ta, tb, 1, 1, 1, 0, 1, 0});
      products({ta, tb, 7, 5, 3, 3, 0.3f, 0});
      products({ta, tb, 13, 9, 301, 0, -1.3f, 0});
      products({ta, tb, 33, 67, 129, 5, 1.1f, 0.7f});
      products({ta, tb, 3, 5, 0, 1, 1, 0.3f});
    }
  }
  refusals();
  unwritten();
}
