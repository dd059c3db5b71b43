// totals (2) += the sums of row_losses (M) and row_hits (M), in double and in one order: thread x sums rows x, x + 256,
// ..., then the 256 sums are added by halves. One block of 256 threads. Bytes: 8 M. FLOPs: 2 M.
#include "device.h"

#define THREADS 256

extern "C" __global__ void totals(const float* row_losses, const float* row_hits, double* sums, int rows) {
  SHARED_ARRAY(double, losses, THREADS);
  SHARED_ARRAY(double, hits, THREADS);
  int x = threadIdx.x;
  double loss = 0.0;
  double hit = 0.0;
  for (int row = x; row < rows; row += THREADS) {
    loss += row_losses[row];
    hit += row_hits[row];
  }
  losses[x] = loss;
  hits[x] = hit;
  for (int half = THREADS / 2; half > 0; half /= 2) {
    __syncthreads();
    if (x < half) {
      losses[x] += losses[x + half];
      hits[x] += hits[x + half];
    }
  }
  if (x == 0) {
    sums[0] += losses[0];
    sums[1] += hits[0];
  }
}
