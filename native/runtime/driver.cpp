// The driver below: found when it is needed first, as NVIDIA's runtime does, so a program links nothing of it.
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

// Opened before the program's own objects are made, it ends after them: they may free memory.
[[gnu::constructor(101)]] void open() {
  library();
}

std::mutex lock;
CUcontext primary;
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
  std::lock_guard<std::mutex> guard(lock);
  if (current && (current != primary_here || current == primary)) {
    return CUDA_SUCCESS;
  }
  if (!primary) {
    result = CU(cuDevicePrimaryCtxRetain)(&primary, chosen);
    if (result != CUDA_SUCCESS) {
      primary = nullptr;
      return result;
    }
  }
  primary_here = primary;
  return CU(cuCtxSetCurrent)(primary);
}

CUresult leave() {
  std::lock_guard<std::mutex> guard(lock);
  if (!primary) {
    return CUDA_SUCCESS;
  }
  forget_loaded(primary);
  primary = nullptr;
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
// Older names of the last two, which CUDA 12 still has.
CALL_IN_DRIVER(cudaThreadExit, (), leave())
DIRECT(cudaThreadSynchronize, (), cuCtxSynchronize, ())
