// cuBLASLt: products with epilogues, and the way to run them, of which there is one here.
#include <algorithm>
#include <tuple>

#include "cublas/arguments.h"
#include "cublas/lt.h"
#include "images/host_memory.h"
#include "memory/state.h"
#include "streams/streams.h"

namespace sim {

namespace {

const cublasStatus_t GOOD = CUBLAS_STATUS_SUCCESS, INVALID = CUBLAS_STATUS_INVALID_VALUE;
const cublasStatus_t UNSUPPORTED = CUBLAS_STATUS_NOT_SUPPORTED;

constexpr uint64_t MAGIC = 0x6d6c747361726c63, WORKSPACE = 4096;

// A product as its descriptors say it, without its memory.
struct Described {
  LtDescription of;
  LtLayout a, b, c, d;
  Types types{};
  Activation activation = Activation::NONE;
  bool biased = false;

  int m() const { return int(d.rows); }
  int n() const { return int(d.columns); }
  int k() const { return int(of.transa == CUBLAS_OP_N ? a.columns : a.rows); }
  // An algorithm is for a product of such sizes and types.
  uint64_t key() const {
    uint64_t key = of.epilogue;
    for (uint64_t part : {uint64_t(of.compute), uint64_t(of.transa), uint64_t(of.transb), d.rows, d.columns,
                          uint64_t(k()), uint64_t(a.type), uint64_t(d.type), uint64_t(a.leading), uint64_t(b.leading),
                          uint64_t(d.leading)}) {
      key = (key ^ part) * 0x9e3779b97f4a7c15u;
    }
    return key;
  }
};

bool same(const LtLayout& x, const LtLayout& y) {
  return x.type == y.type && x.rows == y.rows && x.columns == y.columns && x.leading == y.leading;
}

bool known_epilogue(Described& product) {
  product.biased = product.of.epilogue & CUBLASLT_EPILOGUE_BIAS;
  switch (product.of.epilogue & ~unsigned(CUBLASLT_EPILOGUE_BIAS)) {
    case 0:
    case CUBLASLT_EPILOGUE_DEFAULT: return product.of.epilogue == CUBLASLT_EPILOGUE_DEFAULT || product.biased;
    case CUBLASLT_EPILOGUE_RELU: product.activation = Activation::RELU; return true;
    case CUBLASLT_EPILOGUE_GELU: product.activation = Activation::GELU; return true;
    default: return false;
  }
}

cublasStatus_t check(const char* call, Described& product) {
  for (auto [name, layout] : {std::pair<const char*, const LtLayout*>{"Adesc", &product.a}, {"Bdesc", &product.b},
                              {"Ddesc", &product.d}}) {
    if (layout->rows < 1 || layout->columns < 1 || layout->rows > INT32_MAX || layout->columns > INT32_MAX) {
      return refuse(INVALID, call, std::string(name) + ": rows or columns: not from 1 to 2^31 - 1");
    }
    if (layout->leading < int64_t(layout->rows) || layout->leading > INT32_MAX) {
      return refuse(INVALID, call, std::string(name) + ": ld: smaller than a column");
    }
  }
  if (unsigned(product.of.transa) > CUBLAS_OP_C || unsigned(product.of.transb) > CUBLAS_OP_C) {
    return refuse(INVALID, call, "matmulDesc: TRANSA or TRANSB: no such operation");
  }
  bool turn_a = product.of.transa != CUBLAS_OP_N, turn_b = product.of.transb != CUBLAS_OP_N;
  if ((turn_a ? product.a.columns : product.a.rows) != product.d.rows ||
      (turn_b ? product.b.rows : product.b.columns) != product.d.columns ||
      (turn_a ? product.a.rows : product.a.columns) != (turn_b ? product.b.columns : product.b.rows)) {
    return refuse(INVALID, call, "Adesc, Bdesc or Ddesc: their rows and columns make no product");
  }
  if (!same(product.c, product.d)) {
    return refuse(UNSUPPORTED, call, "Cdesc: the simulated cuBLASLt wants it to be as Ddesc");
  }
  std::string wrong = wrong_types({}, product.a.type, product.b.type, product.d.type, product.of.compute,
                                  CUBLAS_GEMM_DEFAULT, product.types);
  if (!wrong.empty()) {
    return refuse(UNSUPPORTED, call, wrong);
  }
  if (product.of.scale != (product.types.in_doubles() ? CUDA_R_64F : CUDA_R_32F)) {
    return refuse(UNSUPPORTED, call, "matmulDesc: scaleType: float32, of float64 float64");
  }
  if (!known_epilogue(product) || (product.types.in_doubles() && product.of.epilogue != CUBLASLT_EPILOGUE_DEFAULT)) {
    return refuse(UNSUPPORTED, call, "matmulDesc: EPILOGUE: " + std::to_string(product.of.epilogue) +
                                         " is none of 1, 2, 4, 6, 32 and 36, or is not for float64");
  }
  return GOOD;
}

// Null, after saying so, if a descriptor is none.
std::shared_ptr<Described> described(const char* call, cublasLtMatmulDesc_t of, cublasLtMatrixLayout_t a,
                                     cublasLtMatrixLayout_t b, cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d) {
  std::shared_ptr<LtDescription> description = find_description(call, of);
  std::shared_ptr<LtLayout> of_a = description ? find_layout(call, "Adesc", a) : nullptr;
  std::shared_ptr<LtLayout> of_b = of_a ? find_layout(call, "Bdesc", b) : nullptr;
  std::shared_ptr<LtLayout> of_c = of_b ? find_layout(call, "Cdesc", c) : nullptr;
  std::shared_ptr<LtLayout> of_d = of_c ? find_layout(call, "Ddesc", d) : nullptr;
  return of_d ? std::make_shared<Described>(Described{*description, *of_a, *of_b, *of_c, *of_d}) : nullptr;
}

}

cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t lightHandle, cublasLtMatmulDesc_t operationDesc,
                                              cublasLtMatrixLayout_t Adesc, cublasLtMatrixLayout_t Bdesc,
                                              cublasLtMatrixLayout_t Cdesc, cublasLtMatrixLayout_t Ddesc,
                                              cublasLtMatmulPreference_t preference, int requestedAlgoCount,
                                              cublasLtMatmulHeuristicResult_t heuristicResultsArray[],
                                              int* returnAlgoCount) {
  const char* call = "cublasLtMatmulAlgoGetHeuristic";
  if (!find_lt(call, lightHandle)) {
    return CUBLAS_STATUS_NOT_INITIALIZED;
  }
  std::shared_ptr<Described> product = described(call, operationDesc, Adesc, Bdesc, Cdesc, Ddesc);
  std::shared_ptr<LtPreference> preferred = product ? find_preference(call, preference) : nullptr;
  if (!preferred) {
    return INVALID;
  }
  if (requestedAlgoCount < 1 || !returnAlgoCount || !heuristicResultsArray ||
      !writable(heuristicResultsArray, sizeof *heuristicResultsArray)) {
    return refuse(INVALID, call, "requestedAlgoCount, heuristicResultsArray or returnAlgoCount: 0, or null");
  }
  *returnAlgoCount = 0;
  if (cublasStatus_t refused = check(call, *product)) {
    return refused;
  }
  uint64_t workspace = std::min(preferred->most_workspace, WORKSPACE);
  cublasLtMatmulHeuristicResult_t found{};
  found.algo.data[0] = MAGIC;
  found.algo.data[1] = workspace;
  found.algo.data[2] = product->key();
  std::copy_n(preferred->alignments, 4, reinterpret_cast<uint32_t*>(found.algo.data + 3));
  found.workspaceSize = workspace;
  found.wavesCount = 1;
  *heuristicResultsArray = found;
  *returnAlgoCount = 1;
  return GOOD;
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t lightHandle, cublasLtMatmulDesc_t computeDesc, const void* alpha,
                              const void* A, cublasLtMatrixLayout_t Adesc, const void* B, cublasLtMatrixLayout_t Bdesc,
                              const void* beta, const void* C, cublasLtMatrixLayout_t Cdesc, void* D,
                              cublasLtMatrixLayout_t Ddesc, const cublasLtMatmulAlgo_t* algo, void* workspace,
                              size_t workspaceSizeInBytes, CUstream stream) {
  const char* call = "cublasLtMatmul";
  if (!find_lt(call, lightHandle)) {
    return CUBLAS_STATUS_NOT_INITIALIZED;
  }
  std::shared_ptr<Described> of = described(call, computeDesc, Adesc, Bdesc, Cdesc, Ddesc);
  if (!of) {
    return INVALID;
  }
  if (cublasStatus_t refused = check(call, *of)) {
    return refused;
  }
  if (!algo) {
    return refuse(UNSUPPORTED, call, "algo: null stands for a choice of cuBLASLt's, which the simulated one has not");
  }
  if (!readable(algo, sizeof *algo) || algo->data[0] != MAGIC || algo->data[2] != of->key()) {
    return refuse(INVALID, call, "algo: not what cublasLtMatmulAlgoGetHeuristic gave for this product");
  }
  if (workspaceSizeInBytes < algo->data[1]) {
    return refuse(INVALID, call, "workspaceSizeInBytes: the algorithm needs " + std::to_string(algo->data[1]));
  }
  const auto* alignments = reinterpret_cast<const uint32_t*>(algo->data + 3);
  for (auto [i, name, start] : {std::tuple<int, const char*, const void*>{0, "A", A}, {1, "B", B}, {2, "C", C},
                                {3, "D", D}}) {
    if (alignments[i] > 1 && reinterpret_cast<Address>(start) % alignments[i] != 0) {
      return refuse(INVALID, call, std::string(name) + ": not aligned to the " + std::to_string(alignments[i]) +
                                       " bytes that the preference says");
    }
  }
  if (of->biased && !of->of.bias) {
    return refuse(INVALID, call, "matmulDesc: BIAS_POINTER: none was set, and the epilogue wants it");
  }
  Cublas at{stream, reinterpret_cast<Address>(workspace), workspaceSizeInBytes};
  Arguments given{cublasOperation_t(of->of.transa), cublasOperation_t(of->of.transb), of->m(), of->n(), of->k(), alpha,
                  A, int(of->a.leading), B, int(of->b.leading), beta, D, int(of->d.leading)};
  std::string wrong = wrong_product(at, given, of->types);
  if (!wrong.empty()) {
    return refuse(INVALID, call, wrong);
  }
  Product product = product_of(call, at, given, of->types);
  if (product.beta != 0 && C != D) {
    return refuse(UNSUPPORTED, call, "C: the simulated cuBLASLt wants it to be D unless beta is 0");
  }
  if (!find_stream(stream)) {
    return refuse(INVALID, call, "stream: no stream, or one that was destroyed");
  }
  product.c.name = "D";
  product.epilogue = {of->biased ? of->of.bias : nullptr, of->activation};
  return start(at, product);
}

}
