// cuBLASLt: products with each epilogue against a plain loop, and each refusal.
#include <cmath>
#include <cstring>

#include "api/cublaslt.h"
#include "selftest/cublas/blas.h"

namespace {

const cublasStatus_t GOOD = CUBLAS_STATUS_SUCCESS, INVALID = CUBLAS_STATUS_INVALID_VALUE;
const cublasStatus_t UNSUPPORTED = CUBLAS_STATUS_NOT_SUPPORTED, NONE = CUBLAS_STATUS_NOT_INITIALIZED;

// D (3, 5) = the epilogue of op(A) (3, 4) op(B) (4, 5), of which A is turned.
struct Lt {
  explicit Lt(Driver& driver, unsigned epilogue = CUBLASLT_EPILOGUE_GELU_BIAS, cudaDataType type = CUDA_R_32F)
      : driver(driver), type(type) {
    cublasLtCreate(&handle);
    cublasLtMatmulDescCreate(&of, CUBLAS_COMPUTE_32F, CUDA_R_32F);
    cublasOperation_t turned = CUBLAS_OP_T;
    cublasLtMatmulDescSetAttribute(of, CUBLASLT_MATMUL_DESC_TRANSA, &turned, sizeof turned);
    cublasLtMatmulDescSetAttribute(of, CUBLASLT_MATMUL_DESC_EPILOGUE, &epilogue, sizeof epilogue);
    cublasLtMatrixLayoutCreate(&of_a, type, 4, 3, 4);
    cublasLtMatrixLayoutCreate(&of_b, type, 4, 5, 6);
    cublasLtMatrixLayoutCreate(&of_d, type, 3, 5, 3);
    cublasLtMatmulPreferenceCreate(&preference);
    uint64_t most = 4096;
    cublasLtMatmulPreferenceSetAttribute(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &most, sizeof most);
    uint32_t alignment = 16;
    for (int i = CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES; i <= CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES; i++) {
      cublasLtMatmulPreferenceSetAttribute(preference, cublasLtMatmulPreferenceAttributes_t(i), &alignment, 4);
    }
    a = driver.holding(values(12, 1));
    b = driver.holding(values(30, 2));
    d = driver.fresh(60);
    bias = driver.holding(values(3, 3));
    workspace = driver.fresh(4096);
    point_to_bias();
  }
  ~Lt() {
    driver.free({a, b, d, bias, workspace});
    cublasLtMatmulPreferenceDestroy(preference);
    for (cublasLtMatrixLayout_t layout : {of_a, of_b, of_d}) {
      cublasLtMatrixLayoutDestroy(layout);
    }
    cublasLtMatmulDescDestroy(of);
    cublasLtDestroy(handle);
  }

  std::vector<float> values(size_t count, unsigned seed) {
    return type == CUDA_R_32F ? drawn(count, seed) : as_bf16(drawn(count, seed));
  }
  void point_to_bias() { cublasLtMatmulDescSetAttribute(of, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &bias, sizeof bias); }
  cublasStatus_t heuristic() {
    return cublasLtMatmulAlgoGetHeuristic(handle, of, of_a, of_b, of_d, of_d, preference, 1, &found, &count);
  }
  cublasStatus_t multiply() {
    auto at = [](CUdeviceptr address) { return reinterpret_cast<void*>(address); };
    return cublasLtMatmul(handle, of, &alpha, at(a), of_a, at(b), of_b, &beta, at(d), of_d, at(d), of_d, algo,
                          at(workspace), workspace_bytes, stream ? stream : driver.stream);
  }
  cublasStatus_t both() {
    cublasStatus_t status = heuristic();
    return status == GOOD ? multiply() : status;
  }

  Driver& driver;
  cudaDataType type;
  cublasLtHandle_t handle = nullptr;
  cublasLtMatmulDesc_t of = nullptr;
  cublasLtMatrixLayout_t of_a = nullptr, of_b = nullptr, of_d = nullptr;
  cublasLtMatmulPreference_t preference = nullptr;
  cublasLtMatmulHeuristicResult_t found = {};
  const cublasLtMatmulAlgo_t* algo = &found.algo;
  int count = 0;
  float alpha = 1, beta = 0;
  CUdeviceptr a = 0, b = 0, d = 0, bias = 0, workspace = 0;
  size_t workspace_bytes = 4096;
  CUstream stream = nullptr;
};

double activated(unsigned epilogue, double x) {
  return epilogue & CUBLASLT_EPILOGUE_GELU ? 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)))
         : epilogue & CUBLASLT_EPILOGUE_RELU ? std::fmax(x, 0)
                                             : x;
}

void products() {
  for (unsigned epilogue : {1, 2, 4, 6, 32, 36}) {
    for (cudaDataType type : {CUDA_R_32F, CUDA_R_16BF}) {
      Driver driver(epilogue == 4 ? "deferred" : "eager");
      Lt lt(driver, epilogue, type);
      CHECK(lt.both() == GOOD && lt.count == 1);
      bool narrow = type != CUDA_R_32F;
      auto read = [&](CUdeviceptr from, size_t count) {
        return narrow ? from_bf16(driver.read(from, (count + 1) / 2), count) : driver.read(from, count);
      };
      std::vector<float> a = read(lt.a, 12), b = read(lt.b, 30), bias = read(lt.bias, 3);
      std::vector<float> d(15);
      std::vector<float> words(8);
      cuMemcpyDtoHAsync_v2(narrow ? words.data() : d.data(), lt.d, narrow ? 30 : 60, driver.stream);
      CHECK(driver.synchronise() == CUDA_SUCCESS);
      d = narrow ? from_bf16(words, 15) : d;
      for (int j = 0; j < 5; j++) {
        for (int i = 0; i < 3; i++) {
          double sum = epilogue & CUBLASLT_EPILOGUE_BIAS ? bias[i] : 0;
          for (int p = 0; p < 4; p++) {
            sum += double(a[i * 4 + p]) * b[j * 6 + p];
          }
          CHECK(!!(std::fabs(d[j * 3 + i] - activated(epilogue, sum)) <= (narrow ? 1e-2 : 1e-6)));
        }
      }
    }
  }
}

void refused_after(cublasStatus_t expected, const char* words, const std::function<void(Lt&)>& change,
                   bool heuristic_first = false) {
  Driver driver;
  Lt lt(driver);
  CUdeviceptr was[] = {lt.a, lt.b, lt.d, lt.bias, lt.workspace};
  CHECK(!heuristic_first || lt.heuristic() == GOOD);
  change(lt);
  refused(heuristic_first ? lt.multiply() : lt.both(), expected, words);
  lt.a = was[0], lt.b = was[1], lt.d = was[2], lt.bias = was[3], lt.workspace = was[4];
}

template <typename Value>
std::function<void(Lt&)> attribute(cublasLtMatmulDescAttributes_t which, Value value) {
  return [=](Lt& lt) { CHECK(cublasLtMatmulDescSetAttribute(lt.of, which, &value, sizeof value) == GOOD); };
}

void refusals() {
  refused_after(UNSUPPORTED, "EPILOGUE: 3 is none of", attribute(CUBLASLT_MATMUL_DESC_EPILOGUE, 3u));
  refused_after(UNSUPPORTED, "EPILOGUE: 164 is none of", attribute(CUBLASLT_MATMUL_DESC_EPILOGUE, 164u));
  refused_after(INVALID, "TRANSA or TRANSB: no such operation", attribute(CUBLASLT_MATMUL_DESC_TRANSA, 3));
  refused_after(INVALID, "make no product", attribute(CUBLASLT_MATMUL_DESC_TRANSB, 1));
  refused_after(INVALID, "BIAS_POINTER: none was set", attribute(CUBLASLT_MATMUL_DESC_BIAS_POINTER, CUdeviceptr(0)));
  refused_after(INVALID, "bias: ", [](Lt& lt) {
    lt.bias += 4;
    lt.point_to_bias();
  });
  auto layout = [](cudaDataType type, uint64_t rows, uint64_t columns, int64_t leading) {
    return [=](Lt& lt) {
      cublasLtMatrixLayoutDestroy(lt.of_b);
      CHECK(cublasLtMatrixLayoutCreate(&lt.of_b, type, rows, columns, leading) == GOOD);
    };
  };
  refused_after(INVALID, "Bdesc: rows or columns", layout(CUDA_R_32F, 0, 5, 6));
  refused_after(INVALID, "Bdesc: ld: smaller than a column", layout(CUDA_R_32F, 4, 5, 3));
  refused_after(INVALID, "make no product", layout(CUDA_R_32F, 4, 6, 4));
  refused_after(UNSUPPORTED, "A and B are both", layout(CUDA_R_16F, 4, 5, 6));
  refused_after(INVALID, "algo: not what", layout(CUDA_R_32F, 4, 5, 4), true);
  refused_after(INVALID, "algo: not what", [](Lt& lt) { lt.found = {}; }, true);
  refused_after(UNSUPPORTED, "algo: null", [](Lt& lt) { lt.algo = nullptr; }, true);
  refused_after(INVALID, "workspaceSizeInBytes: ", [](Lt& lt) { lt.workspace_bytes = 100; });
  refused_after(INVALID, "A: not aligned to the 16 bytes", [](Lt& lt) { lt.a += 4; });
  refused_after(INVALID, "B: 112 bytes", [](Lt& lt) { lt.b += 16; });
  refused_after(INVALID, "D overlaps B", [](Lt& lt) { lt.d = lt.b; });
  refused_after(INVALID, "stream: no stream", [](Lt& lt) { lt.stream = reinterpret_cast<CUstream>(&lt); });
  refused_after(NONE, "lightHandle", [](Lt& lt) { lt.handle = nullptr; });
  Driver driver;
  Lt lt(driver);
  unsigned word = 1;
  refused(cublasLtMatmulDescSetAttribute(lt.of, CUBLASLT_MATMUL_DESC_EPILOGUE, &word, 8), INVALID, "sizeInBytes: 8");
  refused(cublasLtMatmulDescSetAttribute(lt.of, CUBLASLT_MATMUL_DESC_EPILOGUE, nullptr, 4), INVALID, "buf: ");
  refused(cublasLtMatmulDescSetAttribute(lt.of, cublasLtMatmulDescAttributes_t(2), &word, 4), UNSUPPORTED,
          "no attribute 2");
  refused(cublasLtMatmulDescSetAttribute(nullptr, CUBLASLT_MATMUL_DESC_EPILOGUE, &word, 4), INVALID, "matmulDesc: ");
  refused(cublasLtMatmulPreferenceSetAttribute(lt.preference, cublasLtMatmulPreferenceAttributes_t(0), &word, 4),
          UNSUPPORTED, "no attribute 0");
  refused(cublasLtMatmulPreferenceSetAttribute(lt.preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &word, 4),
          INVALID, "sizeInBytes: 4");
  refused(cublasLtCreate(nullptr), INVALID, "null");
  refused(cublasLtDestroy(nullptr), INVALID, "lightHandle: null");
  refused(cublasLtMatrixLayoutCreate(nullptr, CUDA_R_32F, 1, 1, 1), INVALID, "null");
  refused(cublasLtMatmulAlgoGetHeuristic(lt.handle, lt.of, lt.of_a, lt.of_b, lt.of_d, lt.of_d, lt.preference, 0,
                                         &lt.found, &lt.count), INVALID, "requestedAlgoCount");
  CHECK(cublasLtMatmulDescDestroy(nullptr) == GOOD && cublasLtMatrixLayoutDestroy(nullptr) == GOOD);
  CHECK(cublasLtGetVersion() == 130002);
}

}

void test_cublas_lt() {
  products();
  refusals();
}
