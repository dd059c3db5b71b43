// The part of NVML that NVIDIA's own NCCL calls. It answers that the host has one GPU without links.
#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {

int the_one;
constexpr int NOT_SUPPORTED = 3;

}

EXPORT int nvmlInit_v2() {
  return 0;
}

EXPORT int nvmlDeviceGetCount_v2(unsigned* count) {
  *count = 1;
  return 0;
}

EXPORT int nvmlDeviceGetHandleByIndex(unsigned, void** device) {
  *device = &the_one;
  return 0;
}

EXPORT int nvmlDeviceGetHandleByPciBusId(const char*, void** device) {
  *device = &the_one;
  return 0;
}

EXPORT int nvmlDeviceGetCudaComputeCapability(void*, int* major, int* minor) {
  *major = 9;
  *minor = 0;
  return 0;
}

EXPORT int nvmlDeviceGetP2PStatus(void*, void*, int, int* status) {
  *status = NOT_SUPPORTED;
  return 0;
}

EXPORT int nvmlDeviceGetNvLinkState(void*, unsigned, int*) {
  return NOT_SUPPORTED;
}

EXPORT int nvmlDeviceGetNvLinkCapability(void*, unsigned, int, unsigned*) {
  return NOT_SUPPORTED;
}

EXPORT const char* nvmlErrorString(int) {
  return "not supported";
}
