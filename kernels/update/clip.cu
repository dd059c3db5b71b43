// x (n) *= limit / norm where norm (1), in device memory, exceeds the limit; then clips each element to the bound. NaN
// stays NaN. One thread per element; launch n. Bytes: 8 n. FLOPs: 3 n.
#include "device.h"

extern "C" __global__ void clip(float* x, const double* norm, double limit, float bound, int n) {
  wait_for_launch_before();
  let_next_launch_begin();
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  bool scaled = *norm > limit;
  if (i < n && (scaled || bound < INFINITE)) {
    float g = scaled ? x[i] * (float)(limit / *norm) : x[i];
    x[i] = g > bound ? bound : g < -bound ? -bound : g;
  }
}
