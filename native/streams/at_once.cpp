#include "streams/at_once.h"

namespace sim {

CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, size_t bytes) {
  return at_once(cuMemcpyHtoDAsync_v2, to, from, bytes);
}

CUresult cuMemcpyDtoH_v2(void* to, CUdeviceptr from, size_t bytes) {
  return at_once(cuMemcpyDtoHAsync_v2, to, from, bytes);
}

CUresult cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
  return begun(cuMemcpyDtoDAsync_v2, to, from, bytes);
}

CUresult cuMemsetD8_v2(CUdeviceptr to, unsigned char value, size_t count) {
  return begun(cuMemsetD8Async, to, value, count);
}

CUresult cuMemsetD16_v2(CUdeviceptr to, unsigned short value, size_t count) {
  return begun(cuMemsetD16Async, to, value, count);
}

CUresult cuMemsetD32_v2(CUdeviceptr to, unsigned int value, size_t count) {
  return begun(cuMemsetD32Async, to, value, count);
}

}
