// Deferred streams show what a host that does not wait would see; captures and graphs do what they recorded.
#include <cmath>
#include <cstring>
#include <thread>

#include "selftest/harness.h"

// As a program calls them that is compiled with --default-stream per-thread.
extern "C" CUresult cuStreamBeginCapture_v2_ptsz(CUstream stream, CUstreamCaptureMode mode);
extern "C" CUresult cuMemsetD32Async_ptsz(CUdeviceptr to, unsigned value, size_t count, CUstream stream);

namespace {

void deferred() {
  Driver driver("deferred");
  std::vector<float> host = {1.0f, 2.0f};
  CUdeviceptr x = driver.fresh(8);
  cuMemcpyHtoDAsync_v2(x, host.data(), 8, driver.stream);
  CHECK(driver.launch("add_one", 1, 32, x, 2) == CUDA_SUCCESS);
  std::vector<float> result = {7.0f, 7.0f};
  cuMemcpyDtoHAsync_v2(result.data(), x, 8, driver.stream);
  CHECK(std::isnan(result[0]) && std::isnan(result[1]));
  CHECK(driver.synchronise() == CUDA_SUCCESS);
  CHECK(result == std::vector<float>({2.0f, 3.0f}));
  // The host's memory is read when the copy runs, not when it is asked for.
  cuMemcpyHtoDAsync_v2(x, host.data(), 8, driver.stream);
  host[0] = 50.0f;
  CHECK(driver.read(x, 1)[0] == 50.0f);
  // A buffer may be both the source of a copy and the target of the next.
  cuMemcpyHtoDAsync_v2(x, host.data(), 8, driver.stream);
  driver.launch("add_one", 1, 32, x, 2);
  cuMemcpyDtoHAsync_v2(host.data(), x, 8, driver.stream);
  CHECK(driver.synchronise() == CUDA_SUCCESS && host[0] == 51.0f);
  // The legacy stream waits for all; what a destroyed stream had queued still runs.
  CUstream other;
  cuStreamCreateWithPriority(&other, CU_STREAM_NON_BLOCKING, 0);
  cuMemsetD32Async(x, 0, 2, other);
  cuStreamDestroy_v2(other);
  CHECK(cuStreamSynchronize(nullptr) == CUDA_SUCCESS);
  CHECK(driver.read(x, 1)[0] == 0.0f);
  driver.launch("add_one", 1, 32, x, 2);
  CHECK(cuMemFree_v2(x) == CUDA_SUCCESS);
  CHECK(driver.synchronise() == CUDA_ERROR_ILLEGAL_ADDRESS);
}

void deferred_failure_comes_at_the_wait() {
  Driver driver("deferred");
  CUdeviceptr x = driver.fresh(4);
  CHECK(driver.launch("write_past_end", 1, 1, x, 1) == CUDA_SUCCESS);
  CHECK(driver.synchronise() == CUDA_ERROR_ILLEGAL_ADDRESS);
  CHECK(cuMemFree_v2(x) == CUDA_ERROR_ILLEGAL_ADDRESS);
}

void graphs(const char* streams) {
  Driver driver(streams);
  CUdeviceptr x = driver.holding({1.0f, 2.0f, 3.0f});
  CHECK(cuStreamBeginCapture_v2(driver.stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL) == CUDA_SUCCESS);
  // The count is a local of launch(): the copy made at capture is what is replayed.
  CHECK(driver.launch("add_one", 1, 32, x, 2) == CUDA_SUCCESS);
  CHECK(driver.launch("add_one", 1, 32, x, 3) == CUDA_SUCCESS);
  CUgraph graph = nullptr;
  CUgraphExec executable = nullptr;
  long long before[COUNTERS], after[COUNTERS];
  charlstm_sim_counters(before);
  CHECK(cuStreamEndCapture(driver.stream, &graph) == CUDA_SUCCESS);
  CHECK(driver.read(x, 3) == std::vector<float>({1.0f, 2.0f, 3.0f}));
  CHECK(cuGraphInstantiateWithFlags(&executable, graph, 0) == CUDA_SUCCESS);
  CHECK(cuGraphDestroy(graph) == CUDA_SUCCESS);
  CHECK(cuGraphDestroy(graph) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuGraphLaunch(executable, driver.stream) == CUDA_SUCCESS);
  CHECK(cuGraphLaunch(executable, driver.stream) == CUDA_SUCCESS);
  CHECK(driver.read(x, 3) == std::vector<float>({5.0f, 6.0f, 5.0f}));
  CHECK(cuGraphLaunch(executable, CUstream(12345)) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(cuGraphExecDestroy(executable) == CUDA_SUCCESS);
  CHECK(cuGraphLaunch(executable, driver.stream) == CUDA_ERROR_INVALID_VALUE);
  // Only what succeeded is counted.
  charlstm_sim_counters(after);
  CHECK(after[10] - before[10] == 1 && after[11] - before[11] == 2);
  cuMemFree_v2(x);
}

void what_a_capture_forbids() {
  Driver driver;
  CUdeviceptr x = driver.holding({1.0f});
  CUdeviceptr more;
  CUgraph graph;
  CHECK(cuStreamBeginCapture_v2(nullptr, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL) == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  CHECK(cuStreamEndCapture(driver.stream, &graph) == CUDA_ERROR_ILLEGAL_STATE);
  auto begin = [&] { cuStreamBeginCapture_v2(driver.stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL); };
  begin();
  CHECK(cuMemAlloc_v2(&more, 4) == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  CHECK(cuStreamEndCapture(driver.stream, &graph) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  begin();
  CHECK(driver.synchronise() == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  CHECK(cuStreamEndCapture(driver.stream, &graph) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  begin();
  CHECK(cuMemsetD32Async(x, 0, 1, nullptr) == CUDA_ERROR_STREAM_CAPTURE_IMPLICIT);
  CHECK(cuStreamEndCapture(driver.stream, &graph) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  begin();
  CUcontext context;
  cuDevicePrimaryCtxRetain(&context, 0);
  std::thread([&] {
    cuCtxSetCurrent(context);
    CHECK(cuMemAlloc_v2(&more, 4) == CUDA_SUCCESS);
    CHECK(cuStreamEndCapture(driver.stream, &graph) == CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD);
  }).join();
  cuDevicePrimaryCtxRelease_v2(0);
  CHECK(cuStreamEndCapture(driver.stream, &graph) == CUDA_SUCCESS);
  cuGraphDestroy(graph);
  driver.free({more, x});
}

void events() {
  Driver driver("deferred");
  CUdeviceptr x = driver.holding({1.0f});
  CUevent event = nullptr;
  CHECK(cuEventCreate(&event, CU_EVENT_DISABLE_TIMING) == CUDA_SUCCESS);
  CHECK(cuEventSynchronize(event) == CUDA_SUCCESS);
  float value = 0.0f;
  driver.launch("add_one", 1, 32, x, 1);
  cuMemcpyDtoHAsync_v2(&value, x, 4, driver.stream);
  CHECK(cuEventRecord(event, driver.stream) == CUDA_SUCCESS);
  CHECK(value != 2.0f);
  CHECK(cuEventSynchronize(event) == CUDA_SUCCESS);
  CHECK(value == 2.0f);
  long long live[LIVE];
  charlstm_sim_live(live);
  CHECK(live[6] == 1);
  CHECK(cuEventDestroy_v2(event) == CUDA_SUCCESS);
  CHECK(cuEventDestroy_v2(event) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(cuEventRecord(event, driver.stream) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(cuEventSynchronize(event) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(cuEventCreate(&event, 8) == CUDA_ERROR_INVALID_VALUE);
  charlstm_sim_live(live);
  CHECK(live[6] == 0);
  cuMemFree_v2(x);
}

void time_between_events() {
  Driver driver("deferred");
  CUdeviceptr x = driver.holding({1.0f});
  CUevent start = nullptr;
  CUevent end = nullptr;
  CUevent untimed = nullptr;
  CHECK(cuEventCreate(&start, CU_EVENT_DEFAULT) == CUDA_SUCCESS);
  CHECK(cuEventCreate(&end, CU_EVENT_DEFAULT) == CUDA_SUCCESS);
  CHECK(cuEventCreate(&untimed, CU_EVENT_DISABLE_TIMING) == CUDA_SUCCESS);
  float milliseconds = -1.0f;
  cuEventRecord(start, driver.stream);
  CHECK(cuEventElapsedTime(&milliseconds, start, end) == CUDA_ERROR_INVALID_HANDLE);
  driver.launch("add_one", 1, 32, x, 1);
  cuEventRecord(end, driver.stream);
  cuEventRecord(untimed, driver.stream);
  CHECK(cuEventElapsedTime(&milliseconds, start, end) == CUDA_ERROR_NOT_READY);
  CHECK(cuEventSynchronize(untimed) == CUDA_SUCCESS);
  CHECK(cuEventElapsedTime(&milliseconds, start, end) == CUDA_SUCCESS);
  CHECK(milliseconds > 0.0f);
  float back = 0.0f;
  CHECK(cuEventElapsedTime(&back, end, start) == CUDA_SUCCESS);
  CHECK(back == -milliseconds);
  CHECK(cuEventElapsedTime(&milliseconds, start, untimed) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(cuEventElapsedTime(nullptr, start, end) == CUDA_ERROR_INVALID_VALUE);
  for (CUevent event : {start, end, untimed}) {
    cuEventDestroy_v2(event);
  }
  cuMemFree_v2(x);
}

void one_order() {
  Driver driver("eager", "", "one");
  CUdeviceptr x = driver.holding({1.0f, 1.0f});
  CHECK(driver.launch("depends_on_order", 1, 4, x) == CUDA_SUCCESS);
  cuMemFree_v2(x);
}

// A thread's own default stream: work of it and of the shared one comes in the order in which it was asked for.
void threads_streams() {
  Driver driver("deferred");
  const CUstream own = CUstream(2);
  CUdeviceptr x = driver.fresh(4);
  int host = 0;
  CHECK(cuMemsetD32Async(x, 7, 1, nullptr) == CUDA_SUCCESS);
  CHECK(cuMemcpyDtoHAsync_v2(&host, x, 4, own) == CUDA_SUCCESS);
  CHECK(cuStreamSynchronize(own) == CUDA_SUCCESS && host == 7);
  CUcontext context = nullptr;
  cuCtxGetCurrent(&context);
  std::thread([&] {
    cuCtxSetCurrent(context);
    CHECK(cuMemsetD32Async(x, 8, 1, own) == CUDA_SUCCESS);
  }).join();
  CHECK(cuStreamQuery(own) == CUDA_SUCCESS);
  CHECK(cuStreamQuery(nullptr) == CUDA_ERROR_NOT_READY);
  CUgraph graph = nullptr;
  CHECK(cuStreamBeginCapture_v2(nullptr, CU_STREAM_CAPTURE_MODE_RELAXED) == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  CHECK(cuStreamBeginCapture_v2_ptsz(nullptr, CU_STREAM_CAPTURE_MODE_RELAXED) == CUDA_SUCCESS);
  CHECK(cuMemsetD32Async_ptsz(x, 9, 1, nullptr) == CUDA_SUCCESS);
  CHECK(cuStreamEndCapture(own, &graph) == CUDA_SUCCESS && cuGraphDestroy(graph) == CUDA_SUCCESS);
  driver.free({x});
}

}

void test_streams() {
  threads_streams();
  deferred();
  deferred_failure_comes_at_the_wait();
  graphs("eager");
  graphs("deferred");
  what_a_capture_forbids();
  events();
  time_between_events();
  one_order();
  long long counts[COUNTERS];
  charlstm_sim_counters(counts);
  CHECK(counts[0] == 0);
}
