// Names as other people's programs look them up.
#include <dlfcn.h>

#include <cstring>

#include "selftest/harness.h"

namespace {

template <typename Function>
Function* named(const char* name) {
  void* found = dlsym(RTLD_DEFAULT, name);
  CHECK(found);
  return reinterpret_cast<Function*>(found);
}

// FFmpeg and GCC's libgomp take names without a version for the newer ones.
void without_a_version() {
  CHECK(cuInit(0) == CUDA_SUCCESS);
  CUcontext one = nullptr, popped = nullptr;
  CHECK(named<CUresult(CUcontext*, unsigned, CUdevice)>("cuCtxCreate")(&one, 0, 0) == CUDA_SUCCESS && one);
  CUevent event = nullptr;
  CUstream stream = nullptr;
  CHECK(cuEventCreate(&event, 0) == CUDA_SUCCESS && cuStreamCreate(&stream, 0) == CUDA_SUCCESS);
  CHECK(named<CUresult(CUevent)>("cuEventDestroy")(event) == CUDA_SUCCESS);
  CHECK(named<CUresult(CUstream)>("cuStreamDestroy")(stream) == CUDA_SUCCESS);
  CUlinkState link = nullptr;
  CHECK(named<decltype(cuLinkCreate_v2)>("cuLinkCreate")(0, nullptr, nullptr, &link) == CUDA_SUCCESS && link);
  char text[] = ".version 8.0\n.target sm_75\n.address_size 64\n.visible .entry none()\n{\nret;\n}\n";
  CHECK(named<decltype(cuLinkAddData_v2)>("cuLinkAddData")(link, CU_JIT_INPUT_PTX, text, sizeof text, "none", 0,
                                                           nullptr, nullptr) == CUDA_SUCCESS);
  CHECK(cuLinkDestroy(link) == CUDA_SUCCESS);
  CHECK(named<CUresult(CUcontext*)>("cuCtxPopCurrent")(&popped) == CUDA_SUCCESS && popped == one);
  CHECK(named<CUresult(CUcontext)>("cuCtxPushCurrent")(one) == CUDA_SUCCESS);
  CHECK(named<CUresult(CUcontext)>("cuCtxDestroy")(one) == CUDA_SUCCESS);
  // Old names whose addresses have 32 bits answer that they are not there, as those of drawing do.
  CHECK(named<CUresult(unsigned*, unsigned)>("cuMemAlloc")(nullptr, 4) == CUDA_ERROR_NOT_SUPPORTED);
  CHECK(std::strstr(charlstm_sim_last_error(), "cuMemAlloc is not simulated"));
  for (const char* name : {"cuIpcOpenMemHandle", "cuIpcGetMemHandle", "cuIpcCloseMemHandle", "cuGLGetDevices",
                           "cuGLGetDevices_v2", "cuGraphicsMapResources", "cuGraphicsGLRegisterImage"}) {
    CHECK(named<CUresult()>(name)() == CUDA_ERROR_NOT_SUPPORTED);
  }
}

void settings_that_change_nothing() {
  Driver driver;
  CUsharedconfig banks = CU_SHARED_MEM_CONFIG_DEFAULT_BANK_SIZE;
  CHECK(cuCtxSetSharedMemConfig(CU_SHARED_MEM_CONFIG_EIGHT_BYTE_BANK_SIZE) == CUDA_SUCCESS);
  CHECK(cuCtxGetSharedMemConfig(&banks) == CUDA_SUCCESS && banks == CU_SHARED_MEM_CONFIG_FOUR_BYTE_BANK_SIZE);
  CHECK(cuCtxSetSharedMemConfig(CUsharedconfig(3)) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuFuncSetSharedMemConfig(driver.function("add_one"), banks) == CUDA_SUCCESS);
  CHECK(cuFuncSetSharedMemConfig(nullptr, banks) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(cuProfilerStart() == CUDA_SUCCESS && cuProfilerStop() == CUDA_SUCCESS);
  int grid = 0, threads = 0, same_grid = 0, same_threads = 0;
  CUfunction kernel = driver.function("add_one");
  CHECK(cuOccupancyMaxPotentialBlockSize(&grid, &threads, kernel, nullptr, 0, 0) == CUDA_SUCCESS);
  CHECK(cuOccupancyMaxPotentialBlockSizeWithFlags(&same_grid, &same_threads, kernel, nullptr, 0, 0, 1) == CUDA_SUCCESS);
  CHECK(grid > 0 && grid == same_grid && threads == same_threads);
}

void reset() {
  CHECK(cuInit(0) == CUDA_SUCCESS);
  while (cuCtxPopCurrent_v2(nullptr) == CUDA_SUCCESS) {
  }
  // Nothing is there to end.
  CHECK(cuDevicePrimaryCtxReset_v2(0) == CUDA_SUCCESS && cuDevicePrimaryCtxReset_v2(9) == CUDA_ERROR_INVALID_DEVICE);
  CUcontext first = nullptr, second = nullptr;
  CUdeviceptr x = 0;
  unsigned flags = 9;
  int active = -1;
  CHECK(named<CUresult(CUdevice, unsigned)>("cuDevicePrimaryCtxSetFlags")(0, 4) == CUDA_SUCCESS);
  CHECK(cuDevicePrimaryCtxRetain(&first, 0) == CUDA_SUCCESS && cuCtxSetCurrent(first) == CUDA_SUCCESS);
  CHECK(cuMemAlloc_v2(&x, 4) == CUDA_SUCCESS);
  CHECK(named<CUresult(CUdevice)>("cuDevicePrimaryCtxReset")(0) == CUDA_SUCCESS);
  CHECK(cuDevicePrimaryCtxGetState(0, &flags, &active) == CUDA_SUCCESS && flags == 0 && active == 0);
  CHECK(cuMemFree_v2(x) == CUDA_ERROR_CONTEXT_IS_DESTROYED);
  CHECK(cuDevicePrimaryCtxRetain(&second, 0) == CUDA_SUCCESS && second != first);
  CHECK(cuCtxSetCurrent(second) == CUDA_SUCCESS && cuMemFree_v2(x) == CUDA_ERROR_INVALID_VALUE);
  // It was retained twice.
  auto release = named<CUresult(CUdevice)>("cuDevicePrimaryCtxRelease");
  CHECK(release(0) == CUDA_SUCCESS && cuCtxSynchronize() == CUDA_SUCCESS);
  CHECK(release(0) == CUDA_SUCCESS && release(0) == CUDA_ERROR_INVALID_CONTEXT);
}

}

void test_older_names() {
  without_a_version();
  settings_that_change_nothing();
  reset();
}
