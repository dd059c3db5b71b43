// The driver below: opened at first use, as in NVIDIA's runtime, so a program does not link it.
#include <dlfcn.h>

#include <atomic>
#include <cstdio>
#include <mutex>

#include "runtime/runtime.h"

namespace cudart {

namespace {

CUresult no_driver() {
  return CUresult(cudaErrorInsufficientDriver);
}

CUresult not_there() {
  return CUDA_ERROR_NOT_SUPPORTED;
}

void* library() {
  static void* const opened = dlopen("libcuda.so.1", RTLD_NOW | RTLD_GLOBAL);
  return opened;
}

// The driver is opened before the program's objects are made and ends after them, because they may free memory.
[[gnu::constructor(101)]] void open() {
  library();
}

std::recursive_mutex lock;
constexpr int MOST_DEVICES = 8;
CUcontext primaries[MOST_DEVICES];
thread_local CUcontext primary_here;
thread_local cudaError_t last = cudaSuccess;
thread_local int chosen;

}

void* driver_function(const char* name) {
  if (!library()) {
    return reinterpret_cast<void*>(no_driver);
  }
  void* found = dlsym(library(), name);
  if (!found) {
    std::fprintf(stderr, "charlstm runtime: this driver has no %s\n", name);
  }
  return found ? found : reinterpret_cast<void*>(not_there);
}

CUresult enter_driver() {
  static std::atomic<bool> ready{false};
  if (ready.load(std::memory_order_acquire)) {
    return CUDA_SUCCESS;
  }
  CUresult result = CU(cuInit)(0);
  ready = result == CUDA_SUCCESS;
  return result;
}

CUresult enter() {
  CUresult result = enter_driver();
  CUcontext current = nullptr;
  if (result == CUDA_SUCCESS) {
    result = CU(cuCtxGetCurrent)(&current);
  }
  if (result != CUDA_SUCCESS) {
    return result;
  }
  std::lock_guard<std::recursive_mutex> guard(lock);
  if (current && (current != primary_here || current == primaries[chosen])) {
    return CUDA_SUCCESS;
  }
  result = primary_of(chosen, &primary_here);
  return result == CUDA_SUCCESS ? CU(cuCtxSetCurrent)(primary_here) : result;
}

CUresult primary_of(int device, CUcontext* primary) {
  if (device < 0 || device >= MOST_DEVICES) {
    return CUDA_ERROR_INVALID_DEVICE;
  }
  std::lock_guard<std::recursive_mutex> guard(lock);
  CUresult result = primaries[device] ? CUDA_SUCCESS : CU(cuDevicePrimaryCtxRetain)(&primaries[device], device);
  *primary = primaries[device];
  return result;
}

int chosen_device() {
  return chosen;
}

CUresult leave() {
  std::lock_guard<std::recursive_mutex> guard(lock);
  if (!primaries[chosen]) {
    return CUDA_SUCCESS;
  }
  forget_loaded(primaries[chosen]);
  primaries[chosen] = nullptr;
  CU(cuCtxSetCurrent)(nullptr);
  return CU(cuDevicePrimaryCtxRelease_v2)(chosen);
}

cudaError_t told(cudaError_t code) {
  if (code != cudaSuccess && code != cudaErrorNotReady) {
    last = code;
  }
  return code;
}

}

using namespace cudart;

EXPORT cudaError_t cudaGetLastError() {
  cudaError_t code = last;
  last = cudaSuccess;
  return code;
}

EXPORT cudaError_t cudaPeekAtLastError() {
  return last;
}

EXPORT cudaError_t cudaGetDevice(int* device) {
  if (!device) {
    return told(cudaErrorInvalidValue);
  }
  *device = chosen;
  return cudaSuccess;
}

EXPORT cudaError_t cudaSetDevice(int device) {
  int count = 0;
  CUresult result = enter_driver();
  if (result == CUDA_SUCCESS) {
    result = CU(cuDeviceGetCount)(&count);
  }
  if (result != CUDA_SUCCESS || device < 0 || device >= count) {
    return told(result != CUDA_SUCCESS ? cudaError_t(result) : cudaErrorInvalidDevice);
  }
  chosen = device;
  return told(enter());
}

CALL_IN_DRIVER(cudaDeviceReset, (), leave())
DIRECT(cudaDeviceSynchronize, (), cuCtxSynchronize, ())
// Older names of the last two functions, which CUDA 12 still has.
CALL_IN_DRIVER(cudaThreadExit, (), leave())
DIRECT(cudaThreadSynchronize, (), cuCtxSynchronize, ())
