#include "cublas/arguments.h"

#include <algorithm>

#include "images/host_memory.h"
#include "memory/state.h"
#include "streams/streams.h"

namespace sim {

namespace {

void check_sizes(const Arguments& given) {
  refuse_if(unsigned(given.transa) > CUBLAS_OP_C || unsigned(given.transb) > CUBLAS_OP_C, INVALID,
            "transa or transb: no such operation");
  refuse_if(given.m < 0 || given.n < 0 || given.k < 0, INVALID, "m, n or k: negative");
  const struct {
    const char* name;
    int leading, height;
  } matrices[] = {{"lda", given.lda, given.transa == CUBLAS_OP_N ? given.m : given.k},
                  {"ldb", given.ldb, given.transb == CUBLAS_OP_N ? given.k : given.n},
                  {"ldc", given.ldc, given.m}};
  for (const auto& one : matrices) {
    refuse_if(one.leading < std::max(1, one.height), INVALID, std::string(one.name) + ": smaller than a column");
  }
  refuse_if(given.batch < 0, INVALID, "batchCount: negative");
  refuse_if(given.stride_a < 0 || given.stride_b < 0 || given.stride_c < 0, INVALID,
            "strideA, strideB or strideC: negative");
  refuse_if(given.batch > 1 && given.stride_c == 0, INVALID,
            "strideC: 0, but each product of a batch has a C of its own");
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

double scalar(const Cublas& cublas, const char* name, const void* value, bool in_doubles) {
  std::string argument = name;
  refuse_if(cublas.scalars == CUBLAS_POINTER_MODE_DEVICE, INVALID,
            argument + ": the simulated cuBLAS reads it in the host's pointer mode alone");
  refuse_if(in_device_space(reinterpret_cast<Address>(value)), INVALID,
            argument + " is an address of the device, but the pointer mode is the host's");
  refuse_if(!value || !readable(value, in_doubles ? sizeof(double) : sizeof(float)), INVALID,
            argument + " cannot be read");
  return in_doubles ? *static_cast<const double*>(value) : *static_cast<const float*>(value);
}

void want_workspace(const Cublas& cublas) {
  std::shared_ptr<Stream> stream = find_stream(cublas.stream);
  refuse_if(cublas.workspace == 0 && stream && stream->capturing(), UNSUPPORTED,
            "a graph needs a workspace of its own, and none was set since the handle was made or given a stream, "
            "which puts the library's own back: call cublasSetWorkspace_v2 after cublasSetStream_v2");
}

Factors factors_of(const Cublas& cublas) {
  return cublas.math == CUBLAS_TF32_TENSOR_OP_MATH ? Factors::TF32 : Factors::AS_THEY_ARE;
}

Types types_of(const Cublas& cublas, cudaDataType a, cudaDataType b, cudaDataType c, cublasComputeType_t compute,
               cublasGemmAlgo_t algo) {
  bool pedantic = compute == CUBLAS_COMPUTE_32F_PEDANTIC, fast = compute == CUBLAS_COMPUTE_32F_FAST_TF32;
  bool doubles = compute == CUBLAS_COMPUTE_64F || compute == CUBLAS_COMPUTE_64F_PEDANTIC;
  refuse_if(!pedantic && !fast && !doubles && compute != CUBLAS_COMPUTE_32F, UNSUPPORTED,
            "computeType: " + std::to_string(int(compute)) + " is none of 68, 69, 70, 71 and 77");
  constexpr int DEFAULT_TENSOR_OP = 99;  // the same since CUDA 11 (cublas_api.h)
  refuse_if(algo != CUBLAS_GEMM_DEFAULT && int(algo) != DEFAULT_TENSOR_OP, UNSUPPORTED,
            "algo: only the default ones, -1 and 99, are known");
  Types types{};
  Element other;
  refuse_if(!known(a, types.factor) || !known(b, other) || !known(c, types.result) || types.factor != other,
            UNSUPPORTED, "Atype, Btype or Ctype: A and B are both float32, float64, half or bf16");
  refuse_if(doubles != types.in_doubles(), UNSUPPORTED,
            "computeType: CUBLAS_COMPUTE_64F is for float64 alone, which wants it");
  bool narrow = size_of(types.factor) == 2;
  refuse_if(types.result != types.factor && !(narrow && types.result == Element::FLOAT32), UNSUPPORTED,
            "Ctype: C is of A's type or, for half and bf16, float32");
  refuse_if(narrow && fast, UNSUPPORTED, "computeType: CUBLAS_COMPUTE_32F_FAST_TF32 is for float32, as documented");
  // half and bf16 have no more bits than TF32, so they lose none.
  types.factors = fast ? Factors::TF32 : pedantic || narrow || doubles ? Factors::AS_THEY_ARE : factors_of(cublas);
  return types;
}

Product product_of(const Cublas& cublas, const Arguments& given, const Types& types) {
  check_sizes(given);
  bool turn_a = given.transa != CUBLAS_OP_N, turn_b = given.transb != CUBLAS_OP_N;
  size_t m = given.m, n = given.n, k = given.k;
  Operand a{"A", given.A, turn_a ? k : m, turn_a ? m : k, size_t(given.lda), size_t(given.stride_a), types.factor};
  Operand b{"B", given.B, turn_b ? n : k, turn_b ? k : n, size_t(given.ldb), size_t(given.stride_b), types.factor};
  Operand c{"C", given.C, m, n, size_t(given.ldc), size_t(given.stride_c), types.result};
  return {turn_a, turn_b, m, n, k, size_t(given.batch), a, b, c, types.factors, cublas.math,
          scalar(cublas, "alpha", given.alpha, types.in_doubles()),
          scalar(cublas, "beta", given.beta, types.in_doubles())};
}

void start(const Cublas& cublas, const Product& product) {
  if (!product.empty()) {
    auto placed = std::make_shared<Product>(product);
    refuse_for(INVALID, place(*placed, cublas));
    start(cublas, {}, [placed] { return run(*placed); });
  }
}

void start(const Cublas& cublas, const Ranges& ranges, std::function<CUresult()> run) {
  refuse_for(INVALID, misplaced(ranges));
  CUresult result = enqueue(cublas.stream, {current_call, run, CU_GRAPH_NODE_TYPE_KERNEL});
  refuse_if(result == CUDA_ERROR_INVALID_HANDLE, INVALID, "handle: its stream was destroyed");
  require_success(result);
}

}
