// A graph that takes another's place, if it does the same with other arguments.
#include <functional>

#include "selftest/harness.h"

namespace {

CUgraph captured(Driver& driver, const std::function<void()>& work) {
  CUgraph graph = nullptr;
  cuStreamBeginCapture_v2(driver.stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
  work();
  CHECK(cuStreamEndCapture(driver.stream, &graph) == CUDA_SUCCESS);
  return graph;
}

void updates(const char* streams) {
  Driver driver(streams);
  CUdeviceptr x = driver.holding({1.0f, 1.0f}), y = driver.holding({5.0f, 5.0f});
  CUgraph first = captured(driver, [&] { driver.launch("add_one", 1, 32, x, 2); });
  CUgraph second = captured(driver, [&] { driver.launch("add_one", 1, 64, y, 1); });
  CUgraphExec executable = nullptr;
  CHECK(cuGraphInstantiateWithFlags(&executable, first, 0) == CUDA_SUCCESS);
  // A launch from before the update does what was recorded then.
  CHECK(cuGraphLaunch(executable, driver.stream) == CUDA_SUCCESS);
  CUgraphExecUpdateResultInfo info{CU_GRAPH_EXEC_UPDATE_ERROR, CUgraphNode(8), CUgraphNode(8)};
  CHECK(cuGraphExecUpdate_v2(executable, second, &info) == CUDA_SUCCESS);
  CHECK(info.result == CU_GRAPH_EXEC_UPDATE_SUCCESS && !info.errorNode && !info.errorFromNode);
  CHECK(cuGraphDestroy(second) == CUDA_SUCCESS);
  CHECK(cuGraphLaunch(executable, driver.stream) == CUDA_SUCCESS);
  CHECK(driver.read(x, 2) == std::vector<float>({2.0f, 2.0f}));
  CHECK(driver.read(y, 2) == std::vector<float>({6.0f, 5.0f}));
  CHECK(cuGraphExecUpdate_v2(executable, second, &info) == CUDA_ERROR_INVALID_VALUE);
  CHECK(info.result == CU_GRAPH_EXEC_UPDATE_ERROR);
  CHECK(cuGraphExecUpdate_v2(executable, first, nullptr) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuGraphExecUpdate_v2(executable, first, &info) == CUDA_SUCCESS);
  CHECK(cuGraphExecDestroy(executable) == CUDA_SUCCESS);
  CHECK(cuGraphExecUpdate_v2(executable, first, &info) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuGraphDestroy(first) == CUDA_SUCCESS);
  driver.free({x, y});
}

// The refusal names its reason, and the executable stays as it was.
void must_not_update(CUgraphExecUpdateResult reason, const std::function<void(Driver&, CUdeviceptr)>& one,
                     const std::function<void(Driver&, CUdeviceptr)>& other) {
  Driver driver;
  CUdeviceptr x = driver.holding(std::vector<float>(16, 1.0f)), y = driver.holding(std::vector<float>(16, 1.0f));
  CUgraph first = captured(driver, [&] { one(driver, x); }), second = captured(driver, [&] { other(driver, y); });
  CUgraphExec executable = nullptr;
  cuGraphInstantiateWithFlags(&executable, first, CUDA_GRAPH_INSTANTIATE_FLAG_USE_NODE_PRIORITY);
  CUgraphExecUpdateResultInfo info{};
  CHECK(cuGraphExecUpdate_v2(executable, second, &info) == CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE);
  CHECK(info.result == reason && !info.errorNode);
  CHECK(cuGraphLaunch(executable, driver.stream) == CUDA_SUCCESS);
  CHECK(driver.read(y, 16) == std::vector<float>(16, 1.0f) && driver.read(x, 16) != std::vector<float>(16, 1.0f));
  cuGraphExecDestroy(executable);
  cuGraphDestroy(first);
  cuGraphDestroy(second);
  driver.free({x, y});
}

void add(Driver& driver, CUdeviceptr x) {
  driver.launch("add_one", 1, 32, x, 2);
}

// Two kernels, the second in another stream; it comes after the first or beside it.
void fork(Driver& driver, CUdeviceptr x, bool after, int priority = 0) {
  CUstream other = nullptr;
  CUevent event = nullptr;
  cuStreamCreateWithPriority(&other, CU_STREAM_NON_BLOCKING, priority);
  cuEventCreate(&event, CU_EVENT_DISABLE_TIMING);
  cuEventRecord(event, driver.stream);
  cuStreamWaitEvent(other, event, 0);
  add(driver, x);
  if (after) {
    cuEventRecord(event, driver.stream);
    cuStreamWaitEvent(other, event, 0);
  }
  CUdeviceptr y = x + 32;
  int n = 2;
  void* arguments[] = {&y, &n};
  cuLaunchKernel(driver.function("add_one"), 1, 1, 1, 32, 1, 1, 0, other, arguments, nullptr);
  cuEventRecord(event, other);
  cuStreamWaitEvent(driver.stream, event, 0);
  cuStreamDestroy_v2(other);
  cuEventDestroy_v2(event);
}

}

void test_graph_updates() {
  updates("eager");
  updates("deferred");
  must_not_update(CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED, add, [](Driver& driver, CUdeviceptr x) {
    add(driver, x);
    add(driver, x);
  });
  must_not_update(CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED,
                  [](Driver& driver, CUdeviceptr x) { fork(driver, x, true); },
                  [](Driver& driver, CUdeviceptr x) { fork(driver, x, false); });
  must_not_update(CU_GRAPH_EXEC_UPDATE_ERROR_ATTRIBUTES_CHANGED,
                  [](Driver& driver, CUdeviceptr x) { fork(driver, x, true); },
                  [](Driver& driver, CUdeviceptr x) { fork(driver, x, true, -1); });
  must_not_update(CU_GRAPH_EXEC_UPDATE_ERROR_UNSUPPORTED_FUNCTION_CHANGE, add,
                  [](Driver& driver, CUdeviceptr x) { driver.launch("fill_with", 1, 32, x, 7.0f, 2); });
  must_not_update(CU_GRAPH_EXEC_UPDATE_ERROR_NODE_TYPE_CHANGED, add,
                  [](Driver& driver, CUdeviceptr x) { cuMemsetD32Async(x, 0, 2, driver.stream); });
  must_not_update(CU_GRAPH_EXEC_UPDATE_ERROR_PARAMETERS_CHANGED,
                  [](Driver& driver, CUdeviceptr x) { cuMemsetD32Async(x, 0, 2, driver.stream); },
                  [](Driver& driver, CUdeviceptr x) { cuMemsetD2D32Async(x, 12, 0, 2, 3, driver.stream); });
  must_not_update(CU_GRAPH_EXEC_UPDATE_ERROR_PARAMETERS_CHANGED,
                  [](Driver& driver, CUdeviceptr x) { cuMemsetD2D32Async(x, 12, 0, 2, 2, driver.stream); },
                  [](Driver& driver, CUdeviceptr x) { cuMemsetD2D32Async(x, 12, 0, 2, 3, driver.stream); });
}
