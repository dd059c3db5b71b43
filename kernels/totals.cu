// totals (3) += the sums of partials (G,3) over G, in one order: thread x sums x, x + 256, ..., then the 256 sums are
// added by halves. One block of 256 threads. Bytes: 24 G. FLOPs: 3 G.
#include "device.h"

#define THREADS 256

extern "C" __global__ void totals(const double* partials, double* sums, int count) {
  SHARED_ARRAY(double, losses, THREADS);
  SHARED_ARRAY(double, hits, THREADS);
  SHARED_ARRAY(double, counts, THREADS);
  int x = threadIdx.x;
  double loss = 0.0;
  double hit = 0.0;
  double counted = 0.0;
  for (int i = x; i < count; i += THREADS) {
    loss += partials[3 * i];
    hit += partials[3 * i + 1];
    counted += partials[3 * i + 2];
  }
  losses[x] = loss;
  hits[x] = hit;
  counts[x] = counted;
  for (int half = THREADS / 2; half > 0; half /= 2) {
    __syncthreads();
    if (x < half) {
      losses[x] += losses[x + half];
      hits[x] += hits[x + half];
      counts[x] += counts[x + half];
    }
  }
  if (x == 0) {
    sums[0] += losses[0];
    sums[1] += hits[0];
    sums[2] += counts[0];
  }
}
