// sums (G) of x (n) squared, in double and in one order; l2_norm.cu adds them up. Each thread of G blocks of 256 takes
// every 256 G-th four. A tree adds the sums of a warp's threads, then the first thread adds the sums of the block's
// warps. Launch G blocks. x is aligned to 16 bytes. Bytes: 4 n + 8 G. FLOPs: 2 n.
#include "device.h"

#define THREADS 256

extern "C" __global__ void __launch_bounds__(THREADS) squares(const float* __restrict__ x, double* __restrict__ sums,
                                                              int n) {
  wait_for_launch_before();
  let_next_launch_begin();
  SHARED_ARRAY(double, warps, THREADS / WARP);
  double sum = 0.0;
  for (u32 i = 4 * (blockIdx.x * THREADS + threadIdx.x); i < (u32)n; i += 4 * THREADS * gridDim.x) {
    Four four = read_four<Four>(x, i, n);
    for (int k = 0; k < 4; k++) {
      sum += (double)four.at[k] * four.at[k];
    }
  }
  for (int distance = WARP / 2; distance > 0; distance /= 2) {
    sum += __shfl_xor_sync(FULL_MASK, sum, distance);
  }
  if (threadIdx.x % WARP == 0) {
    warps[threadIdx.x / WARP] = sum;
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    for (int warp = 1; warp < THREADS / WARP; warp++) {
      sum += warps[warp];
    }
    sums[blockIdx.x] = sum;
  }
}
