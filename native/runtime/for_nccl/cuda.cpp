// The part of CUDA's runtime that NVIDIA's own NCCL calls before it gives a sum to a GPU. It shows a GPU without
// multiprocessors whose memory is the host's. It is preloaded, so the rest of the runtime stays NVIDIA's.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {

constexpr int DRIVER_TOO_OLD_FOR_MORE = 11000;  // NCCL then asks the driver itself for nothing
constexpr int MAJOR = 75;                       // cudaDeviceAttr
constexpr int INVALID_VALUE = 1, MEMORY_ALLOCATION = 2;

int allocated(void** to, size_t bytes) {
  *to = std::calloc(bytes ? bytes : 1, 1);
  return *to ? 0 : MEMORY_ALLOCATION;
}

int made(void** handle) {
  static char next[1 << 16];
  static std::atomic<size_t> count;
  const size_t place = count.fetch_add(1, std::memory_order_relaxed);
  if (place >= sizeof next) {
    return MEMORY_ALLOCATION;
  }
  *handle = &next[place];
  return 0;
}

}

// A function that does so much, or nothing, and succeeds.
#define DOES(name, parameters, ...) \
  EXPORT int name parameters {      \
    __VA_ARGS__;                    \
    return 0;                       \
  }
DOES(cudaGetDevice, (int* device), *device = 0)
DOES(cudaGetDeviceCount, (int* count), *count = 1)
DOES(cudaDriverGetVersion, (int* version), *version = DRIVER_TOO_OLD_FOR_MORE)
DOES(cudaDeviceGetAttribute, (int* value, int attribute, int), *value = attribute == MAJOR ? 9 : 0)
DOES(cudaDeviceGetPCIBusId, (char* id, int length, int), std::snprintf(id, size_t(length), "0000:00:1f.0"))
DOES(cudaFree, (void* memory), std::free(memory))
DOES(cudaFreeHost, (void* memory), std::free(memory))
DOES(cudaMemcpyAsync, (void* to, const void* from, size_t bytes, int, void*), std::memcpy(to, from, bytes))
DOES(cudaMemsetAsync, (void* to, int value, size_t bytes, void*), std::memset(to, value, bytes))
// No stream is being captured.
DOES(cudaStreamGetCaptureInfo, (void*, int* status, unsigned long long* id), *status = 0, *id = 0)
DOES(cudaDeviceSetLimit, (int, size_t), )
DOES(cudaFuncGetAttributes, (void*, const void*), )
DOES(cudaFuncSetAttribute, (const void*, int, int), )
DOES(cudaStreamDestroy, (void*), )
DOES(cudaStreamSynchronize, (void*), )
DOES(cudaStreamWaitEvent, (void*, void*, unsigned), )
DOES(cudaThreadExchangeStreamCaptureMode, (int*), )
DOES(cudaEventDestroy, (void*), )
DOES(cudaEventRecord, (void*, void*), )
DOES(cudaEventQuery, (void*), )
DOES(cudaGetLastError, (), )

EXPORT int cudaSetDevice(int device) {
  return device == 0 ? 0 : INVALID_VALUE;
}

EXPORT int cudaMalloc(void** to, size_t bytes) {
  return allocated(to, bytes);
}

EXPORT int cudaHostAlloc(void** to, size_t bytes, unsigned) {
  return allocated(to, bytes);
}

EXPORT int cudaStreamCreateWithFlags(void** stream, unsigned) {
  return made(stream);
}

EXPORT int cudaEventCreateWithFlags(void** event, unsigned) {
  return made(event);
}
