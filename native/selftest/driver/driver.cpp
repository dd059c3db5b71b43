// Calls out of order, bad handles, limits, counting and injected faults.
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "selftest/harness.h"

namespace {

void memory_calls() {
  Driver driver;
  CUdeviceptr x = driver.fresh(100);
  CHECK(cuMemFree_v2(x + 4) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemFree_v2(x) == CUDA_SUCCESS);
  CHECK(cuMemFree_v2(x) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemFree_v2(12345) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemAlloc_v2(&x, (8ull << 30) + 1) == CUDA_ERROR_OUT_OF_MEMORY);
  CHECK(cuMemAlloc_v2(&x, 0) == CUDA_ERROR_INVALID_VALUE);
  size_t free_before = 0;
  size_t free_after = 0;
  size_t total = 0;
  CHECK(cuMemGetInfo_v2(nullptr, &total) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemGetInfo_v2(&free_before, &total) == CUDA_SUCCESS && free_before <= total && total == 8ull << 30);
  CHECK(cuMemAlloc_v2(&x, 1000) == CUDA_SUCCESS && cuMemGetInfo_v2(&free_after, &total) == CUDA_SUCCESS);
  CHECK(free_before - free_after >= 1000 && cuMemFree_v2(x) == CUDA_SUCCESS);
  x = driver.fresh(16);
  char bytes[32] = {};
  CHECK(cuMemcpyHtoDAsync_v2(x, bytes, 17, driver.stream) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemcpyHtoDAsync_v2(x, reinterpret_cast<void*>(8), 4, driver.stream) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemsetD32Async(x + 2, 0, 1, driver.stream) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemsetD32Async(x, 0x3f800000, 4, driver.stream) == CUDA_SUCCESS);
  CHECK(driver.read(x, 4) == std::vector<float>(4, 1.0f));
  CUdeviceptr copy = driver.fresh(16);
  CHECK(cuMemcpyDtoDAsync_v2(copy, x, 16, driver.stream) == CUDA_SUCCESS);
  CHECK(driver.read(copy, 4) == std::vector<float>(4, 1.0f));
  CHECK(cuMemcpyDtoDAsync_v2(copy, x, 17, driver.stream) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuMemcpyDtoDAsync_v2(copy + 4, x, 16, driver.stream) == CUDA_ERROR_INVALID_VALUE);
  cuMemFree_v2(copy);
  CUdeviceptr unwritten = driver.fresh(16);
  CHECK(cuMemcpyDtoHAsync_v2(bytes, unwritten, 16, driver.stream) == CUDA_ERROR_LAUNCH_FAILED);
  CHECK(std::strstr(charlstm_sim_last_error(), "copy to the host of memory that nobody wrote"));
  driver.free({unwritten, x});
}

// Of memory that is written in part the host may know which.
void copy_of_a_part() {
  Driver driver;
  CUdeviceptr x = driver.fresh(16);
  cuMemsetD32Async(x, 7, 2, driver.stream);
  unsigned words[4] = {};
  CHECK(cuMemcpyDtoH_v2(words, x, 16) == CUDA_SUCCESS && words[1] == 7 && words[2] == 0xffffffff);
  CHECK(std::strstr(charlstm_sim_last_error(), "copy to the host of memory that nobody wrote: byte 8 of an allocation "
                                               "of 16, beside some that is written. Copy only what was written"));
  driver.free({x});
}

// Every float of new memory is NaN, also where others of its size were written before.
void new_memory_is_nan() {
  Driver driver;
  const size_t count = (5 << 18) + 1;
  for (int round = 0; round < 2; round++) {
    CUdeviceptr x = driver.fresh(count * sizeof(float));
    float* values = reinterpret_cast<float*>(x);
    size_t ordinary = 0;
    for (size_t i = 0; i < count; i++) {
      ordinary += !std::isnan(values[i]);
      values[i] = 1;
    }
    CHECK(ordinary == 0);
    cuMemFree_v2(x);
  }
}

void copy_of_unwritten_memory() {
  Driver driver;
  CUdeviceptr to = driver.fresh(16);
  CUdeviceptr from = driver.fresh(16);
  // Rows of 8 bytes whose padding nobody wrote, in a warning; it is still unwritten where it came to.
  CHECK(cuMemsetD8_v2(from, 1, 8) == CUDA_SUCCESS);
  CHECK(cuMemcpyDtoD_v2(to, from, 16) == CUDA_SUCCESS && cuCtxSynchronize() == CUDA_SUCCESS);
  long long size = charlstm_sim_findings(charlstm_sim_found() - 1, nullptr, 0);
  std::string told(size, 0);
  charlstm_sim_findings(charlstm_sim_found() - 1, told.data(), told.size());
  CHECK(std::strstr(told.c_str(), "\"warning\",\"kind\":\"unwritten\"") &&
        std::strstr(told.c_str(), "copy on the device of memory that nobody wrote: byte 8 of an allocation of 16"));
  // A wrong direction, with a warning; and one that goes to the host's memory as if it were the device's.
  char bytes[16];
  CHECK(cuMemcpyHtoD_v2(to, reinterpret_cast<void*>(from), 8) == CUDA_SUCCESS);
  auto said = [](const char* words) { return std::strstr(charlstm_sim_last_error(), words) != nullptr; };
  CHECK(said("copy to the device from 0x") &&
        said(", which is device memory. Name the copy's true direction (cudaMemcpyKind)"));
  CHECK(cuMemcpyHtoD_v2(reinterpret_cast<CUdeviceptr>(bytes), bytes, 8) == CUDA_ERROR_INVALID_VALUE);
  CHECK(said("not device memory. Pass device memory, or the copy's true direction"));
  CHECK(cuMemcpyDtoH_v2(bytes, to, 8) == CUDA_SUCCESS);
  CHECK(cuMemcpyDtoH_v2(bytes, to + 8, 8) == CUDA_ERROR_LAUNCH_FAILED);
  CHECK(said("copy to the host of memory that nobody wrote: byte 8 of an allocation of 16. Write it first") &&
        said("[unwritten]"));
  driver.free({from, to});
}

void launch_limits() {
  Driver driver;
  CUdeviceptr x = driver.holding(std::vector<float>(2048));
  CUdeviceptr y = driver.fresh(2048 * 4);
  CUfunction unknown = nullptr;
  CHECK(cuModuleGetFunction(&unknown, driver.module, "no_such_kernel") == CUDA_ERROR_NOT_FOUND);
  CHECK(driver.launch("add_one", 2, 1024, x, 2048) == CUDA_SUCCESS);
  CHECK(driver.launch("add_one", 2, 1025, x, 2048) == CUDA_ERROR_INVALID_VALUE);
  CHECK(driver.launch("add_one", 0, 32, x, 2048) == CUDA_ERROR_INVALID_VALUE);
  CHECK(driver.launch("add_one", 1, 32) == CUDA_ERROR_INVALID_VALUE);
  CUfunction add = driver.function("add_one");
  CHECK(cuLaunchKernel(add, 1, 65536, 1, 1, 1, 1, 0, driver.stream, nullptr, nullptr) == CUDA_ERROR_INVALID_VALUE);
  void* arguments[] = {&x, &y};
  const char* reversal = "dynamic_reversal";
  CHECK(driver.launch_with(reversal, 1, 64, 1, (48 << 10) + 4, arguments) == CUDA_ERROR_INVALID_VALUE);
  CUfunction function = driver.function(reversal);
  const CUfunction_attribute shared = CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
  CHECK(cuFuncSetAttribute(function, shared, (227 << 10) + 1) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuFuncSetAttribute(function, shared, 64 << 10) == CUDA_SUCCESS);
  auto with = [&](unsigned bytes) {
    return cuLaunchKernel(function, 1, 1, 1, 64, 1, 1, bytes, driver.stream, arguments, nullptr);
  };
  CHECK(with(64 << 10) == CUDA_SUCCESS);
  CHECK(with((64 << 10) + 4) == CUDA_ERROR_INVALID_VALUE);
  cuModuleUnload(driver.module);
  CHECK(with(256) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(cuModuleUnload(driver.module) == CUDA_ERROR_INVALID_HANDLE);
  cuModuleLoadData(&driver.module, built_in_image().c_str());
  CUstream gone = driver.stream;
  cuStreamDestroy_v2(gone);
  CHECK(driver.launch("add_one", 1, 32, x, 32) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(cuStreamDestroy_v2(gone) == CUDA_ERROR_INVALID_HANDLE);
  cuStreamCreateWithPriority(&driver.stream, 0, 0);
  driver.free({x, y});
}

void device() {
  int version = 0, count = 0, major = 0;
  char name[64];
  setenv("CHARLSTM_SIM_DRIVER", "12040", 1);
  CHECK(cuInit(0) == CUDA_SUCCESS && cuDriverGetVersion(&version) == CUDA_SUCCESS && version == 12040);
  const void* table = &version;
  CUuuid id{};
  CHECK(cuGetExportTable(&table, &id) == CUDA_ERROR_NOT_FOUND && !table);
  CHECK(cuGetExportTable(nullptr, &id) == CUDA_ERROR_INVALID_VALUE);
  unsetenv("CHARLSTM_SIM_DRIVER");
  CHECK(cuInit(0) == CUDA_SUCCESS && cuDriverGetVersion(&version) == CUDA_SUCCESS && version == 13000);
  CUdevice device = -1;
  CHECK(cuDeviceGetCount(&count) == CUDA_SUCCESS && count == 1);
  CHECK(cuDeviceGet(&device, 0) == CUDA_SUCCESS && device == 0);
  CHECK(cuDeviceGet(&device, 1) == CUDA_ERROR_INVALID_DEVICE);
  CHECK(cuDeviceGetName(name, sizeof name, 0) == CUDA_SUCCESS && std::strcmp(name, "charlstm simulated GPU") == 0);
  const CUdevice_attribute attribute = CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
  CHECK(cuDeviceGetAttribute(&major, attribute, 0) == CUDA_SUCCESS && major == 9);
  const char* text = nullptr;
  CHECK(cuGetErrorName(CUDA_ERROR_ILLEGAL_ADDRESS, &text) == CUDA_SUCCESS);
  CHECK(std::strcmp(text, "CUDA_ERROR_ILLEGAL_ADDRESS") == 0);
  CHECK(cuGetErrorName(static_cast<CUresult>(12345), &text) == CUDA_ERROR_INVALID_VALUE);
}

void injected_faults() {
  setenv("CHARLSTM_SIM_FAULTS", "no_device", 1);
  CHECK(cuInit(0) == CUDA_ERROR_NO_DEVICE);
  int count;
  CHECK(cuDeviceGetCount(&count) == CUDA_ERROR_NOT_INITIALIZED);
  {
    Driver driver("eager", "oom:2");
    CUdeviceptr first, second, third;
    CHECK(cuMemAlloc_v2(&first, 4) == CUDA_SUCCESS);
    CHECK(cuMemAlloc_v2(&second, 4) == CUDA_ERROR_OUT_OF_MEMORY);
    CHECK(cuMemAlloc_v2(&third, 4) == CUDA_SUCCESS);
    driver.free({first, third});
  }
  // Calls one to five are those of the driver's set-up.
  Driver driver("eager", "fail:7");
  CUdeviceptr x = driver.fresh(4);
  CHECK(driver.synchronise() == CUDA_ERROR_UNKNOWN);
  CHECK(driver.synchronise() == CUDA_SUCCESS);
  CHECK(cuMemFree_v2(x) == CUDA_SUCCESS);
}

// cuda.h has a fault last as long as the process, which begins anew at cuInit here. A finding ends with the last
// context.
void faults_that_last() {
  CUcontext handle = nullptr;
  {
    Driver driver("eager", "fault:add_one");
    CUdeviceptr x = driver.holding({1.0f, 2.0f});
    driver.launch("add_one", 1, 32, x, 2);
    CHECK(driver.synchronise() == CUDA_ERROR_ILLEGAL_ADDRESS);
    CHECK(cuMemFree_v2(x) == CUDA_ERROR_ILLEGAL_ADDRESS);
  }
  CHECK(cuDevicePrimaryCtxRetain(&handle, 0) == CUDA_ERROR_ILLEGAL_ADDRESS);
  CHECK(cuCtxCreate_v2(&handle, 0, 0) == CUDA_ERROR_ILLEGAL_ADDRESS);
  {
    Driver driver;
    CUdeviceptr x = driver.holding({1.0f, 2.0f});
    driver.launch("add_one", 1, 32, x, 3);
    CHECK(driver.synchronise() == CUDA_ERROR_ILLEGAL_ADDRESS);
    CHECK(cuMemFree_v2(x) == CUDA_ERROR_ILLEGAL_ADDRESS);
  }
  CHECK(cuDevicePrimaryCtxRetain(&handle, 0) == CUDA_SUCCESS);
  CHECK(cuDevicePrimaryCtxRelease_v2(0) == CUDA_SUCCESS);
}

void counting() {
  long long before[COUNTERS], after[COUNTERS], live[LIVE];
  charlstm_sim_live(live);
  CHECK(live[0] == 0 && live[1] == 0 && live[2] == 0 && live[3] == 0 && live[4] == 0 && live[5] == 0);
  charlstm_sim_counters(before);
  CHECK(before[0] == 0 && before[1] == 0);
  Driver driver;
  CUdeviceptr x = driver.holding({1.0f, 2.0f});
  driver.launch("add_one", 1, 32, x, 2);
  driver.read(x, 1);
  charlstm_sim_counters(after);
  charlstm_sim_live(live);
  const long long expected[COUNTERS] = {1, 8, 1, 1, 1, 1, 8, 4};
  for (int i = 0; i < COUNTERS; i++) {
    CHECK(after[i] - before[i] == expected[i]);
  }
  CHECK(live[0] == 1 && live[1] == 1 && live[2] == 0 && live[3] == 1 && live[4] == 0 && live[5] == 0);
  cuMemFree_v2(x);
}

void context_calls() {
  CUcontext stale = nullptr;
  CUdeviceptr x;
  {
    Driver driver;
    cuDevicePrimaryCtxRetain(&stale, 0);
    cuDevicePrimaryCtxRelease_v2(0);
    CHECK(cuMemAlloc_v2(&x, 4) == CUDA_SUCCESS && cuMemFree_v2(x) == CUDA_SUCCESS);
  }
  CHECK(cuMemAlloc_v2(&x, 4) == CUDA_ERROR_CONTEXT_IS_DESTROYED);
  CHECK(cuCtxSetCurrent(stale) == CUDA_ERROR_INVALID_CONTEXT);
  CHECK(cuCtxSetCurrent(nullptr) == CUDA_SUCCESS);
  CHECK(cuMemAlloc_v2(&x, 4) == CUDA_ERROR_INVALID_CONTEXT);
  CHECK(cuDevicePrimaryCtxRelease_v2(0) == CUDA_ERROR_INVALID_CONTEXT);
}

}

void test_driver() {
  memory_calls();
  copy_of_a_part();
  new_memory_is_nan();
  copy_of_unwritten_memory();
  launch_limits();
  device();
  injected_faults();
  faults_that_last();
  context_calls();
  counting();
}
