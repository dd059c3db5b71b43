// Adds the G rows of partials (G,5) to totals (5), always in one order: thread x sums rows x, x + 256, ..., then a tree
// adds the 256 sums. One block of 256 threads. Bytes: 40 G. FLOPs: 5 G.
#include "losses.h"

#define THREADS 256

extern "C" __global__ void totals(const double* partials, double* sums, int count) {
  wait_for_launch_before();
  let_next_launch_begin();
  SHARED_ARRAY(double, parts, TOTALS * THREADS);
  int x = threadIdx.x;
  double own[TOTALS] = {};
  for (int i = x; i < count; i += THREADS) {
#pragma unroll
    for (int k = 0; k < TOTALS; k++) {
      own[k] += partials[TOTALS * i + k];
    }
  }
#pragma unroll
  for (int k = 0; k < TOTALS; k++) {
    parts[k * THREADS + x] = own[k];
  }
  for (int half = THREADS / 2; half > 0; half /= 2) {
    __syncthreads();
    if (x < half) {
#pragma unroll
      for (int k = 0; k < TOTALS; k++) {
        parts[k * THREADS + x] += parts[k * THREADS + x + half];
      }
    }
  }
  if (x == 0) {
#pragma unroll
    for (int k = 0; k < TOTALS; k++) {
      sums[k] += parts[k * THREADS];
    }
  }
}
