// Pinned memory, fills in all widths, queries, priorities and properties of the device.
#include <cstring>

#include "selftest/harness.h"

namespace {

long long pinned_live() {
  long long live[LIVE];
  charlstm_sim_live(live);
  return live[8];
}

void pinned_memory(const char* streams) {
  Driver driver(streams);
  void* memory = nullptr;
  void* portable = nullptr;
  long long before = pinned_live();
  CHECK(cuMemHostAlloc(nullptr, 16, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemHostAlloc(&memory, 0, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemHostAlloc(&memory, 16, 8) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemHostAlloc(&memory, size_t(1) << 62, 0) == CUDA_ERROR_OUT_OF_MEMORY);
  CHECK(cuMemHostAlloc(&memory, ~size_t(0), 0) == CUDA_ERROR_OUT_OF_MEMORY);
  CHECK(cuMemHostAlloc(&memory, 5000, 0) == CUDA_SUCCESS);
  CHECK(cuMemHostAlloc(&portable, 16, CU_MEMHOSTALLOC_PORTABLE) == CUDA_SUCCESS);
  CHECK(pinned_live() == before + 2);
  auto* values = static_cast<float*>(memory);
  values[0] = 3.0f;
  CUdeviceptr x = driver.fresh(5000 + 4096);
  CHECK(cuMemsetD8Async(x, 0, 5000 + 4096, driver.stream) == CUDA_SUCCESS);
  // A copy may end where the memory does and no later, though the page goes on.
  CHECK(cuMemcpyHtoDAsync_v2(x, memory, 5001, driver.stream) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemcpyDtoHAsync_v2(memory, x, 5001, driver.stream) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemcpyHtoDAsync_v2(x, values + 1249, 5, driver.stream) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemcpyHtoDAsync_v2(x, memory, 5000, driver.stream) == CUDA_SUCCESS);
  // It is read when the copy runs.
  values[0] = 4.0f;
  CHECK(driver.read(x, 1)[0] == (std::strcmp(streams, "deferred") ? 3.0f : 4.0f));
  CHECK(cuMemcpyDtoHAsync_v2(portable, x, 16, driver.stream) == CUDA_SUCCESS && driver.synchronise() == CUDA_SUCCESS);
  CHECK(*static_cast<float*>(portable) == driver.read(x, 1)[0]);
  CHECK(cuMemFreeHost(values + 1) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemFreeHost(nullptr) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemFreeHost(memory) == CUDA_SUCCESS);
  CHECK(cuMemFreeHost(memory) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemcpyHtoDAsync_v2(x, memory, 4, driver.stream) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemFreeHost(portable) == CUDA_SUCCESS && pinned_live() == before);
  cuMemFree_v2(x);
}

// Memory of the same size may come to lie where the freed one was; it is not what the copy meant.
void pinned_memory_freed_too_early(bool to_host) {
  Driver driver("deferred");
  void* memory = nullptr;
  void* next = nullptr;
  CUdeviceptr x = driver.holding({1.0f});
  CHECK(cuMemHostAlloc(&memory, 4, 0) == CUDA_SUCCESS);
  CHECK((to_host ? cuMemcpyDtoHAsync_v2(memory, x, 4, driver.stream)
                 : cuMemcpyHtoDAsync_v2(x, memory, 4, driver.stream)) == CUDA_SUCCESS);
  CHECK(cuMemFreeHost(memory) == CUDA_SUCCESS && cuMemHostAlloc(&next, 4, 0) == CUDA_SUCCESS);
  CHECK(driver.synchronise() == CUDA_ERROR_ILLEGAL_ADDRESS);
  CHECK(std::strstr(charlstm_sim_last_error(), to_host ? "copy to the host: its pinned host memory was freed"
                                                       : "copy to the device: its pinned host memory was freed"));
  CHECK(cuMemFreeHost(next) == CUDA_ERROR_ILLEGAL_ADDRESS);
  cuMemFree_v2(x);
}

// It ends with its context, and counts as forgotten.
void pinned_memory_left_behind() {
  long long before = pinned_live();
  void* memory = nullptr;
  {
    Driver driver;
    CHECK(cuMemHostAlloc(&memory, 4, 0) == CUDA_SUCCESS);
  }
  CHECK(pinned_live() == before + 1);
  {
    Driver driver;
    CHECK(cuMemFreeHost(memory) == CUDA_ERROR_INVALID_VALUE);
  }
  Driver driver("eager", "oom:1");
  CHECK(cuMemHostAlloc(&memory, 4, 0) == CUDA_ERROR_OUT_OF_MEMORY);
  CUgraph graph;
  cuStreamBeginCapture_v2(driver.stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
  CHECK(cuMemHostAlloc(&memory, 4, 0) == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  CHECK(cuMemFreeHost(memory) == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  CHECK(cuStreamEndCapture(driver.stream, &graph) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
}

std::vector<unsigned char> bytes_of(Driver& driver, CUdeviceptr from, size_t count) {
  std::vector<unsigned char> bytes(count);
  cuMemcpyDtoHAsync_v2(bytes.data(), from, count, driver.stream);
  CHECK(driver.synchronise() == CUDA_SUCCESS);
  return bytes;
}

void fills(const char* streams) {
  Driver driver(streams);
  CUstream stream = driver.stream;
  CUdeviceptr x = driver.fresh(12);
  CHECK(cuMemsetD8Async(x, 1, 12, stream) == CUDA_SUCCESS);
  CHECK(cuMemsetD8Async(x + 1, 2, 2, stream) == CUDA_SUCCESS);
  CHECK(cuMemsetD16Async(x + 6, 0x0403, 2, stream) == CUDA_SUCCESS);
  CHECK(bytes_of(driver, x, 12) == std::vector<unsigned char>({1, 2, 2, 1, 1, 1, 3, 4, 3, 4, 1, 1}));
  CHECK(cuMemsetD16Async(x + 1, 0, 1, stream) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemsetD8Async(x + 1, 0, 12, stream) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemsetD16Async(x, 0, 7, stream) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemsetD16Async(x, 0, size_t(1) << 63, stream) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemsetD8Async(x, 9, 0, stream) == CUDA_SUCCESS && cuMemsetD16Async(x, 9, 0, stream) == CUDA_SUCCESS);
  CHECK(cuMemsetD8Async(x, 9, 1, CUstream(12345)) == CUDA_ERROR_INVALID_HANDLE);
  driver.free({x});
}

void fills_of_rows(const char* streams) {
  Driver driver(streams);
  CUstream stream = driver.stream;
  // Three rows of two words, 12 bytes apart: the last ends with the memory.
  CUdeviceptr x = driver.fresh(32);
  CHECK(cuMemsetD8Async(x, 0, 32, stream) == CUDA_SUCCESS);
  CHECK(cuMemsetD2D32Async(x, 12, 0x3f800000, 2, 3, stream) == CUDA_SUCCESS);
  CHECK(driver.read(x, 8) == std::vector<float>({1, 1, 0, 1, 1, 0, 1, 1}));
  CHECK(cuMemsetD2D32Async(x, 12, 0, 2, 4, stream) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemsetD2D32Async(x, 12, 0, 3, 3, stream) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemsetD2D32Async(x, 14, 0, 2, 2, stream) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemsetD2D32Async(x + 2, 12, 0, 2, 2, stream) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemsetD2D32Async(x, 4, 0, 2, 2, stream) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemsetD2D32Async(x, size_t(1) << 62, 0, 2, 5, stream) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemsetD2D32Async(x, 12, 0, size_t(1) << 62, 2, stream) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemsetD2D32Async(x, 12, 0, 0, 3, stream) == CUDA_SUCCESS);
  CHECK(cuMemsetD2D32Async(x, 12, 0, 2, 0, stream) == CUDA_SUCCESS);
  // The pitch of one row is not used.
  CHECK(cuMemsetD2D32Async(x, 1, 0x40000000, 2, 1, stream) == CUDA_SUCCESS);
  CHECK(driver.read(x, 4) == std::vector<float>({2, 2, 0, 1}));
  // Between the rows nobody has written.
  CUdeviceptr y = driver.fresh(20);
  CHECK(cuMemsetD2D32Async(y, 12, 0, 2, 2, stream) == CUDA_SUCCESS);
  float word;
  CHECK(cuMemcpyDtoHAsync_v2(&word, y + 12, 4, stream) == CUDA_SUCCESS && driver.synchronise() == CUDA_SUCCESS);
  cuMemcpyDtoHAsync_v2(&word, y + 8, 4, stream);
  CHECK(driver.synchronise() == CUDA_ERROR_LAUNCH_FAILED);
  driver.free({x, y});
}

void fill_of_freed_memory() {
  Driver driver("deferred");
  CUdeviceptr x = driver.fresh(32);
  cuMemsetD2D32Async(x, 12, 0, 2, 3, driver.stream);
  cuMemFree_v2(x);
  CHECK(driver.synchronise() == CUDA_ERROR_ILLEGAL_ADDRESS);
  CHECK(std::strstr(charlstm_sim_last_error(), "memset of 32 bytes"));
}

// A host that asks again and again sees the work done in the end, one operation after each answer.
void queries() {
  Driver driver("deferred");
  CUstream other = nullptr;
  cuStreamCreateWithPriority(&other, CU_STREAM_NON_BLOCKING, 0);
  CUdeviceptr x = driver.holding({1.0f});
  CUevent event = nullptr;
  cuEventCreate(&event, CU_EVENT_DISABLE_TIMING);
  CHECK(cuStreamQuery(driver.stream) == CUDA_SUCCESS && cuEventQuery(event) == CUDA_SUCCESS);
  driver.launch("add_one", 1, 32, x, 1);
  cuEventRecord(event, driver.stream);
  driver.launch("add_one", 1, 32, x, 1);
  CHECK(cuStreamQuery(other) == CUDA_SUCCESS);
  CHECK(cuEventQuery(event) == CUDA_ERROR_NOT_READY && cuEventQuery(event) == CUDA_ERROR_NOT_READY);
  CHECK(cuEventQuery(event) == CUDA_SUCCESS);
  CHECK(*reinterpret_cast<float*>(x) == 2.0f);
  CHECK(cuStreamQuery(driver.stream) == CUDA_ERROR_NOT_READY && cuStreamQuery(driver.stream) == CUDA_SUCCESS);
  CHECK(*reinterpret_cast<float*>(x) == 3.0f);
  // The default stream waits for all.
  driver.launch("add_one", 1, 32, x, 1);
  CHECK(cuStreamQuery(nullptr) == CUDA_ERROR_NOT_READY && cuStreamQuery(nullptr) == CUDA_SUCCESS);
  CHECK(cuStreamQuery(CUstream(12345)) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(cuEventQuery(CUevent(12345)) == CUDA_ERROR_INVALID_HANDLE);
  // The failure of what runs meanwhile comes out.
  driver.launch("write_past_end", 1, 1, x, 1);
  CHECK(cuStreamQuery(driver.stream) == CUDA_ERROR_ILLEGAL_ADDRESS);
  cuEventDestroy_v2(event);
  cuStreamDestroy_v2(other);
  cuMemFree_v2(x);
}

void queries_in_captures() {
  Driver driver;
  CUgraph graph;
  CUevent event = nullptr, outside = nullptr;
  cuEventCreate(&event, CU_EVENT_DISABLE_TIMING);
  cuEventCreate(&outside, CU_EVENT_DISABLE_TIMING);
  auto spoils = [&](CUstreamCaptureMode mode, auto call, CUresult answer) {
    cuStreamBeginCapture_v2(driver.stream, mode);
    CHECK(call() == answer);
    CHECK(cuStreamEndCapture(driver.stream, &graph) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  };
  const CUstreamCaptureMode local = CU_STREAM_CAPTURE_MODE_THREAD_LOCAL, relaxed = CU_STREAM_CAPTURE_MODE_RELAXED;
  spoils(relaxed, [&] { return cuStreamQuery(driver.stream); }, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  spoils(relaxed, [&] { return cuStreamQuery(nullptr); }, CUDA_ERROR_STREAM_CAPTURE_IMPLICIT);
  spoils(local, [&] { return cuEventQuery(outside); }, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  spoils(relaxed, [&] {
    cuEventRecord(event, driver.stream);
    return cuEventQuery(event);
  }, CUDA_ERROR_CAPTURED_EVENT);
  cuStreamBeginCapture_v2(driver.stream, relaxed);
  CHECK(cuEventQuery(outside) == CUDA_SUCCESS);
  CHECK(cuStreamEndCapture(driver.stream, &graph) == CUDA_SUCCESS);
  cuGraphDestroy(graph);
  cuEventDestroy_v2(event);
  cuEventDestroy_v2(outside);
}

void priorities() {
  Driver driver;
  int least = 1, greatest = 1, priority = 1;
  CHECK(cuCtxGetStreamPriorityRange(&least, &greatest) == CUDA_SUCCESS && least == 0 && greatest == -5);
  CHECK(cuCtxGetStreamPriorityRange(nullptr, nullptr) == CUDA_SUCCESS);
  const int asked[] = {3, 0, -2, -5, -100}, given[] = {0, 0, -2, -5, -5};
  for (int i = 0; i < 5; i++) {
    CUstream stream = nullptr;
    CHECK(cuStreamCreateWithPriority(&stream, 0, asked[i]) == CUDA_SUCCESS);
    CHECK(cuStreamGetPriority(stream, &priority) == CUDA_SUCCESS && priority == given[i]);
    cuStreamDestroy_v2(stream);
    CHECK(cuStreamGetPriority(stream, &priority) == CUDA_ERROR_INVALID_HANDLE);
  }
  CHECK(cuStreamGetPriority(nullptr, &priority) == CUDA_SUCCESS && priority == 0);
  CHECK(cuStreamGetPriority(driver.stream, nullptr) == CUDA_ERROR_INVALID_VALUE);
}

void properties() {
  Driver driver;
  const struct {
    CUdevice_attribute attribute;
    int value;
  } expected[] = {
      {CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK, 1024},
      {CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z, 64},
      {CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X, 2147483647},
      {CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y, 65535},
      {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK, 49152},
      {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, 232448},
      {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR, 233472},
      {CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK, 1024},
      {CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY, 65536},
      {CU_DEVICE_ATTRIBUTE_WARP_SIZE, 32},
      {CU_DEVICE_ATTRIBUTE_MAX_PITCH, 2147483647},
      {CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK, 65536},
      {CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR, 65536},
      {CU_DEVICE_ATTRIBUTE_CLOCK_RATE, 1980000},
      {CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE, 2619000},
      {CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH, 5120},
      {CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE, 52428800},
      {CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 4},
      {CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR, 2048},
      {CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR, 32},
      {CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS, 1},
      {CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING, 1},
      {CU_DEVICE_ATTRIBUTE_STREAM_PRIORITIES_SUPPORTED, 1},
      {CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH, 1},
      {CU_DEVICE_ATTRIBUTE_CLUSTER_LAUNCH, 1},
      {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, 9},
      {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, 0},
  };
  int value = 0;
  for (const auto& one : expected) {
    CHECK(cuDeviceGetAttribute(&value, one.attribute, 0) == CUDA_SUCCESS && value == one.value);
  }
  CHECK(cuDeviceGetAttribute(&value, CUdevice_attribute(9999), 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuDeviceGetAttribute(nullptr, CU_DEVICE_ATTRIBUTE_WARP_SIZE, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuDeviceGetAttribute(&value, CU_DEVICE_ATTRIBUTE_WARP_SIZE, 1) == CUDA_ERROR_INVALID_DEVICE);
  setenv("CHARLSTM_SIM_CAPABILITY", "860", 1);
  CHECK(cuInit(0) == CUDA_SUCCESS);
  CHECK(cuDeviceGetAttribute(&value, CU_DEVICE_ATTRIBUTE_CLUSTER_LAUNCH, 0) == CUDA_SUCCESS && value == 0);
  CHECK(cuDeviceGetAttribute(&value, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, 0) == CUDA_SUCCESS && value == 6);
  unsetenv("CHARLSTM_SIM_CAPABILITY");
}

void addresses_of_calls() {
  void *function = nullptr, *older = nullptr, *per_thread = nullptr;
  CUdriverProcAddressQueryResult found;
  CHECK(cuGetProcAddress_v2("cuMemAlloc", &function, 13000, 0, &found) == CUDA_SUCCESS);
  CHECK(function == reinterpret_cast<void*>(cuMemAlloc_v2) && found == CU_GET_PROC_ADDRESS_SUCCESS);
  CHECK(cuGetProcAddress_v2("cuMemAdvise", &function, 13000, 0, nullptr) == CUDA_SUCCESS);
  CHECK(cuGetProcAddress("cuMemAdvise", &older, 12000, 0) == CUDA_SUCCESS);
  CHECK(function == reinterpret_cast<void*>(cuMemAdvise_v2) && older == reinterpret_cast<void*>(cuMemAdvise));
  CHECK(cuGetProcAddress("cuLaunchKernel", &function, 13000, 0) == CUDA_SUCCESS);
  CHECK(cuGetProcAddress("cuLaunchKernel", &per_thread, 13000, CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM) ==
        CUDA_SUCCESS);
  CHECK(function == reinterpret_cast<void*>(cuLaunchKernel) && per_thread && per_thread != function);
  CHECK(cuGetProcAddress("cuStreamEndCapture", &per_thread, 13000, CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM) ==
        CUDA_SUCCESS);
  CHECK(per_thread && per_thread != reinterpret_cast<void*>(cuStreamEndCapture));
  CHECK(cuGetProcAddress_v2("cuGraphKernelNodeGetNothing", &function, 13000, 0, &found) == CUDA_SUCCESS);
  CHECK(!function && found == CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND);
  CHECK(cuGetProcAddress("cuInit", nullptr, 13000, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuGetProcAddress("cuInit", &function, 13000, 4) == CUDA_ERROR_INVALID_VALUE);
}

void errors_in_words() {
  const char* told = nullptr;
  CHECK(cuGetErrorString(CUDA_ERROR_INVALID_VALUE, &told) == CUDA_SUCCESS && !std::strcmp(told, "invalid argument"));
  CHECK(cuGetErrorName(CUDA_ERROR_ILLEGAL_STATE, &told) == CUDA_SUCCESS);
  CHECK(!std::strcmp(told, "CUDA_ERROR_ILLEGAL_STATE"));
  CHECK(cuGetErrorString(CUresult(77), &told) == CUDA_ERROR_INVALID_VALUE && !told);
  CHECK(cuGetErrorString(CUDA_SUCCESS, nullptr) == CUDA_ERROR_INVALID_VALUE);
}

}

void test_driver_calls() {
  errors_in_words();
  addresses_of_calls();
  pinned_memory("eager");
  pinned_memory("deferred");
  pinned_memory_freed_too_early(true);
  pinned_memory_freed_too_early(false);
  pinned_memory_left_behind();
  fills("eager");
  fills("deferred");
  fills_of_rows("eager");
  fills_of_rows("deferred");
  fill_of_freed_memory();
  queries();
  queries_in_captures();
  priorities();
  properties();
}
