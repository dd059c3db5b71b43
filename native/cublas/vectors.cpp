// cuBLAS: what works on vectors, and a matrix times a vector. All run as operations of a stream.
#include <cmath>

#include "cublas/arguments.h"
#include "images/host_memory.h"
#include "memory/state.h"
#include "streams/streams.h"

namespace sim {

namespace {

const cublasStatus_t INVALID = CUBLAS_STATUS_INVALID_VALUE, UNSUPPORTED = CUBLAS_STATUS_NOT_SUPPORTED;

// Every so many elements of memory.
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

// A part of cuBLAS' table: all of one type, computed in float32, of float64 in float64.
std::string wrong_types(std::vector<Vector*> vectors, cudaDataType alpha, cudaDataType result, cudaDataType execution) {
  cudaDataType of = vectors[0]->type, wide = of == CUDA_R_64F ? CUDA_R_64F : CUDA_R_32F;
  for (Vector* vector : vectors) {
    if (vector->type != of || !known(of, vector->element)) {
      return "xType or yType: both are float32, float64, half or bf16";
    }
  }
  if (execution != wide || alpha != wide) {
    return "executionType or alphaType: float32, of float64 float64";
  }
  return result == of ? "" : "resultType: xType";
}

std::string wrong_increments(const std::vector<Vector*>& vectors) {
  for (const Vector* vector : vectors) {
    if (vector->increment < 1) {
      return std::string("inc") + vector->name + ": the simulated cuBLAS has none below 1";
    }
  }
  return "";
}

// Enqueues work on vectors of n elements; none is done if n is not positive.
cublasStatus_t on_vectors(const char* call, const Cublas& cublas, int n, const std::vector<Vector>& vectors,
                          std::function<void(const std::vector<Vector>&)> work) {
  if (n <= 0) {
    return CUBLAS_STATUS_SUCCESS;
  }
  Ranges ranges;
  for (const Vector& vector : vectors) {
    ranges.push_back(vector.range(vector.use == Use::WRITE ? 1 : size_t(n)));
  }
  return start(cublas, call, ranges, [=] {
    if (!usable(call, ranges)) {
      return context.failed;
    }
    work(vectors);
    leave(ranges);
    return CUDA_SUCCESS;
  });
}

// alpha x, or alpha x + y.
cublasStatus_t scaled(const char* call, cublasHandle_t handle, int n, const void* alpha, cudaDataType alpha_type,
                      std::vector<Vector> vectors, cudaDataType execution) {
  std::shared_ptr<Cublas> cublas = find_cublas(call, handle);
  if (!cublas) {
    return CUBLAS_STATUS_NOT_INITIALIZED;
  }
  std::vector<Vector*> all;
  for (Vector& vector : vectors) {
    all.push_back(&vector);
  }
  std::string wrong = wrong_types(all, alpha_type, vectors[0].type, execution);
  wrong = wrong.empty() ? wrong_increments(all) : wrong;
  if (!wrong.empty()) {
    return refuse(UNSUPPORTED, call, wrong);
  }
  bool in_doubles = execution == CUDA_R_64F;
  wrong = wrong_scalar(*cublas, "alpha", alpha, in_doubles ? sizeof(double) : sizeof(float));
  if (!wrong.empty()) {
    return refuse(INVALID, call, wrong);
  }
  double factor = scalar(alpha, in_doubles);
  return on_vectors(call, *cublas, n, vectors, [n, factor](const std::vector<Vector>& of) {
    for (int i = 0; i < n; i++) {
      double product = factor * of[0].get(i);
      of.back().set(i, of.size() == 2 ? product + of[1].get(i) : product);
    }
  });
}

// The sum of the products of x and y, or the root of that of x and x.
cublasStatus_t summed(const char* call, cublasHandle_t handle, int n, std::vector<Vector> vectors, void* result,
                      cudaDataType result_type, cudaDataType execution) {
  std::shared_ptr<Cublas> cublas = find_cublas(call, handle);
  if (!cublas) {
    return CUBLAS_STATUS_NOT_INITIALIZED;
  }
  std::vector<Vector*> all;
  for (Vector& vector : vectors) {
    all.push_back(&vector);
  }
  std::string wrong = wrong_types(all, execution, result_type, execution);
  wrong = wrong.empty() ? wrong_increments(all) : wrong;
  if (!wrong.empty()) {
    return refuse(UNSUPPORTED, call, wrong);
  }
  bool root = vectors.size() == 1, host = cublas->scalars == CUBLAS_POINTER_MODE_HOST;
  Vector to{"result", result, result_type, 1, Use::WRITE, vectors[0].element};
  if (host && (in_device_space(reinterpret_cast<Address>(result)) || !result ||
               !writable(result, size_of(to.element)))) {
    return refuse(INVALID, call, "result: not the host's, but the pointer mode is");
  }
  if (n <= 0) {
    return refuse(UNSUPPORTED, call, "n: the simulated cuBLAS wants a vector of at least one element");
  }
  if (host && forbidden_by_capture()) {
    return refuse(CUBLAS_STATUS_EXECUTION_FAILED, call, "it would wait for the host's result during a capture");
  }
  if (!host) {
    vectors.push_back(to);
  }
  cublasStatus_t status = on_vectors(call, *cublas, n, vectors, [=](const std::vector<Vector>& of) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += of[0].get(i) * of[root ? 0 : 1].get(i);
    }
    to.set(0, root ? std::sqrt(sum) : sum);
  });
  if (status == CUBLAS_STATUS_SUCCESS && host) {
    wait_if_endless();
    return cublas_status(wait_for(*find_stream(cublas->stream)));
  }
  return status;
}

// y is the row of x times the matrix turned, since rows may have gaps between their elements.
template <typename Real>
cublasStatus_t times_vector(const char* call, cublasHandle_t handle, cublasOperation_t trans, int m, int n,
                            const Real* alpha, const Real* A, int lda, const Real* x, int incx, const Real* beta,
                            Real* y, int incy) {
  std::shared_ptr<Cublas> cublas = find_cublas(call, handle);
  if (!cublas) {
    return CUBLAS_STATUS_NOT_INITIALIZED;
  }
  Element element = sizeof(Real) == sizeof(double) ? Element::FLOAT64 : Element::FLOAT32;
  Vector of_x{"x", x, CUDA_R_32F, incx, Use::READ, element}, of_y{"y", y, CUDA_R_32F, incy, Use::WRITE, element};
  std::string wrong = unsigned(trans) > CUBLAS_OP_C            ? "trans: no such operation"
                      : m < 0 || n < 0                         ? "m or n: negative"
                      : lda < (m > 1 ? m : 1)                  ? "lda: smaller than a column"
                                                               : wrong_scalar(*cublas, "alpha", alpha, sizeof(Real));
  wrong = wrong.empty() ? wrong_scalar(*cublas, "beta", beta, sizeof(Real)) : wrong;
  if (!wrong.empty()) {
    return refuse(INVALID, call, wrong);
  }
  wrong = wrong_increments({&of_x, &of_y});
  if (!wrong.empty()) {
    return refuse(UNSUPPORTED, call, wrong);
  }
  bool turned = trans != CUBLAS_OP_N;
  size_t columns = turned ? n : m, depth = turned ? m : n;
  if (m == 0 || n == 0) {
    return CUBLAS_STATUS_SUCCESS;
  }
  Product product{call, false, !turned, 1, columns, depth, 1,
                  {"x", x, 1, depth, size_t(incx), 0, element},
                  {"A", A, size_t(m), size_t(n), size_t(lda), 0, element},
                  {"y", y, 1, columns, size_t(incy), 0, element},
                  element == Element::FLOAT32 ? factors_of(*cublas) : Factors::AS_THEY_ARE, cublas->math, *alpha, *beta,
                  {}};
  return start(*cublas, product);
}

}

cublasStatus_t cublasSgemv_v2(cublasHandle_t handle, cublasOperation_t trans, int m, int n, const float* alpha,
                              const float* A, int lda, const float* x, int incx, const float* beta, float* y,
                              int incy) {
  return times_vector("cublasSgemv_v2", handle, trans, m, n, alpha, A, lda, x, incx, beta, y, incy);
}

cublasStatus_t cublasDgemv_v2(cublasHandle_t handle, cublasOperation_t trans, int m, int n, const double* alpha,
                              const double* A, int lda, const double* x, int incx, const double* beta, double* y,
                              int incy) {
  return times_vector("cublasDgemv_v2", handle, trans, m, n, alpha, A, lda, x, incx, beta, y, incy);
}

cublasStatus_t cublasAxpyEx(cublasHandle_t handle, int n, const void* alpha, cudaDataType alphaType, const void* x,
                            cudaDataType xType, int incx, void* y, cudaDataType yType, int incy,
                            cudaDataType executiontype) {
  return scaled("cublasAxpyEx", handle, n, alpha, alphaType,
                {{"x", x, xType, incx, Use::READ}, {"y", y, yType, incy, Use::READ_AND_WRITE}}, executiontype);
}

cublasStatus_t cublasScalEx(cublasHandle_t handle, int n, const void* alpha, cudaDataType alphaType, void* x,
                            cudaDataType xType, int incx, cudaDataType executionType) {
  return scaled("cublasScalEx", handle, n, alpha, alphaType, {{"x", x, xType, incx, Use::READ_AND_WRITE}},
                executionType);
}

cublasStatus_t cublasDotEx(cublasHandle_t handle, int n, const void* x, cudaDataType xType, int incx, const void* y,
                           cudaDataType yType, int incy, void* result, cudaDataType resultType,
                           cudaDataType executionType) {
  return summed("cublasDotEx", handle, n, {{"x", x, xType, incx, Use::READ}, {"y", y, yType, incy, Use::READ}}, result,
                resultType, executionType);
}

cublasStatus_t cublasNrm2Ex(cublasHandle_t handle, int n, const void* x, cudaDataType xType, int incx, void* result,
                            cudaDataType resultType, cudaDataType executionType) {
  return summed("cublasNrm2Ex", handle, n, {{"x", x, xType, incx, Use::READ}}, result, resultType, executionType);
}

}
