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

EXPORT int cudaGetDevice(int* device) {
  *device = 0;
  return 0;
}

EXPORT int cudaGetDeviceCount(int* count) {
  *count = 1;
  return 0;
}

EXPORT int cudaSetDevice(int device) {
  return device == 0 ? 0 : INVALID_VALUE;
}

EXPORT int cudaDriverGetVersion(int* version) {
  *version = DRIVER_TOO_OLD_FOR_MORE;
  return 0;
}

EXPORT int cudaDeviceGetAttribute(int* value, int attribute, int) {
  *value = attribute == MAJOR ? 9 : 0;
  return 0;
}

EXPORT int cudaDeviceGetPCIBusId(char* id, int length, int) {
  std::snprintf(id, size_t(length), "0000:00:1f.0");
  return 0;
}

EXPORT int cudaMalloc(void** to, size_t bytes) {
  return allocated(to, bytes);
}

EXPORT int cudaHostAlloc(void** to, size_t bytes, unsigned) {
  return allocated(to, bytes);
}

EXPORT int cudaFree(void* memory) {
  std::free(memory);
  return 0;
}

EXPORT int cudaFreeHost(void* memory) {
  std::free(memory);
  return 0;
}

EXPORT int cudaMemcpyAsync(void* to, const void* from, size_t bytes, int, void*) {
  std::memcpy(to, from, bytes);
  return 0;
}

EXPORT int cudaMemsetAsync(void* to, int value, size_t bytes, void*) {
  std::memset(to, value, bytes);
  return 0;
}

EXPORT int cudaStreamCreateWithFlags(void** stream, unsigned) {
  return made(stream);
}

// No stream is being captured.
EXPORT int cudaStreamGetCaptureInfo(void*, int* status, unsigned long long* id) {
  *status = 0;
  *id = 0;
  return 0;
}

EXPORT int cudaEventCreateWithFlags(void** event, unsigned) {
  return made(event);
}

#define DOES_NOTHING(name, parameters) \
  EXPORT int name parameters {         \
    return 0;                          \
  }
DOES_NOTHING(cudaDeviceSetLimit, (int, size_t))
DOES_NOTHING(cudaFuncGetAttributes, (void*, const void*))
DOES_NOTHING(cudaFuncSetAttribute, (const void*, int, int))
DOES_NOTHING(cudaStreamDestroy, (void*))
DOES_NOTHING(cudaStreamSynchronize, (void*))
DOES_NOTHING(cudaStreamWaitEvent, (void*, void*, unsigned))
DOES_NOTHING(cudaThreadExchangeStreamCaptureMode, (int*))
DOES_NOTHING(cudaEventDestroy, (void*))
DOES_NOTHING(cudaEventRecord, (void*, void*))
DOES_NOTHING(cudaEventQuery, (void*))
DOES_NOTHING(cudaGetLastError, ())
