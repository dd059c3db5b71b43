// cuBLAS: the calls for products of matrices, and what their arguments must be. Products run as operations of a stream.
#include <algorithm>

#include "cublas/product.h"
#include "images/host_memory.h"
#include "memory/state.h"
#include "streams/streams.h"

namespace sim {

namespace {

const cublasStatus_t INVALID = CUBLAS_STATUS_INVALID_VALUE, UNSUPPORTED = CUBLAS_STATUS_NOT_SUPPORTED;

// The arguments that every product has, and those of a batch as a single product has them.
struct Arguments {
  cublasOperation_t transa, transb;
  int m, n, k;
  const void* alpha;
  const void* A;
  int lda;
  const void* B;
  int ldb;
  const void* beta;
  void* C;
  int ldc;
  long long stride_a = 0, stride_b = 0, stride_c = 0;
  int batch = 1;
};

// A and B are of one type.
struct Types {
  Element factor, result;
  Factors factors;

  // alpha and beta are, too.
  bool in_doubles() const { return factor == Element::FLOAT64; }
};

// Empty if the host may read the scalar.
std::string wrong_scalar(const char* name, const void* value, size_t size) {
  if (in_device_space(reinterpret_cast<Address>(value))) {
    return std::string(name) + " is an address of the device, but the pointer mode is the host's";
  }
  return value && readable(value, size) ? "" : std::string(name) + " cannot be read";
}

double scalar(const void* value, const Types& types) {
  return types.in_doubles() ? *static_cast<const double*>(value) : *static_cast<const float*>(value);
}

// Empty if the numbers make sense.
std::string wrong_sizes(const Arguments& given) {
  if (unsigned(given.transa) > CUBLAS_OP_C || unsigned(given.transb) > CUBLAS_OP_C) {
    return "transa or transb: no such operation";
  }
  if (given.m < 0 || given.n < 0 || given.k < 0) {
    return "m, n or k: negative";
  }
  const struct {
    const char* name;
    int leading, height;
  } matrices[] = {{"lda", given.lda, given.transa == CUBLAS_OP_N ? given.m : given.k},
                  {"ldb", given.ldb, given.transb == CUBLAS_OP_N ? given.k : given.n},
                  {"ldc", given.ldc, given.m}};
  for (const auto& one : matrices) {
    if (one.leading < std::max(1, one.height)) {
      return std::string(one.name) + ": smaller than a column";
    }
  }
  if (given.batch < 0) {
    return "batchCount: negative";
  }
  if (given.stride_a < 0 || given.stride_b < 0 || given.stride_c < 0) {
    return "strideA, strideB or strideC: negative";
  }
  return given.batch > 1 && given.stride_c == 0 ? "strideC: 0, but each product of a batch has a C of its own" : "";
}

cublasStatus_t multiply(const char* call, const std::shared_ptr<Cublas>& cublas, const Arguments& given,
                        const Types& types) {
  size_t size = types.in_doubles() ? sizeof(double) : sizeof(float);
  std::string wrong = wrong_sizes(given);
  wrong = wrong.empty() ? wrong_scalar("alpha", given.alpha, size) + wrong_scalar("beta", given.beta, size) : wrong;
  if (!wrong.empty()) {
    return refuse(INVALID, call, wrong);
  }
  if (cublas->workspace == 0) {
    return refuse(UNSUPPORTED, call,
                  "no workspace was set since the handle was made or given a stream, which puts the library's own "
                  "back: call cublasSetWorkspace_v2 after cublasSetStream_v2");
  }
  if (given.m == 0 || given.n == 0 || given.batch == 0) {
    return CUBLAS_STATUS_SUCCESS;
  }
  bool turn_a = given.transa != CUBLAS_OP_N, turn_b = given.transb != CUBLAS_OP_N;
  size_t m = given.m, n = given.n, k = given.k;
  Operand a{"A", given.A, turn_a ? k : m, turn_a ? m : k, size_t(given.lda), size_t(given.stride_a), types.factor};
  Operand b{"B", given.B, turn_b ? n : k, turn_b ? k : n, size_t(given.ldb), size_t(given.stride_b), types.factor};
  Operand c{"C", given.C, m, n, size_t(given.ldc), size_t(given.stride_c), types.result};
  auto product = std::make_shared<Product>(Product{call, turn_a, turn_b, m, n, k, size_t(given.batch), a, b, c,
                                                   types.factors, cublas->math, scalar(given.alpha, types),
                                                   scalar(given.beta, types), {}});
  wrong = place(*product, *cublas);
  if (!wrong.empty()) {
    return refuse(INVALID, call, wrong);
  }
  CUresult result = enqueue(cublas->stream, {call, [product] { return run(*product); }, {}, true});
  return result == CUDA_ERROR_INVALID_HANDLE ? refuse(INVALID, call, "handle: its stream was destroyed")
                                             : cublas_status(result);
}

// A mode of the handle's, which holds for all that does not say otherwise.
Factors factors_of(const Cublas& cublas) {
  return cublas.math == CUBLAS_TF32_TENSOR_OP_MATH ? Factors::TF32 : Factors::AS_THEY_ARE;
}

// The element of a type; false for one that is not known.
bool known(cudaDataType type, Element& element) {
  switch (type) {
    case CUDA_R_32F: element = Element::FLOAT32; return true;
    case CUDA_R_64F: element = Element::FLOAT64; return true;
    case CUDA_R_16F: element = Element::FLOAT16; return true;
    case CUDA_R_16BF: element = Element::BFLOAT16; return true;
  }
  return false;
}

// The mistake in the types of a call, or empty; a part of what cuBLAS' table allows.
std::string wrong_types(const Cublas& cublas, cudaDataType a, cudaDataType b, cudaDataType c,
                        cublasComputeType_t compute, cublasGemmAlgo_t algo, Types& types) {
  bool pedantic = compute == CUBLAS_COMPUTE_32F_PEDANTIC, fast = compute == CUBLAS_COMPUTE_32F_FAST_TF32;
  bool doubles = compute == CUBLAS_COMPUTE_64F || compute == CUBLAS_COMPUTE_64F_PEDANTIC;
  if (!pedantic && !fast && !doubles && compute != CUBLAS_COMPUTE_32F) {
    return "computeType: " + std::to_string(int(compute)) + " is none of 68, 69, 70, 71 and 77";
  }
  if (algo != CUBLAS_GEMM_DEFAULT) {
    return "algo: only CUBLAS_GEMM_DEFAULT is known";
  }
  Element other;
  if (!known(a, types.factor) || !known(b, other) || !known(c, types.result) || types.factor != other) {
    return "Atype, Btype or Ctype: A and B are both float32, float64, half or bf16";
  }
  if (doubles != types.in_doubles()) {
    return "computeType: CUBLAS_COMPUTE_64F is for float64 alone, which wants it";
  }
  bool narrow = size_of(types.factor) == 2;
  if (types.result != types.factor && !(narrow && types.result == Element::FLOAT32)) {
    return "Ctype: C is of A's type or, for half and bf16, float32";
  }
  if (narrow && fast) {
    return "computeType: CUBLAS_COMPUTE_32F_FAST_TF32 is for float32, as documented";
  }
  // half and bf16 have no more bits than TF32: nothing is lost of them.
  types.factors = fast ? Factors::TF32 : pedantic || narrow || doubles ? Factors::AS_THEY_ARE : factors_of(cublas);
  return "";
}

cublasStatus_t multiply_typed(const char* call, cublasHandle_t handle, const Arguments& given, cudaDataType a,
                              cudaDataType b, cudaDataType c, cublasComputeType_t compute, cublasGemmAlgo_t algo) {
  std::shared_ptr<Cublas> cublas = find_cublas(call, handle);
  if (!cublas) {
    return CUBLAS_STATUS_NOT_INITIALIZED;
  }
  Types types{};
  std::string wrong = wrong_types(*cublas, a, b, c, compute, algo, types);
  return wrong.empty() ? multiply(call, cublas, given, types) : refuse(UNSUPPORTED, call, wrong);
}

}

cublasStatus_t cublasSgemm_v2(cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n,
                              int k, const float* alpha, const float* A, int lda, const float* B, int ldb,
                              const float* beta, float* C, int ldc) {
  const char* call = "cublasSgemm_v2";
  std::shared_ptr<Cublas> cublas = find_cublas(call, handle);
  if (!cublas) {
    return CUBLAS_STATUS_NOT_INITIALIZED;
  }
  return multiply(call, cublas, {transa, transb, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc},
                  {Element::FLOAT32, Element::FLOAT32, factors_of(*cublas)});
}

cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n,
                            int k, const void* alpha, const void* A, cudaDataType Atype, int lda, const void* B,
                            cudaDataType Btype, int ldb, const void* beta, void* C, cudaDataType Ctype, int ldc,
                            cublasComputeType_t computeType, cublasGemmAlgo_t algo) {
  return multiply_typed("cublasGemmEx", handle, {transa, transb, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc}, Atype,
                        Btype, Ctype, computeType, algo);
}

cublasStatus_t cublasGemmStridedBatchedEx(cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb,
                                          int m, int n, int k, const void* alpha, const void* A, cudaDataType Atype,
                                          int lda, long long int strideA, const void* B, cudaDataType Btype, int ldb,
                                          long long int strideB, const void* beta, void* C, cudaDataType Ctype, int ldc,
                                          long long int strideC, int batchCount, cublasComputeType_t computeType,
                                          cublasGemmAlgo_t algo) {
  return multiply_typed("cublasGemmStridedBatchedEx", handle,
                        {transa, transb, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc, strideA, strideB, strideC,
                         batchCount},
                        Atype, Btype, Ctype, computeType, algo);
}

}
