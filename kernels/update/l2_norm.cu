// norm = sqrt(sum of sums (n)), the sums of squares.cu, in one order: thread i of one block of 256 adds elements i, i +
// 256, ..., then the threads' sums are added by halves. norms (4): [0] = norm, [1] = the largest finite norm so far,
// [2] = the number of norms, [3] = the number, from 1, of the first norm that was not finite, or 0. Bytes: 8 n + 48.
// FLOPs: n.
#include "device.h"

#define THREADS 256

extern "C" __global__ void __launch_bounds__(THREADS) l2_norm(const double* __restrict__ sums, double* norms, int n) {
  wait_for_launch_before();
  let_next_launch_begin();
  SHARED_ARRAY(double, added, THREADS);
  double sum = 0.0;
  for (int i = threadIdx.x; i < n; i += THREADS) {
    sum += sums[i];
  }
  added[threadIdx.x] = sum;
  for (int half = THREADS / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) {
      added[threadIdx.x] += added[threadIdx.x + half];
    }
  }
  if (threadIdx.x == 0) {
    double norm = sqrt(added[0]);
    norms[0] = norm;
    norms[2] += 1.0;
    // x - x is NaN if x is not finite.
    if (norm - norm == 0.0) {
      norms[1] = norm > norms[1] ? norm : norms[1];
    } else if (norms[3] == 0.0) {
      norms[3] = norms[2];
    }
  }
}
