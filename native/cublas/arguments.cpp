#include "cublas/arguments.h"

#include <algorithm>

#include "images/host_memory.h"
#include "memory/state.h"
#include "streams/streams.h"

namespace sim {

namespace {

const cublasStatus_t INVALID = CUBLAS_STATUS_INVALID_VALUE;

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

}

bool known(cudaDataType type, Element& element) {
  switch (type) {
    case CUDA_R_32F: element = Element::FLOAT32; return true;
    case CUDA_R_64F: element = Element::FLOAT64; return true;
    case CUDA_R_16F: element = Element::FLOAT16; return true;
    case CUDA_R_16BF: element = Element::BFLOAT16; return true;
  }
  return false;
}

std::string wrong_scalar(const Cublas& cublas, const char* name, const void* value, size_t size) {
  if (cublas.scalars == CUBLAS_POINTER_MODE_DEVICE) {
    return std::string(name) + ": the simulated cuBLAS reads it in the host's pointer mode alone";
  }
  if (in_device_space(reinterpret_cast<Address>(value))) {
    return std::string(name) + " is an address of the device, but the pointer mode is the host's";
  }
  return value && readable(value, size) ? "" : std::string(name) + " cannot be read";
}

double scalar(const void* value, bool in_doubles) {
  return in_doubles ? *static_cast<const double*>(value) : *static_cast<const float*>(value);
}

std::string wrong_product(const Cublas& cublas, const Arguments& given, const Types& types) {
  size_t size = types.in_doubles() ? sizeof(double) : sizeof(float);
  std::string wrong = wrong_sizes(given);
  wrong = wrong.empty() ? wrong_scalar(cublas, "alpha", given.alpha, size) : wrong;
  return wrong.empty() ? wrong_scalar(cublas, "beta", given.beta, size) : wrong;
}

std::string no_workspace(const Cublas& cublas) {
  std::shared_ptr<Stream> stream = find_stream(cublas.stream);
  return cublas.workspace != 0 || !stream || !stream->capturing()
             ? ""
             : "a graph needs a workspace of its own, and none was set since the handle was made or given a stream, "
               "which puts the library's own back: call cublasSetWorkspace_v2 after cublasSetStream_v2";
}

Factors factors_of(const Cublas& cublas) {
  return cublas.math == CUBLAS_TF32_TENSOR_OP_MATH ? Factors::TF32 : Factors::AS_THEY_ARE;
}

std::string wrong_types(const Cublas& cublas, cudaDataType a, cudaDataType b, cudaDataType c,
                        cublasComputeType_t compute, cublasGemmAlgo_t algo, Types& types) {
  bool pedantic = compute == CUBLAS_COMPUTE_32F_PEDANTIC, fast = compute == CUBLAS_COMPUTE_32F_FAST_TF32;
  bool doubles = compute == CUBLAS_COMPUTE_64F || compute == CUBLAS_COMPUTE_64F_PEDANTIC;
  if (!pedantic && !fast && !doubles && compute != CUBLAS_COMPUTE_32F) {
    return "computeType: " + std::to_string(int(compute)) + " is none of 68, 69, 70, 71 and 77";
  }
  constexpr int DEFAULT_TENSOR_OP = 99;  // the same since CUDA 11 (cublas_api.h)
  if (algo != CUBLAS_GEMM_DEFAULT && int(algo) != DEFAULT_TENSOR_OP) {
    return "algo: only the default ones, -1 and 99, are known";
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

Product product_of(const char* call, const Cublas& cublas, const Arguments& given, const Types& types) {
  bool turn_a = given.transa != CUBLAS_OP_N, turn_b = given.transb != CUBLAS_OP_N;
  size_t m = given.m, n = given.n, k = given.k;
  Operand a{"A", given.A, turn_a ? k : m, turn_a ? m : k, size_t(given.lda), size_t(given.stride_a), types.factor};
  Operand b{"B", given.B, turn_b ? n : k, turn_b ? k : n, size_t(given.ldb), size_t(given.stride_b), types.factor};
  Operand c{"C", given.C, m, n, size_t(given.ldc), size_t(given.stride_c), types.result};
  return {call, turn_a, turn_b, m, n, k, size_t(given.batch), a, b, c, types.factors, cublas.math,
          scalar(given.alpha, types.in_doubles()), scalar(given.beta, types.in_doubles()), {}};
}

cublasStatus_t start(const Cublas& cublas, const Product& product) {
  auto placed = std::make_shared<Product>(product);
  std::string wrong = place(*placed, cublas);
  return wrong.empty() ? start(cublas, product.call, {}, [placed] { return run(*placed); })
                       : refuse(INVALID, product.call, wrong);
}

cublasStatus_t start(const Cublas& cublas, const char* call, const Ranges& ranges, std::function<CUresult()> run) {
  std::string wrong = misplaced(ranges);
  if (!wrong.empty()) {
    return refuse(INVALID, call, wrong);
  }
  CUresult result = enqueue(cublas.stream, {call, run, CU_GRAPH_NODE_TYPE_KERNEL});
  return result == CUDA_ERROR_INVALID_HANDLE ? refuse(INVALID, call, "handle: its stream was destroyed")
                                             : cublas_status(result);
}

}
