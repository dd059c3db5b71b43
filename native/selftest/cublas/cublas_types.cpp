// cuBLAS in half and in float64: every half there is, and sums that float32 could not hold.
#include <algorithm>
#include <cmath>
#include <tuple>

#include "selftest/cublas/blas.h"

namespace {

const cublasStatus_t GOOD = CUBLAS_STATUS_SUCCESS;

// By its definition: a sign, 5 bits of exponent and 10 of mantissa.
double value_of(uint16_t half) {
  int exponent = half >> 10 & 31, mantissa = half & 1023;
  double size = exponent == 31 ? (mantissa ? NAN : INFINITY)
                : exponent     ? std::ldexp(1024 + mantissa, exponent - 25)
                               : std::ldexp(mantissa, -24);
  return half >> 15 ? -size : size;
}

// The nearest half, the even one of two, found by scaling.
double nearest_half(double value) {
  int exponent;
  std::frexp(value, &exponent);
  int step = std::max(exponent, -13) - 11;
  double rounded = std::isfinite(value) ? std::ldexp(std::nearbyint(std::ldexp(value, -step)), step) : value;
  return std::fabs(rounded) > 65504 ? std::copysign(INFINITY, value) : rounded;
}

template <typename Value>
CUdeviceptr holding(Driver& driver, const std::vector<Value>& values) {
  CUdeviceptr address = driver.fresh(values.size() * sizeof(Value));
  cuMemcpyHtoDAsync_v2(address, values.data(), values.size() * sizeof(Value), driver.stream);
  driver.synchronise();
  return address;
}

template <typename Value>
std::vector<Value> read(Driver& driver, CUdeviceptr from, size_t count) {
  std::vector<Value> values(count);
  cuMemcpyDtoHAsync_v2(values.data(), from, count * sizeof(Value), driver.stream);
  driver.synchronise();
  return values;
}

bool same(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

// All halves as A, times some as B: the float32 that comes out is exact, and a half is the nearest.
void every_half() {
  Driver driver;
  Blas blas(driver);
  std::vector<uint16_t> all(65536);
  for (size_t i = 0; i < all.size(); i++) {
    all[i] = uint16_t(i);
  }
  // 1, half, one and a half, just above 1, -3, 2^-14 and the largest.
  const std::vector<uint16_t> factors = {0x3c00, 0x3800, 0x3e00, 0x3c01, 0xc200, 0x0400, 0x7bff};
  int m = int(all.size()), n = int(factors.size());
  CUdeviceptr a = holding(driver, all), b = holding(driver, factors), c = driver.fresh(4u * m * n);
  CHECK(blas.product_ex(false, false, m, n, 1, 1, a, CUDA_R_16F, m, b, 1, 0, c, CUDA_R_32F, m) == GOOD);
  std::vector<float> exact = read<float>(driver, c, size_t(m) * n);
  driver.free({c});
  c = driver.fresh(2u * m * n);
  CHECK(blas.product_ex(false, false, m, n, 1, 1, a, CUDA_R_16F, m, b, 1, 0, c, CUDA_R_16F, m) == GOOD);
  std::vector<uint16_t> rounded = read<uint16_t>(driver, c, size_t(m) * n);
  bool right = true, nearest = true;
  for (int j = 0; j < n; j++) {
    for (int i = 0; i < m; i++) {
      double expected = value_of(all[i]) * value_of(factors[j]);
      right = right && same(exact[size_t(j) * m + i], expected);
      nearest = nearest && same(value_of(rounded[size_t(j) * m + i]), nearest_half(expected));
    }
  }
  CHECK(right && nearest);
  // As the sign of zero and a value times 1 are kept, so are all bits.
  bool kept = true;
  for (int i = 0; i < m; i++) {
    kept = kept && (rounded[i] == all[i] || std::isnan(value_of(all[i])) || all[i] == 0x8000);
  }
  CHECK(kept);
  driver.free({a, b, c});
}

// float32 just beside what lies between two halves, through alpha: it is rounded once.
void beside_ties() {
  Driver driver;
  Blas blas(driver);
  CUdeviceptr one = holding(driver, std::vector<uint16_t>{0x3c00}), c = driver.fresh(2);
  bool right = true;
  for (uint16_t half : {0x0000, 0x0001, 0x0002, 0x03ff, 0x0400, 0x0401, 0x3bff, 0x3c00, 0x3c01, 0x7bfe, 0x7bff}) {
    double next = half == 0x7bff ? 65536 : value_of(half + 1);
    float tie = float((value_of(half) + next) / 2);
    for (float value : {tie, std::nextafter(tie, 0.0f), std::nextafter(tie, 1e9f)}) {
      CHECK(blas.product_ex(false, false, 1, 1, 1, -value, one, CUDA_R_16F, 1, one, 1, 0, c, CUDA_R_16F, 1) == GOOD);
      right = right && value_of(read<uint16_t>(driver, c, 1)[0]) == -nearest_half(value);
    }
  }
  CHECK(right);
  driver.free({one, c});
}

// alpha, beta, transposes and leading dimensions, and the gaps between columns stay as they are.
template <typename Value>
void product(bool ta, bool tb, cudaDataType type, cublasComputeType_t compute, double alpha, double beta,
             double (*value)(Value), Value (*draw)(float), double tolerance) {
  Driver driver;
  Blas blas(driver);
  const int m = 13, n = 9, k = 150, lda = (ta ? k : m) + 1, ldb = (tb ? n : k) + 2, ldc = m + 3;
  std::vector<Value> a, b, c;
  for (auto& [values, count, seed] : {std::make_tuple(&a, lda * (ta ? m : k), 1),
                                      std::make_tuple(&b, ldb * (tb ? k : n), 2), std::make_tuple(&c, ldc * n, 3)}) {
    for (float one : drawn(count, seed)) {
      values->push_back(draw(one));
    }
  }
  CUdeviceptr on_a = holding(driver, a), on_b = holding(driver, b);
  // Nobody wrote a C that is not read.
  CUdeviceptr on_c = beta != 0 ? holding(driver, c) : driver.fresh(c.size() * sizeof(Value));
  float alpha_32 = float(alpha), beta_32 = float(beta);
  bool wide = sizeof(Value) == 8;
  auto at = [](CUdeviceptr address) { return reinterpret_cast<void*>(address); };
  CHECK(cublasGemmEx(blas.handle, ta ? CUBLAS_OP_T : CUBLAS_OP_N, tb ? CUBLAS_OP_C : CUBLAS_OP_N, m, n, k,
                     wide ? static_cast<void*>(&alpha) : &alpha_32, at(on_a), type, lda, at(on_b), type, ldb,
                     wide ? static_cast<void*>(&beta) : &beta_32, at(on_c), type, ldc, compute,
                     CUBLAS_GEMM_DEFAULT) == GOOD);
  bool right = true;
  for (int j = 0; j < n; j++) {
    std::vector<Value> column = read<Value>(driver, on_c + j * ldc * sizeof(Value), beta != 0 ? ldc : m);
    for (int i = 0; i < int(column.size()); i++) {
      double sum = 0, before = value(c[i + j * ldc]);
      for (int p = 0; p < k && i < m; p++) {
        sum += value(ta ? a[p + i * lda] : a[i + p * lda]) * value(tb ? b[j + p * ldb] : b[p + j * ldb]);
      }
      double expected = i < m ? alpha * sum + (beta != 0 ? beta * before : 0) : before;
      double allowed = i < m ? tolerance * (1 + std::fabs(expected)) : 0;
      right = right && std::fabs(value(column[i]) - expected) <= allowed;
    }
  }
  CHECK(right);
  driver.free({on_a, on_b, on_c});
}

double as_it_is(double value) {
  return value;
}

// More bits than a float32 has.
double drawn_double(float value) {
  return value + value * 0x1p-30;
}

uint16_t drawn_half(float value) {
  uint16_t half = 0;
  for (int bit = 1 << 14; bit > 0; bit /= 2) {
    half = value_of(uint16_t(half + bit)) <= std::fabs(value) ? uint16_t(half + bit) : half;
  }
  return uint16_t(half | (value < 0 ? 0x8000 : 0));
}

void alpha_of_doubles_is_a_double() {
  Driver driver;
  Blas blas(driver);
  CUdeviceptr one = holding(driver, std::vector<double>{1.0}), c = holding(driver, std::vector<double>{0x1p-40});
  double alpha = 1 + 0x1p-50, beta = 1 + 0x1p-12;
  auto at = [](CUdeviceptr address) { return reinterpret_cast<void*>(address); };
  auto into = [&](CUdeviceptr to, const double* scale) {
    return cublasGemmEx(blas.handle, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, scale, at(one), CUDA_R_64F, 1, at(one),
                        CUDA_R_64F, 1, &beta, at(to), CUDA_R_64F, 1, CUBLAS_COMPUTE_64F_PEDANTIC,
                        CUBLAS_GEMM_DEFAULT);
  };
  CHECK(into(c, &alpha) == GOOD && read<double>(driver, c, 1)[0] == alpha + 0x1p-40 * beta);
  refused(into(c + 4, &alpha), CUBLAS_STATUS_INVALID_VALUE, "C: 8 bytes at");
  refused(into(one, &alpha), CUBLAS_STATUS_INVALID_VALUE, "C overlaps A");
  refused(into(c, nullptr), CUBLAS_STATUS_INVALID_VALUE, "alpha cannot be read");
  CUdeviceptr wide = driver.fresh(16);
  refused(into(wide + 4, &alpha), CUBLAS_STATUS_INVALID_VALUE, "not aligned to 8");
  driver.free({one, c, wide});
}

}

void test_cublas_types() {
  every_half();
  beside_ties();
  for (bool ta : {false, true}) {
    for (bool tb : {false, true}) {
      product<double>(ta, tb, CUDA_R_64F, CUBLAS_COMPUTE_64F, -1.3, 0, as_it_is, drawn_double, 1e-13);
      product<double>(ta, tb, CUDA_R_64F, CUBLAS_COMPUTE_64F, 0.7, 1.1, as_it_is, drawn_double, 1e-13);
      // Half of the last of 11 bits is 2^-11 of a value at most.
      product<uint16_t>(ta, tb, CUDA_R_16F, CUBLAS_COMPUTE_32F, -1.3, 0, value_of, drawn_half, 1.001 / 2048);
      product<uint16_t>(ta, tb, CUDA_R_16F, CUBLAS_COMPUTE_32F_PEDANTIC, 0.7, 1.1, value_of, drawn_half, 1.001 / 2048);
    }
  }
  alpha_of_doubles_is_a_double();
}
