// x (n) *= limit / norm where the norm (1), which lives on the device, exceeds the limit. One thread an element;
// launch n.
// Bytes: 8 n. FLOPs: n.
#include "device.h"

extern "C" __global__ void clip(float* x, const double* norm, double limit, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n && *norm > limit) {
    x[i] *= (float)(limit / *norm);
  }
}
