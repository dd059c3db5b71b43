// The part of NVML that NVIDIA's own NCCL calls. It answers that the host has one GPU without links.
#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {

int the_one;
constexpr int NOT_SUPPORTED = 3;

}

// A function that gives so much, or nothing, and answers so.
#define ANSWERS(status, name, parameters, ...) \
  EXPORT int name parameters {                 \
    __VA_ARGS__;                               \
    return status;                             \
  }
ANSWERS(0, nvmlInit_v2, (), )
ANSWERS(0, nvmlDeviceGetCount_v2, (unsigned* count), *count = 1)
ANSWERS(0, nvmlDeviceGetHandleByIndex, (unsigned, void** device), *device = &the_one)
ANSWERS(0, nvmlDeviceGetHandleByPciBusId, (const char*, void** device), *device = &the_one)
ANSWERS(0, nvmlDeviceGetCudaComputeCapability, (void*, int* major, int* minor), *major = 9, *minor = 0)
ANSWERS(0, nvmlDeviceGetP2PStatus, (void*, void*, int, int* status), *status = NOT_SUPPORTED)
ANSWERS(NOT_SUPPORTED, nvmlDeviceGetNvLinkState, (void*, unsigned, int*), )
ANSWERS(NOT_SUPPORTED, nvmlDeviceGetNvLinkCapability, (void*, unsigned, int, unsigned*), )

EXPORT const char* nvmlErrorString(int) {
  return "not supported";
}
