// cuBLAS: operations on vectors, and a matrix times a vector. All run as operations of a stream.
#include <algorithm>
#include <cmath>

#include "cublas/arguments.h"
#include "images/host_memory.h"
#include "memory/state.h"
#include "streams/streams.h"

namespace sim {

namespace {

// A vector of elements at equal distances in memory.
struct Vector {
  const char* name;
  const void* start;
  cudaDataType type;
  int increment;
  Use use;
  Element element = Element::FLOAT32;

  Range range(size_t n) const {
    size_t size = size_of(element);
    Address at = reinterpret_cast<Address>(start);
    return increment == 1 ? Range{name, at, n * size, use, size}
                          : Range{name, at, size, use, size, n, increment * size};
  }
  double get(size_t i) const { return load(element, start, i * increment); }
  void set(size_t i, double value) const { store(element, const_cast<void*>(start), i * increment, value); }
};

using Vectors = std::vector<Vector>;

void check_increments(const Vectors& vectors) {
  for (const Vector& vector : vectors) {
    refuse_if(vector.increment < 1, UNSUPPORTED,
              std::string("inc") + vector.name + ": the simulated cuBLAS has none below 1");
  }
}

// Checks the types against a part of cuBLAS' table (all of one type; arithmetic in float32, or in float64 for float64),
// and sets the vectors' elements.
void check(Vectors& vectors, cudaDataType alpha, cudaDataType result, cudaDataType execution) {
  cudaDataType of = vectors[0].type, wide = of == CUDA_R_64F ? CUDA_R_64F : CUDA_R_32F;
  for (Vector& vector : vectors) {
    refuse_if(vector.type != of || !known(of, vector.element), UNSUPPORTED,
              "xType or yType: both are float32, float64, half or bf16");
  }
  refuse_if(execution != wide || alpha != wide, UNSUPPORTED,
            "executionType or alphaType: float32, of float64 float64");
  refuse_if(result != of, UNSUPPORTED, "resultType: xType");
  check_increments(vectors);
}

// Enqueues work on vectors of n elements; does nothing if n is not positive.
void on_vectors(const Cublas& cublas, int n, const Vectors& vectors, std::function<void(const Vectors&)> work) {
  if (n <= 0) {
    return;
  }
  Ranges ranges;
  for (const Vector& vector : vectors) {
    ranges.push_back(vector.range(vector.use == Use::WRITE ? 1 : size_t(n)));
  }
  start(cublas, ranges, [=, call = std::string(current_call)] {
    if (!usable(call.c_str(), ranges)) {
      return context.failed;
    }
    work(vectors);
    leave(ranges);
    return CUDA_SUCCESS;
  });
}

// Computes alpha x, or alpha x + y.
void scale(cublasHandle_t handle, int n, const void* alpha, cudaDataType alpha_type, Vectors vectors,
           cudaDataType execution) {
  const Cublas& cublas = find_cublas(handle);
  check(vectors, alpha_type, vectors[0].type, execution);
  double factor = scalar(cublas, "alpha", alpha, execution == CUDA_R_64F);
  on_vectors(cublas, n, vectors, [n, factor](const Vectors& of) {
    for (int i = 0; i < n; i++) {
      double product = factor * of[0].get(i);
      of.back().set(i, of.size() == 2 ? product + of[1].get(i) : product);
    }
  });
}

// Computes the sum of the products of x and y, or the root of the sum of x's squares.
void sum(cublasHandle_t handle, int n, Vectors vectors, void* result, cudaDataType result_type,
         cudaDataType execution) {
  const Cublas& cublas = find_cublas(handle);
  check(vectors, execution, result_type, execution);
  bool root = vectors.size() == 1, host = cublas.scalars == CUBLAS_POINTER_MODE_HOST;
  Vector to{"result", result, result_type, 1, Use::WRITE, vectors[0].element};
  refuse_if(host && (in_device_space(reinterpret_cast<Address>(result)) || !result ||
                     !writable(result, size_of(to.element))),
            INVALID, "result: not the host's, but the pointer mode is");
  refuse_if(n <= 0, UNSUPPORTED, "n: the simulated cuBLAS wants a vector of at least one element");
  refuse_if(host && forbidden_by_capture(), CUBLAS_STATUS_EXECUTION_FAILED,
            "it would wait for the host's result during a capture");
  if (!host) {
    vectors.push_back(to);
  }
  on_vectors(cublas, n, vectors, [=](const Vectors& of) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += of[0].get(i) * of[root ? 0 : 1].get(i);
    }
    to.set(0, root ? std::sqrt(sum) : sum);
  });
  if (host) {
    wait_if_endless();
    require_success(wait_for(*find_stream(cublas.stream)));
  }
}

// Computes y as a row: x times the transposed matrix, because a product's rows may have gaps between their elements.
template <typename Real>
void multiply(cublasHandle_t handle, cublasOperation_t trans, int m, int n, const Real* alpha, const Real* A, int lda,
              const Real* x, int incx, const Real* beta, Real* y, int incy) {
  const Cublas& cublas = find_cublas(handle);
  constexpr bool doubles = std::is_same_v<Real, double>;
  Element element = doubles ? Element::FLOAT64 : Element::FLOAT32;
  refuse_if(unsigned(trans) > CUBLAS_OP_C, INVALID, "trans: no such operation");
  refuse_if(m < 0 || n < 0, INVALID, "m or n: negative");
  refuse_if(lda < std::max(1, m), INVALID, "lda: smaller than a column");
  double of_alpha = scalar(cublas, "alpha", alpha, doubles), of_beta = scalar(cublas, "beta", beta, doubles);
  check_increments({{"x", x, {}, incx, Use::READ}, {"y", y, {}, incy, Use::WRITE}});
  bool turned = trans != CUBLAS_OP_N;
  size_t columns = turned ? n : m, depth = turned ? m : n;
  if (depth > 0) {
    start(cublas, {false, !turned, 1, columns, depth, 1,
                   {"x", x, 1, depth, size_t(incx), 0, element},
                   {"A", A, size_t(m), size_t(n), size_t(lda), 0, element},
                   {"y", y, 1, columns, size_t(incy), 0, element},
                   doubles ? Factors::AS_THEY_ARE : factors_of(cublas), cublas.math, of_alpha, of_beta});
  }
}

}

void cublasSgemv_v2(cublasHandle_t handle, cublasOperation_t trans, int m, int n, const float* alpha, const float* A,
                    int lda, const float* x, int incx, const float* beta, float* y, int incy) {
  multiply(handle, trans, m, n, alpha, A, lda, x, incx, beta, y, incy);
}

void cublasDgemv_v2(cublasHandle_t handle, cublasOperation_t trans, int m, int n, const double* alpha, const double* A,
                    int lda, const double* x, int incx, const double* beta, double* y, int incy) {
  multiply(handle, trans, m, n, alpha, A, lda, x, incx, beta, y, incy);
}

void cublasAxpyEx(cublasHandle_t handle, int n, const void* alpha, cudaDataType alphaType, const void* x,
                  cudaDataType xType, int incx, void* y, cudaDataType yType, int incy, cudaDataType executiontype) {
  scale(handle, n, alpha, alphaType,
        {{"x", x, xType, incx, Use::READ}, {"y", y, yType, incy, Use::READ_AND_WRITE}}, executiontype);
}

void cublasScalEx(cublasHandle_t handle, int n, const void* alpha, cudaDataType alphaType, void* x, cudaDataType xType,
                  int incx, cudaDataType executionType) {
  scale(handle, n, alpha, alphaType, {{"x", x, xType, incx, Use::READ_AND_WRITE}}, executionType);
}

void cublasDotEx(cublasHandle_t handle, int n, const void* x, cudaDataType xType, int incx, const void* y,
                 cudaDataType yType, int incy, void* result, cudaDataType resultType, cudaDataType executionType) {
  sum(handle, n, {{"x", x, xType, incx, Use::READ}, {"y", y, yType, incy, Use::READ}}, result, resultType,
      executionType);
}

void cublasNrm2Ex(cublasHandle_t handle, int n, const void* x, cudaDataType xType, int incx, void* result,
                  cudaDataType resultType, cudaDataType executionType) {
  sum(handle, n, {{"x", x, xType, incx, Use::READ}}, result, resultType, executionType);
}

#define OF_ONE_TYPE(LETTER, REAL, TYPE)                                                                              \
  void cublas##LETTER##axpy_v2(cublasHandle_t handle, int n, const REAL* alpha, const REAL* x, int incx, REAL* y,    \
                               int incy) {                                                                           \
    Vector to{"y", y, TYPE, incy, Use::READ_AND_WRITE};                                                              \
    scale(handle, n, alpha, TYPE, {{"x", x, TYPE, incx, Use::READ}, to}, TYPE);                                      \
  }                                                                                                                  \
  void cublas##LETTER##dot_v2(cublasHandle_t handle, int n, const REAL* x, int incx, const REAL* y, int incy,        \
                              REAL* result) {                                                                        \
    Vector other{"y", y, TYPE, incy, Use::READ};                                                                     \
    sum(handle, n, {{"x", x, TYPE, incx, Use::READ}, other}, result, TYPE, TYPE);                                    \
  }
OF_ONE_TYPE(S, float, CUDA_R_32F)
OF_ONE_TYPE(D, double, CUDA_R_64F)
#undef OF_ONE_TYPE

}
