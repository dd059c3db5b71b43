// Contexts that a program makes, and calls that have no stream, as programs without a library above the driver use
// them.
#include <cstring>

#include "selftest/harness.h"

namespace {

CUcontext current() {
  CUcontext context = nullptr;
  CHECK(cuCtxGetCurrent(&context) == CUDA_SUCCESS);
  return context;
}

long long contexts_live() {
  long long live[LIVE];
  charlstm_sim_live(live);
  return live[3];
}

void made_and_destroyed() {
  CHECK(cuInit(0) == CUDA_SUCCESS);
  // Other tests leave theirs.
  while (cuCtxPopCurrent_v2(nullptr) == CUDA_SUCCESS) {
  }
  CHECK(!current());
  CUcontext one = nullptr, two = nullptr, popped = nullptr;
  CUdeviceptr x = 0;
  CUdevice device = -1;
  CHECK(cuMemAlloc_v2(&x, 4) == CUDA_ERROR_INVALID_CONTEXT && cuCtxSynchronize() == CUDA_ERROR_INVALID_CONTEXT);
  CHECK(cuCtxCreate_v2(nullptr, 0, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuCtxCreate_v2(&one, 0x100, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuCtxCreate_v2(&one, 0, 1) == CUDA_ERROR_INVALID_DEVICE && !current());
  CHECK(cuCtxCreate_v2(&one, 4, 0) == CUDA_SUCCESS && one && current() == one);
  CHECK(cuCtxGetDevice(&device) == CUDA_SUCCESS && device == 0);
  CHECK(cuMemAlloc_v2(&x, 4) == CUDA_SUCCESS && cuMemsetD32_v2(x, 7, 1) == CUDA_SUCCESS);
  CHECK(cuCtxCreate_v4(&two, nullptr, 0, 0) == CUDA_SUCCESS && current() == two && contexts_live() == 2);
  // Both share what there is.
  int value = 0;
  CHECK(cuMemcpyDtoH_v2(&value, x, 4) == CUDA_SUCCESS && value == 7);
  CHECK(cuCtxPopCurrent_v2(&popped) == CUDA_SUCCESS && popped == two && current() == one);
  CHECK(cuCtxPushCurrent_v2(two) == CUDA_SUCCESS && current() == two);
  CHECK(cuCtxPushCurrent_v2(nullptr) == CUDA_ERROR_INVALID_CONTEXT);
  CHECK(cuCtxDestroy_v2(two) == CUDA_SUCCESS && current() == one && contexts_live() == 1);
  CHECK(cuCtxDestroy_v2(two) == CUDA_ERROR_INVALID_CONTEXT && cuCtxSetCurrent(two) == CUDA_ERROR_INVALID_CONTEXT);
  CHECK(cuCtxSetCurrent(nullptr) == CUDA_SUCCESS && !current());
  CHECK(cuCtxPopCurrent_v2(nullptr) == CUDA_ERROR_INVALID_CONTEXT);
  CHECK(cuMemsetD8_v2(x, 0, 4) == CUDA_ERROR_INVALID_CONTEXT && cuMemFree_v2(x) == CUDA_SUCCESS);
  CHECK(cuCtxSetCurrent(one) == CUDA_SUCCESS && cuMemFree_v2(x) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuCtxPushCurrent_v2(one) == CUDA_SUCCESS && cuCtxDestroy_v2(one) == CUDA_SUCCESS);
  // The context below may be gone.
  CHECK(current() == one && cuMemAlloc_v2(&x, 4) == CUDA_ERROR_CONTEXT_IS_DESTROYED);
  CHECK(cuCtxPopCurrent_v2(nullptr) == CUDA_SUCCESS && contexts_live() == 0);
}

// An owner may be collected in a thread that has no context.
void releases_without_one() {
  Driver driver;
  CUdeviceptr x = driver.fresh(4), pooled = 0;
  CUevent event = nullptr;
  CUstream stream = nullptr;
  CUmodule module = nullptr;
  void* pinned = nullptr;
  const char text[] = ".version 8.0\n.target sm_75\n.address_size 64\n";
  CHECK(cuEventCreate(&event, 0) == CUDA_SUCCESS && cuStreamCreate(&stream, 0) == CUDA_SUCCESS);
  CHECK(cuModuleLoadData(&module, text) == CUDA_SUCCESS && cuMemHostAlloc(&pinned, 4, 0) == CUDA_SUCCESS);
  CHECK(cuMemAllocAsync(&pooled, 4, stream) == CUDA_SUCCESS);
  CUcontext primary = nullptr;
  CHECK(cuCtxPopCurrent_v2(&primary) == CUDA_SUCCESS && !current());
  CHECK(cuMemFreeAsync(pooled, stream) == CUDA_SUCCESS && cuMemFree_v2(x) == CUDA_SUCCESS);
  CHECK(cuMemFreeHost(pinned) == CUDA_SUCCESS && cuEventDestroy_v2(event) == CUDA_SUCCESS);
  CHECK(cuStreamDestroy_v2(stream) == CUDA_SUCCESS && cuModuleUnload(module) == CUDA_SUCCESS);
  CHECK(cuCtxSetCurrent(primary) == CUDA_SUCCESS);
}

void beside_the_primary() {
  Driver driver;
  CUcontext primary = current(), made = nullptr;
  unsigned flags = 9;
  int active = -1;
  CHECK(cuDevicePrimaryCtxGetState(0, &flags, &active) == CUDA_SUCCESS && flags == 0 && active == 1);
  CHECK(cuCtxDestroy_v2(primary) == CUDA_ERROR_INVALID_CONTEXT);
  CUdeviceptr x = driver.holding({5.0f});
  CHECK(cuCtxCreate_v4(&made, nullptr, 0, 0) == CUDA_SUCCESS && made != primary);
  // The last of them ends all.
  CHECK(cuDevicePrimaryCtxRelease_v2(0) == CUDA_SUCCESS && driver.read(x, 1)[0] == 5.0f);
  CHECK(cuDevicePrimaryCtxGetState(0, &flags, &active) == CUDA_SUCCESS && active == 0);
  CHECK(cuCtxSetCurrent(primary) == CUDA_ERROR_INVALID_CONTEXT);
  driver.free({x});
  CUcontext again = nullptr;
  CHECK(cuDevicePrimaryCtxRetain(&again, 0) == CUDA_SUCCESS && again != primary && again != made);
  CHECK(cuCtxDestroy_v2(made) == CUDA_SUCCESS && current() == primary);
  CHECK(cuCtxSetCurrent(again) == CUDA_SUCCESS && cuCtxSynchronize() == CUDA_SUCCESS);
}

void calls_without_a_stream(const char* streams) {
  Driver driver(streams);
  int major = 0, minor = -1;
  CHECK(cuDeviceComputeCapability(&major, &minor, 0) == CUDA_SUCCESS && major == 9 && minor == 0);
  float* values = nullptr;
  CHECK(cuMemAllocHost_v2(reinterpret_cast<void**>(&values), 16) == CUDA_SUCCESS);
  for (int i = 0; i < 4; i++) {
    values[i] = float(i);
  }
  CUdeviceptr x = driver.fresh(16), y = driver.fresh(16);
  CHECK(cuMemcpyHtoD_v2(x, values, 16) == CUDA_SUCCESS && cuMemcpyDtoD_v2(y, x, 16) == CUDA_SUCCESS);
  int n = 4;
  void* arguments[] = {&y, &n};
  CHECK(cuLaunchKernel(driver.function("add_one"), 1, 1, 1, 4, 1, 1, 0, nullptr, arguments, nullptr) == CUDA_SUCCESS);
  CHECK(cuCtxSynchronize() == CUDA_SUCCESS && cuMemcpyDtoH_v2(values, y, 16) == CUDA_SUCCESS);
  CHECK(values[0] == 1 && values[3] == 4);
  CHECK(cuMemsetD8_v2(x, 1, 4) == CUDA_SUCCESS && cuMemsetD16_v2(x + 4, 2, 2) == CUDA_SUCCESS);
  CHECK(cuMemsetD32_v2(x + 8, 3, 2) == CUDA_SUCCESS && cuMemcpyDtoH_v2(values, x, 16) == CUDA_SUCCESS);
  const int expected[] = {0x01010101, 0x00020002, 3, 3};
  CHECK(std::memcmp(values, expected, 16) == 0);
  CHECK(cuMemcpyHtoD_v2(x, values, 17) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuStreamBeginCapture_v2(driver.stream, CU_STREAM_CAPTURE_MODE_GLOBAL) == CUDA_SUCCESS);
  CHECK(cuMemcpyHtoD_v2(x, values, 16) == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  CHECK(cuCtxSynchronize() == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  CUgraph graph = nullptr;
  CHECK(cuStreamEndCapture(driver.stream, &graph) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  CUstream more = nullptr;
  CHECK(cuStreamCreate(&more, CU_STREAM_NON_BLOCKING) == CUDA_SUCCESS && cuStreamDestroy_v2(more) == CUDA_SUCCESS);
  CHECK(cuMemFreeHost(values) == CUDA_SUCCESS);
  driver.free({x, y});
}

void count_up(void* count) {
  ++*static_cast<int*>(count);
}

void count_by_two(CUstream, CUresult status, void* count) {
  *static_cast<int*>(count) += status == CUDA_SUCCESS ? 2 : 100;
}

void host_functions() {
  Driver driver("deferred");
  int count = 0;
  CHECK(cuLaunchHostFunc(driver.stream, count_up, &count) == CUDA_SUCCESS);
  CHECK(cuStreamAddCallback(driver.stream, count_by_two, &count, 0) == CUDA_SUCCESS && count == 0);
  CHECK(driver.synchronise() == CUDA_SUCCESS && count == 3);
  CHECK(cuLaunchHostFunc(driver.stream, nullptr, &count) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuStreamAddCallback(driver.stream, count_by_two, &count, 1) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuStreamAddCallback(CUstream(12345), count_by_two, &count, 0) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(cuStreamBeginCapture_v2(driver.stream, CU_STREAM_CAPTURE_MODE_RELAXED) == CUDA_SUCCESS);
  CHECK(cuStreamAddCallback(driver.stream, count_by_two, &count, 0) == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  CUgraph graph = nullptr;
  CHECK(cuStreamEndCapture(driver.stream, &graph) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED && count == 3);
}

void settings() {
  Driver driver;
  size_t value = 0;
  CHECK(cuCtxGetLimit(&value, CU_LIMIT_MALLOC_HEAP_SIZE) == CUDA_SUCCESS && value == 8 << 20);
  CHECK(cuCtxSetLimit(CU_LIMIT_MALLOC_HEAP_SIZE, 1 << 20) == CUDA_SUCCESS);
  CHECK(cuCtxGetLimit(&value, CU_LIMIT_MALLOC_HEAP_SIZE) == CUDA_SUCCESS && value == 1 << 20);
  CHECK(cuCtxGetLimit(&value, CUlimit(99)) == CUDA_ERROR_UNSUPPORTED_LIMIT);
  CUcontext made = nullptr;
  CUctxCreateParams none{};
  unsigned flags = 0;
  CUfunc_cache preference = CU_FUNC_CACHE_PREFER_EQUAL;
  CHECK(cuCtxSetCacheConfig(CUfunc_cache(9)) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuCtxGetCacheConfig(&preference) == CUDA_SUCCESS && preference == CU_FUNC_CACHE_PREFER_NONE);
  int active = 0;
  CHECK(cuDevicePrimaryCtxSetFlags_v2(0, 0x100) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuDevicePrimaryCtxGetState(0, &flags, &active) == CUDA_SUCCESS && flags == 0);
  CHECK(cuCtxCreate_v4(&made, &none, 4, 0) == CUDA_SUCCESS);
  CHECK(cuCtxGetFlags(&flags) == CUDA_SUCCESS && flags == 4);
  CHECK(cuCtxDestroy_v2(made) == CUDA_SUCCESS);
  none.numExecAffinityParams = 1;
  CHECK(cuCtxCreate_v4(&made, &none, 0, 0) == CUDA_ERROR_NOT_SUPPORTED);
  char place[13];
  CUdevice device = 1;
  CHECK(cuDeviceGetPCIBusId(place, 12, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuDeviceGetPCIBusId(place, 13, 0) == CUDA_SUCCESS);
  CHECK(cuDeviceGetByPCIBusId(&device, place) == CUDA_SUCCESS && device == 0);
}

}

void test_contexts() {
  settings();
  made_and_destroyed();
  releases_without_one();
  beside_the_primary();
  calls_without_a_stream("eager");
  calls_without_a_stream("deferred");
  host_functions();
}
