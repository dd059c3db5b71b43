// norm (1) = sqrt(sum of x (n) squared), in one order: thread i of one block of 1024 sums elements i, i + 1024, ... in
// double, then the sums are added by halves. Bytes: 4 n + 8. FLOPs: 2 n.
#include "device.h"

#define THREADS 1024

extern "C" __global__ void l2_norm(const float* x, double* result, int n) {
  SHARED_ARRAY(double, sums, THREADS);
  double sum = 0.0;
  for (int i = threadIdx.x; i < n; i += THREADS) {
    sum += (double)x[i] * x[i];
  }
  sums[threadIdx.x] = sum;
  for (int half = THREADS / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) {
      sums[threadIdx.x] += sums[threadIdx.x + half];
    }
  }
  if (threadIdx.x == 0) {
    *result = sqrt(sums[0]);
  }
}
