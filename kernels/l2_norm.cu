// norm = sqrt(sum of x (n) squared), in one order: thread i of one block of 1024 sums elements i, i + 1024, ... in
// double, then the sums are added by halves. norms (4): [0] = norm, [1] = the largest so far that was finite, [2] = how
// many there were, [3] = the number, from 1, of the first that was not finite, or 0. Bytes: 4 n + 48. FLOPs: 2 n.
#include "device.h"

#define THREADS 1024

extern "C" __global__ void l2_norm(const float* x, double* norms, int n) {
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
    double norm = sqrt(sums[0]);
    norms[0] = norm;
    norms[2] += 1.0;
    // The difference of what is not finite from itself is NaN.
    if (norm - norm == 0.0) {
      norms[1] = norm > norms[1] ? norm : norms[1];
    } else if (norms[3] == 0.0) {
      norms[3] = norms[2];
    }
  }
}
