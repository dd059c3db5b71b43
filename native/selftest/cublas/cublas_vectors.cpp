// cuBLAS on vectors, a matrix times a vector, and products whose matrices' addresses are in device memory: against
// plain loops, and each refusal.
#include <cmath>
#include <cstring>

#include "selftest/cublas/blas.h"

namespace {

const cublasStatus_t GOOD = CUBLAS_STATUS_SUCCESS, INVALID = CUBLAS_STATUS_INVALID_VALUE;
const cublasStatus_t UNSUPPORTED = CUBLAS_STATUS_NOT_SUPPORTED, FAILED = CUBLAS_STATUS_EXECUTION_FAILED;
const cudaDataType R32 = CUDA_R_32F, R64 = CUDA_R_64F, BF16 = CUDA_R_16BF;

template <typename Value = float>
Value* at(CUdeviceptr address) {
  return reinterpret_cast<Value*>(address);
}

cublasStatus_t axpy(Blas& blas, int n, float alpha, CUdeviceptr x, int incx, CUdeviceptr y, int incy) {
  return cublasAxpyEx(blas.handle, n, &alpha, R32, at(x), R32, incx, at(y), R32, incy, R32);
}

void vectors() {
  for (const char* streams : {"eager", "deferred"}) {
    Driver driver(streams);
    Blas blas(driver);
    std::vector<float> x = drawn(9, 1), y = drawn(6, 2);
    CUdeviceptr on_x = driver.holding(x), on_y = driver.holding(y), sums = driver.fresh(8);
    CHECK(axpy(blas, 3, 0.5f, on_x, 3, on_y, 2) == GOOD);
    std::vector<float> result = driver.read(on_y, 6);
    float two = 2, on_host = 0;
    for (int i = 0; i < 6; i++) {
      CHECK(result[i] == (i % 2 ? y[i] : float(0.5 * x[i / 2 * 3] + double(y[i]))));
    }
    CHECK(cublasScalEx(blas.handle, 2, &two, R32, at(on_x), R32, 4, R32) == GOOD);
    result = driver.read(on_x, 9);
    CHECK(result[0] == 2 * x[0] && result[4] == 2 * x[4] && result[8] == x[8]);
    double dot = 0, square = 0;
    std::vector<float> now = driver.read(on_y, 6);
    for (int i = 0; i < 3; i++) {
      dot += double(result[i]) * now[2 * i];
      square += double(result[3 * i]) * result[3 * i];
    }
    CHECK(cublasDotEx(blas.handle, 3, at(on_x), R32, 1, at(on_y), R32, 2, &on_host, R32, R32) == GOOD);
    CHECK(on_host == float(dot));
    CHECK(cublasSetPointerMode_v2(blas.handle, CUBLAS_POINTER_MODE_DEVICE) == GOOD);
    CHECK(cublasDotEx(blas.handle, 3, at(on_x), R32, 1, at(on_y), R32, 2, at(sums), R32, R32) == GOOD);
    CHECK(cublasNrm2Ex(blas.handle, 3, at(on_x), R32, 3, at(sums + 4), R32, R32) == GOOD);
    result = driver.read(sums, 2);
    CHECK(result[0] == float(dot) && result[1] == float(std::sqrt(square)));
    driver.free({on_x, on_y, sums});
  }
}

void other_types() {
  Driver driver;
  Blas blas(driver);
  CUdeviceptr halves = driver.holding(as_bf16({1, 2, 3, 4})), x = driver.fresh(24), sum = driver.fresh(8);
  double doubles[] = {0.1, 0.2, 0.3}, factor = 10, total = 0;
  cuMemcpyHtoDAsync_v2(x, doubles, 24, driver.stream);
  CHECK(cublasScalEx(blas.handle, 3, &factor, R64, at(x), R64, 1, R64) == GOOD);
  CHECK(cublasNrm2Ex(blas.handle, 3, at(x), R64, 1, &total, R64, R64) == GOOD);
  CHECK(total == std::sqrt(10 * 0.1 * (10 * 0.1) + 10 * 0.2 * (10 * 0.2) + 10 * 0.3 * (10 * 0.3)));
  cublasSetPointerMode_v2(blas.handle, CUBLAS_POINTER_MODE_DEVICE);
  CHECK(cublasDotEx(blas.handle, 4, at(halves), BF16, 1, at(halves), BF16, 1, at(sum), BF16, R32) == GOOD);
  std::vector<float> words(1);
  cuMemcpyDtoHAsync_v2(words.data(), sum, 2, driver.stream);
  driver.synchronise();
  CHECK(from_bf16(words, 1)[0] == 30);
}

// The older names, of one type each.
template <typename Real, typename Axpy, typename Dot>
void of_one_type(Axpy axpy, Dot dot) {
  Driver driver;
  Blas blas(driver);
  Real x[] = {1, 2, 3}, y[] = {4, 5, 6}, factor = 2, sum = 0;
  CUdeviceptr on_x = driver.fresh(sizeof x), on_y = driver.fresh(sizeof y);
  cuMemcpyHtoDAsync_v2(on_x, x, sizeof x, driver.stream);
  cuMemcpyHtoDAsync_v2(on_y, y, sizeof y, driver.stream);
  CHECK(axpy(blas.handle, 3, &factor, at<Real>(on_x), 1, at<Real>(on_y), 1) == GOOD);
  CHECK(dot(blas.handle, 2, at<Real>(on_x), 2, at<Real>(on_y), 2, &sum) == GOOD);
  CHECK(sum == 1 * (4 + 2 * 1) + 3 * (6 + 2 * 3));
}

void times_vector() {
  for (bool turned : {false, true}) {
    Driver driver;
    Blas blas(driver);
    const int m = 3, n = 4, lda = 5;
    std::vector<float> a = drawn(lda * n, 1), x = drawn(8, 2), y = drawn(12, 3);
    CUdeviceptr on_a = driver.holding(a), on_x = driver.holding(x), on_y = driver.holding(y);
    float alpha = 0.5f, beta = -1;
    CHECK(cublasSgemv_v2(blas.handle, turned ? CUBLAS_OP_T : CUBLAS_OP_N, m, n, &alpha, at(on_a), lda, at(on_x), 2,
                         &beta, at(on_y), 3) == GOOD);
    std::vector<float> result = driver.read(on_y, 12);
    for (int i = 0; i < (turned ? n : m); i++) {
      double sum = 0;
      for (int j = 0; j < (turned ? m : n); j++) {
        sum += double(turned ? a[i * lda + j] : a[j * lda + i]) * x[2 * j];
      }
      CHECK(!!(std::fabs(result[3 * i] - (alpha * sum + beta * y[3 * i])) <= 1e-6));
      CHECK(result[3 * i + 1] == y[3 * i + 1]);
    }
    auto bad = [&](cublasOperation_t trans, int rows, int leading, int step) {
      return cublasSgemv_v2(blas.handle, trans, rows, n, &alpha, at(on_a), leading, at(on_x), step, &beta, at(on_y), 1);
    };
    refused(bad(cublasOperation_t(3), m, lda, 1), INVALID, "trans: no such operation");
    refused(bad(CUBLAS_OP_N, -1, lda, 1), INVALID, "m or n: negative");
    refused(bad(CUBLAS_OP_N, m, 2, 1), INVALID, "lda: smaller than a column");
    refused(bad(CUBLAS_OP_N, m, lda, 0), UNSUPPORTED, "incx: the simulated cuBLAS has none below 1");
    refused(bad(CUBLAS_OP_N, m, lda, 3), INVALID, "x: ");
    double wide = 1;
    refused(cublasDgemv_v2(blas.handle, CUBLAS_OP_N, m, n, &wide, at<double>(on_a), lda, at<double>(on_x), 1, &wide,
                           at<double>(on_y), 1), INVALID, "A: ");
  }
}

void refusals() {
  Driver driver;
  Blas blas(driver);
  CUdeviceptr x = driver.holding(drawn(4, 1)), y = driver.holding(drawn(4, 2));
  float alpha = 1, host = 0;
  refused(cublasSetPointerMode_v2(blas.handle, cublasPointerMode_t(2)), INVALID, "mode: 2 is neither 0 nor 1");
  refused(cublasSetPointerMode_v2(nullptr, CUBLAS_POINTER_MODE_HOST), CUBLAS_STATUS_NOT_INITIALIZED, "handle");
  refused(cublasAxpyEx(nullptr, 4, &alpha, R32, at(x), R32, 1, at(y), R32, 1, R32), CUBLAS_STATUS_NOT_INITIALIZED,
          "cublasAxpyEx: handle");
  refused(axpy(blas, 5, 1, x, 1, y, 1), INVALID, "x: 20 bytes");
  refused(axpy(blas, 4, 1, x, 1, x, 1), INVALID, "y overlaps x");
  refused(axpy(blas, 4, 1, x, 0, y, 1), UNSUPPORTED, "incx: ");
  refused(axpy(blas, 4, 1, CUdeviceptr(&alpha), 1, y, 1), INVALID, "x: ");
  refused(axpy(blas, 4, 1, x + 2, 1, y, 1), INVALID, "x: ");
  refused(cublasAxpyEx(blas.handle, 4, at(x), R32, at(x), R32, 1, at(y), R32, 1, R32), INVALID,
          "alpha is an address of the device");
  refused(cublasAxpyEx(blas.handle, 4, nullptr, R32, at(x), R32, 1, at(y), R32, 1, R32), INVALID,
          "alpha cannot be read");
  refused(cublasAxpyEx(blas.handle, 4, &alpha, R32, at(x), R32, 1, at(y), R64, 1, R32), UNSUPPORTED, "xType or yType");
  refused(cublasAxpyEx(blas.handle, 4, &alpha, R64, at(x), R32, 1, at(y), R32, 1, R32), UNSUPPORTED, "alphaType");
  refused(cublasScalEx(blas.handle, 4, &alpha, R32, at(x), cudaDataType(3), 1, R32), UNSUPPORTED, "xType or yType");
  refused(cublasScalEx(blas.handle, 4, &alpha, R32, at(x), R32, 1, R64), UNSUPPORTED, "executionType");
  refused(cublasDotEx(blas.handle, 4, at(x), R32, 1, at(y), R32, 1, at(x), R32, R32), INVALID,
          "result: not the host's");
  refused(cublasDotEx(blas.handle, 4, at(x), R32, 1, at(y), R32, 1, nullptr, R32, R32), INVALID,
          "result: not the host's");
  refused(cublasDotEx(blas.handle, 4, at(x), R32, 1, at(y), R32, 1, &host, R64, R32), UNSUPPORTED, "resultType: xType");
  refused(cublasNrm2Ex(blas.handle, 0, at(x), R32, 1, &host, R32, R32), UNSUPPORTED, "n: ");
  cublasSetPointerMode_v2(blas.handle, CUBLAS_POINTER_MODE_DEVICE);
  refused(axpy(blas, 4, 1, x, 1, y, 1), INVALID, "alpha: the simulated cuBLAS reads it in the host's pointer mode");
  refused(blas.product(false, false, 2, 2, 2, 1, x, 2, x, 2, 0, y, 2), INVALID, "alpha: ");
  refused(cublasDotEx(blas.handle, 4, at(x), R32, 1, at(x), R32, 1, &host, R32, R32), INVALID, "result: ");
  refused(cublasDotEx(blas.handle, 4, at(x), R32, 1, at(x), R32, 1, at(x), R32, R32), INVALID, "result overlaps x");
  cublasSetPointerMode_v2(blas.handle, CUBLAS_POINTER_MODE_HOST);
  cuStreamBeginCapture_v2(driver.stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
  refused(cublasDotEx(blas.handle, 4, at(x), R32, 1, at(y), R32, 1, &host, R32, R32), FAILED, "during a capture");
  CUgraph graph = nullptr;
  CHECK(cuStreamEndCapture(driver.stream, &graph) != CUDA_SUCCESS);
  CUdeviceptr never = driver.fresh(16);
  refused(axpy(blas, 4, 1, never, 1, y, 1), FAILED, "cublasAxpyEx: x: read of ");
}

struct Pointers {
  explicit Pointers(Driver& driver) : driver(driver) {}

  CUdeviceptr array(const std::vector<CUdeviceptr>& addresses) {
    CUdeviceptr to = driver.fresh(addresses.size() * sizeof(CUdeviceptr));
    cuMemcpyHtoDAsync_v2(to, addresses.data(), addresses.size() * sizeof(CUdeviceptr), driver.stream);
    driver.synchronise();
    return to;
  }
  cublasStatus_t products(Blas& blas, CUdeviceptr a, CUdeviceptr b, CUdeviceptr c, int count, cudaDataType type = R32) {
    float alpha = 1, beta = 0;
    return cublasGemmBatchedEx(blas.handle, CUBLAS_OP_N, CUBLAS_OP_T, 2, 3, 4, &alpha, at<const void*>(a), type, 2,
                               at<const void*>(b), type, 3, &beta, at<void*>(c), type, 2, count, CUBLAS_COMPUTE_32F,
                               CUBLAS_GEMM_DEFAULT);
  }

  Driver& driver;
};

void batches() {
  for (const char* streams : {"eager", "deferred"}) {
    Driver driver(streams);
    Blas blas(driver);
    Pointers of(driver);
    std::vector<float> a = drawn(16, 1), b = drawn(12, 2);
    CUdeviceptr on_a = driver.holding(a), on_b = driver.holding(b), c = driver.fresh(48);
    CUdeviceptr as = of.array({on_a, on_a + 32}), bs = of.array({on_b, on_b}), cs = of.array({c + 24, c});
    CHECK(of.products(blas, as, bs, cs, 2) == GOOD);
    std::vector<float> result = driver.read(c, 12);
    for (int i = 0; i < 2; i++) {
      CUdeviceptr single = driver.fresh(24);
      CHECK(blas.product(false, true, 2, 3, 4, 1, on_a + 32 * i, 2, on_b, 3, 0, single, 2) == GOOD);
      CHECK(std::memcmp(driver.read(single, 6).data(), &result[6 - 6 * i], 24) == 0);
    }
    refused(of.products(blas, as, bs, cs, -1), INVALID, "batchCount: negative");
    refused(of.products(blas, as, bs, cs, 3), INVALID, "Aarray: ");
    refused(of.products(blas, as + 4, bs, cs, 1), INVALID, "Aarray: ");
    refused(of.products(blas, as, bs, cs, 2, cudaDataType(3)), UNSUPPORTED, "Atype, Btype or Ctype");
    CHECK(of.products(blas, as, bs, 0, 0) == GOOD);
  }
  const char* words[] = {"product 1: C: ", "C[0] overlaps C[1]", "product 0: C overlaps A", "Aarray: read of "};
  for (int i = 0; i < 4; i++) {
    Driver driver;
    Blas blas(driver);
    Pointers of(driver);
    CUdeviceptr a = driver.holding(drawn(16, 1)), b = driver.holding(drawn(12, 2)), c = driver.fresh(48);
    CUdeviceptr as = i == 3 ? driver.fresh(16) : of.array({a, a + 32}), bs = of.array({b, b});
    CUdeviceptr cs = of.array({i == 2 ? a : c, i == 0 ? c + 28 : i == 1 ? c + 20 : c + 24});
    refused(of.products(blas, as, bs, cs, 2), FAILED, words[i]);
  }
}

}

void test_cublas_vectors() {
  vectors();
  other_types();
  of_one_type<float>(cublasSaxpy_v2, cublasSdot_v2);
  of_one_type<double>(cublasDaxpy_v2, cublasDdot_v2);
  times_vector();
  refusals();
  batches();
}
