// cuBLAS: the product against a plain loop, and each of its refusals.
#include <dlfcn.h>

#include <cmath>
#include <cstring>

#include "selftest/cublas/blas.h"

namespace {

void product(bool ta, bool tb, int m, int n, int k, float alpha, float beta, int more) {
  Driver driver;
  Blas blas(driver);
  int lda = (ta ? k : m) + more, ldb = (tb ? n : k) + 2 * more, ldc = m + 3 * more;
  std::vector<float> a = drawn(size_t(lda) * (ta ? m : k), 1), b = drawn(size_t(ldb) * (tb ? k : n), 2);
  std::vector<float> c = drawn(size_t(ldc) * n, 3);
  CUdeviceptr on_a = driver.holding(a), on_b = driver.holding(b), on_c = driver.holding(c);
  CHECK(blas.product(ta, tb, m, n, k, alpha, on_a, lda, on_b, ldb, beta, on_c, ldc) == CUBLAS_STATUS_SUCCESS);
  std::vector<float> result = driver.read(on_c, c.size());
  bool right = true;
  for (int j = 0; j < n; j++) {
    for (int i = 0; i < ldc; i++) {
      double sum = 0;
      for (int p = 0; p < k && i < m; p++) {
        sum += double(ta ? a[p + i * lda] : a[i + p * lda]) * (tb ? b[j + p * ldb] : b[p + j * ldb]);
      }
      size_t at = i + size_t(j) * ldc;
      double expected = i < m ? alpha * sum + beta * c[at] : c[at];
      right = right && std::fabs(result[at] - expected) <= 1e-5 * std::sqrt(k + 1.0);
    }
  }
  CHECK(right);
  driver.free({on_a, on_b, on_c});
}

// The same bits eager, deferred and replayed; alpha and beta are those of the call.
void same_however_run() {
  std::vector<std::vector<float>> results;
  for (const char* streams : {"eager", "deferred", "graph"}) {
    bool graph = std::strcmp(streams, "graph") == 0;
    Driver driver(graph ? "eager" : streams);
    Blas blas(driver);
    CUdeviceptr a = driver.holding(drawn(35, 1)), b = driver.holding(drawn(55, 2)), c = driver.holding(drawn(77, 3));
    if (graph) {
      cuStreamBeginCapture_v2(driver.stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
    }
    CHECK(blas.product(false, true, 7, 11, 5, 0.3f, a, 7, b, 11, 0.7f, c, 7) == CUBLAS_STATUS_SUCCESS);
    if (graph) {
      CUgraph captured = nullptr;
      CUgraphExec executable = nullptr;
      cuStreamEndCapture(driver.stream, &captured);
      cuGraphInstantiateWithFlags(&executable, captured, 0);
      CHECK(driver.read(c, 77) == drawn(77, 3));
      CHECK(cuGraphLaunch(executable, driver.stream) == CUDA_SUCCESS);
      cuGraphDestroy(captured);
      cuGraphExecDestroy(executable);
    }
    results.push_back(driver.read(c, 77));
    driver.free({a, b, c});
  }
  CHECK(results[0] == results[1] && results[0] == results[2] && results[0] != drawn(77, 3));
}

void refusals() {
  const cublasStatus_t invalid = CUBLAS_STATUS_INVALID_VALUE;
  Driver driver;
  Blas blas(driver);
  CUdeviceptr a = driver.holding(std::vector<float>(64, 1.0f)), b = driver.holding(std::vector<float>(64, 2.0f));
  CUdeviceptr c = driver.fresh(256);
  auto into = [&](CUdeviceptr to, int ld) { return blas.product(false, false, 4, 4, 4, 1, a, ld, b, 4, 0, to, 4); };
  refused(into(c + 200, 4), invalid, "C: 64 bytes at");
  refused(into(c + 2, 4), invalid, "not aligned to 4");
  refused(into(a, 4), invalid, "C overlaps A");
  refused(into(c, 3), invalid, "lda: smaller than a column");
  static float on_host[64];
  refused(into(CUdeviceptr(on_host), 4), invalid, "C: 64 bytes at");
  refused(into(CUdeviceptr(on_host), 4), invalid, "which is not device memory");
  auto* device = reinterpret_cast<float*>(a);
  float one = 1;
  refused(cublasSgemm_v2(blas.handle, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, device, device, 1, device, 1, &one, device, 1),
          invalid, "alpha is an address of the device");
  refused(cublasSetWorkspace_v2(blas.handle, reinterpret_cast<void*>(c + 16), 64), invalid, "not aligned to 256");
  refused(cublasSetWorkspace_v2(blas.handle, reinterpret_cast<void*>(c), 512), invalid, "workspace: 512 bytes at");
  refused(cublasSetMathMode(blas.handle, cublasMath_t(1)), invalid, "is none of 0, 2 and 3");
  refused(cublasSetStream_v2(blas.handle, CUstream(12345)), invalid, "no stream");
  CHECK(into(c, 4) == CUBLAS_STATUS_SUCCESS && driver.read(c, 1)[0] == 8.0f);
  cublasSetStream_v2(blas.handle, driver.stream);
  CHECK(into(c, 4) == CUBLAS_STATUS_SUCCESS);
  CUgraph graph = nullptr;
  cuStreamBeginCapture_v2(driver.stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
  refused(into(c, 4), CUBLAS_STATUS_NOT_SUPPORTED, "call cublasSetWorkspace_v2 after cublasSetStream_v2");
  cuStreamEndCapture(driver.stream, &graph);
  cuGraphDestroy(graph);
  auto other = reinterpret_cast<cublasHandle_t>(driver.stream);
  refused(cublasSetMathMode(other, CUBLAS_DEFAULT_MATH), CUBLAS_STATUS_NOT_INITIALIZED, "handle: no such object");
  long long live[LIVE];
  charlstm_sim_live(live);
  CHECK(live[4] == 1);
  driver.free({a, b, c});
}

// A product that fails when it runs fails the context.
void failures_of_runs() {
  Driver driver("deferred");
  Blas blas(driver);
  CUdeviceptr a = driver.fresh(16), c = driver.fresh(16);
  CHECK(blas.product(false, false, 2, 2, 2, 0, a, 2, a, 2, 0, c, 2) == CUBLAS_STATUS_SUCCESS);
  CHECK(driver.read(c, 4) == std::vector<float>(4, 0.0f));
  CHECK(blas.product(false, false, 2, 2, 2, 1, a, 2, a, 2, 0, c, 2) == CUBLAS_STATUS_SUCCESS);
  CHECK(driver.synchronise() == CUDA_ERROR_LAUNCH_FAILED);
  CHECK(std::strstr(charlstm_sim_last_error(), "cublasSgemm_v2: A: read of memory that nobody wrote: byte 0"));
  CHECK(cublasSetMathMode(blas.handle, CUBLAS_DEFAULT_MATH) == CUBLAS_STATUS_EXECUTION_FAILED);
  driver.free({a, c});
}

// Under the mode of the handle at the call, whenever the product runs.
void counted_by_mode() {
  Driver driver("deferred");
  Blas blas(driver);
  CUdeviceptr a = driver.holding({2.0f}), c = driver.fresh(4);
  long long before[COUNTERS], after[COUNTERS];
  charlstm_sim_counters(before);
  for (cublasMath_t mode : {CUBLAS_PEDANTIC_MATH, CUBLAS_TF32_TENSOR_OP_MATH, CUBLAS_PEDANTIC_MATH, CUBLAS_DEFAULT_MATH,
                            CUBLAS_PEDANTIC_MATH, CUBLAS_TF32_TENSOR_OP_MATH}) {
    cublasSetMathMode(blas.handle, mode);
    CHECK(blas.product(false, false, 1, 1, 1, 1, a, 1, a, 1, 0, c, 1) == CUBLAS_STATUS_SUCCESS);
  }
  driver.synchronise();
  charlstm_sim_counters(after);
  CHECK(after[8] - before[8] == 6 && after[12] - before[12] == 1);
  CHECK(after[13] - before[13] == 3 && after[14] - before[14] == 2);
  driver.free({a, c});
}

void workspace_is_spoilt() {
  Driver driver;
  Blas blas(driver);
  CUdeviceptr a = driver.holding({2.0f});
  cuMemsetD32Async(blas.workspace, 0, 1024, driver.stream);
  CUdeviceptr c = driver.fresh(4);
  CHECK(blas.product(false, false, 1, 1, 1, 1, a, 1, a, 1, 0, c, 1) == CUBLAS_STATUS_SUCCESS);
  float value;
  CHECK(cuMemcpyDtoHAsync_v2(&value, blas.workspace, 4, driver.stream) == CUDA_ERROR_LAUNCH_FAILED);
  driver.free({a, c});
}

void versions_and_faults() {
  {
    Driver driver("eager", "fail:6");
    cublasHandle_t handle = nullptr;
    CHECK(cublasCreate_v2(&handle) == CUBLAS_STATUS_INTERNAL_ERROR);
    CHECK(cublasCreate_v2(&handle) == CUBLAS_STATUS_SUCCESS);
    int major = 0;
    int minor = 1;
    int patch = 0;
    CHECK(cublasGetProperty(MAJOR_VERSION, &major) == CUBLAS_STATUS_SUCCESS && major == 13);
    CHECK(cublasGetProperty(MINOR_VERSION, &minor) == CUBLAS_STATUS_SUCCESS && minor == 0);
    CHECK(cublasGetProperty(PATCH_LEVEL, &patch) == CUBLAS_STATUS_SUCCESS && patch == 2);
    void* older = dlopen("libcublas.so.12", RTLD_NOW);
    auto found = older ? dlvsym(older, "cublasGetProperty", "libcublas.so.12") : nullptr;
    CHECK(found && !dlvsym(older, "cublasGetProperty", "libcublas.so.13"));
    CHECK(found && reinterpret_cast<decltype(cublasGetProperty)*>(found)(MINOR_VERSION, &minor) == 0 && minor == 6);
    CHECK(cublasDestroy_v2(handle) == CUBLAS_STATUS_SUCCESS);
    CHECK(cublasDestroy_v2(handle) == CUBLAS_STATUS_NOT_INITIALIZED);
  }
  cublasHandle_t handle = nullptr;
  CHECK(cublasCreate_v2(&handle) == CUBLAS_STATUS_NOT_INITIALIZED);
  CHECK(!std::strcmp(cublasGetStatusName(CUBLAS_STATUS_ARCH_MISMATCH), "CUBLAS_STATUS_ARCH_MISMATCH"));
}

}

void test_cublas() {
  for (bool ta : {false, true}) {
    for (bool tb : {false, true}) {
      product(ta, tb, 1, 1, 1, 1, 0, 0);
      product(ta, tb, 7, 5, 3, 0.5f, 0, 3);
      product(ta, tb, 13, 9, 301, -1.5f, 2, 1);
      product(ta, tb, 33, 66, 129, 1, 1, 5);
      product(ta, tb, 3, 4, 0, 1, 0.5f, 1);
    }
  }
  same_however_run();
  refusals();
  failures_of_runs();
  counted_by_mode();
  workspace_is_spoilt();
  versions_and_faults();
}
