// cuBLASLt: products with epilogues, and the choice of an algorithm, of which there is only one here.
#include <algorithm>
#include <tuple>

#include "cublas/arguments.h"
#include "cublas/lt.h"
#include "images/host_memory.h"
#include "memory/state.h"
#include "streams/streams.h"

namespace sim {

namespace {

constexpr uint64_t MAGIC = 0x6d6c747361726c63, WORKSPACE = 4096;

// A product as its descriptors describe it, without its memory.
struct Described {
  LtDescription of;
  LtLayout a, b, c, d;
  Types types{};
  Activation activation = Activation::NONE;
  bool biased = false;

  int m() const { return int(d.rows); }
  int n() const { return int(d.columns); }
  int k() const { return int(of.transa == CUBLAS_OP_N ? a.columns : a.rows); }
  // An algorithm is valid for products of these sizes and types.
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

void check(Described& product) {
  for (auto [name, layout] : {std::pair<const char*, const LtLayout*>{"Adesc", &product.a}, {"Bdesc", &product.b},
                              {"Ddesc", &product.d}}) {
    refuse_if(layout->rows < 1 || layout->columns < 1 || layout->rows > INT32_MAX || layout->columns > INT32_MAX,
              INVALID, std::string(name) + ": rows or columns: not from 1 to 2^31 - 1");
    refuse_if(layout->leading < int64_t(layout->rows) || layout->leading > INT32_MAX, INVALID,
              std::string(name) + ": ld: smaller than a column");
  }
  refuse_if(unsigned(product.of.transa) > CUBLAS_OP_C || unsigned(product.of.transb) > CUBLAS_OP_C, INVALID,
            "matmulDesc: TRANSA or TRANSB: no such operation");
  bool turn_a = product.of.transa != CUBLAS_OP_N, turn_b = product.of.transb != CUBLAS_OP_N;
  refuse_if((turn_a ? product.a.columns : product.a.rows) != product.d.rows ||
                (turn_b ? product.b.rows : product.b.columns) != product.d.columns ||
                (turn_a ? product.a.rows : product.a.columns) != (turn_b ? product.b.columns : product.b.rows),
            INVALID, "Adesc, Bdesc or Ddesc: their rows and columns make no product");
  refuse_if(!same(product.c, product.d), UNSUPPORTED, "Cdesc: the simulated cuBLASLt wants it to be as Ddesc");
  product.types = types_of({}, product.a.type, product.b.type, product.d.type, product.of.compute);
  bool doubles = product.types.in_doubles();
  refuse_if(product.of.scale != (doubles ? CUDA_R_64F : CUDA_R_32F), UNSUPPORTED,
            "matmulDesc: scaleType: float32, of float64 float64");
  refuse_if(!known_epilogue(product) || (doubles && product.of.epilogue != CUBLASLT_EPILOGUE_DEFAULT), UNSUPPORTED,
            "matmulDesc: EPILOGUE: " + std::to_string(product.of.epilogue) +
                " is none of 1, 2, 4, 6, 32 and 36, or is not for float64");
}

Described described(cublasLtMatmulDesc_t of, cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                    cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d) {
  return {find_description(of), find_layout("Adesc", a), find_layout("Bdesc", b), find_layout("Cdesc", c),
          find_layout("Ddesc", d)};
}

}

void cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t lightHandle, cublasLtMatmulDesc_t operationDesc,
                                    cublasLtMatrixLayout_t Adesc, cublasLtMatrixLayout_t Bdesc,
                                    cublasLtMatrixLayout_t Cdesc, cublasLtMatrixLayout_t Ddesc,
                                    cublasLtMatmulPreference_t preference, int requestedAlgoCount,
                                    cublasLtMatmulHeuristicResult_t heuristicResultsArray[], int* returnAlgoCount) {
  check_handle(lightHandle);
  Described product = described(operationDesc, Adesc, Bdesc, Cdesc, Ddesc);
  const LtPreference& preferred = find_preference(preference);
  refuse_if(requestedAlgoCount < 1 || !returnAlgoCount || !heuristicResultsArray ||
                !writable(heuristicResultsArray, sizeof *heuristicResultsArray),
            INVALID, "requestedAlgoCount, heuristicResultsArray or returnAlgoCount: 0, or null");
  *returnAlgoCount = 0;
  check(product);
  uint64_t workspace = std::min(preferred.most_workspace, WORKSPACE);
  cublasLtMatmulHeuristicResult_t found{};
  found.algo.data[0] = MAGIC;
  found.algo.data[1] = workspace;
  found.algo.data[2] = product.key();
  std::copy_n(preferred.alignments, 4, reinterpret_cast<uint32_t*>(found.algo.data + 3));
  found.workspaceSize = workspace;
  found.wavesCount = 1;
  *heuristicResultsArray = found;
  *returnAlgoCount = 1;
}

void cublasLtMatmul(cublasLtHandle_t lightHandle, cublasLtMatmulDesc_t computeDesc, const void* alpha, const void* A,
                    cublasLtMatrixLayout_t Adesc, const void* B, cublasLtMatrixLayout_t Bdesc, const void* beta,
                    const void* C, cublasLtMatrixLayout_t Cdesc, void* D, cublasLtMatrixLayout_t Ddesc,
                    const cublasLtMatmulAlgo_t* algo, void* workspace, size_t workspaceSizeInBytes, CUstream stream) {
  check_handle(lightHandle);
  Described of = described(computeDesc, Adesc, Bdesc, Cdesc, Ddesc);
  check(of);
  refuse_if(!algo, UNSUPPORTED, "algo: null stands for a choice of cuBLASLt's, which the simulated one has not");
  refuse_if(!readable(algo, sizeof *algo) || algo->data[0] != MAGIC || algo->data[2] != of.key(), INVALID,
            "algo: not what cublasLtMatmulAlgoGetHeuristic gave for this product");
  refuse_if(workspaceSizeInBytes < algo->data[1], INVALID,
            "workspaceSizeInBytes: the algorithm needs " + std::to_string(algo->data[1]));
  const auto* alignments = reinterpret_cast<const uint32_t*>(algo->data + 3);
  for (auto [i, name, start] : {std::tuple<int, const char*, const void*>{0, "A", A}, {1, "B", B}, {2, "C", C},
                                {3, "D", D}}) {
    refuse_if(alignments[i] > 1 && reinterpret_cast<Address>(start) % alignments[i] != 0, INVALID,
              std::string(name) + ": not aligned to the " + std::to_string(alignments[i]) +
                  " bytes that the preference says");
  }
  refuse_if(of.biased && !of.of.bias, INVALID, "matmulDesc: BIAS_POINTER: none was set, and the epilogue wants it");
  Cublas at{stream, reinterpret_cast<Address>(workspace), workspaceSizeInBytes};
  Product product = product_of(at, {cublasOperation_t(of.of.transa), cublasOperation_t(of.of.transb), of.m(), of.n(),
                                    of.k(), alpha, A, int(of.a.leading), B, int(of.b.leading), beta, D,
                                    int(of.d.leading)},
                               of.types);
  refuse_if(product.beta != 0 && C != D, UNSUPPORTED,
            "C: the simulated cuBLASLt wants it to be D unless beta is 0");
  refuse_if(!find_stream(stream), INVALID, "stream: no stream, or one that was destroyed");
  product.c.name = "D";
  product.epilogue = {of.biased ? of.of.bias : nullptr, of.activation};
  start(at, product);
}

}
