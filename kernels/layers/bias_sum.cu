// gradient (N) = the sum over partials (S,N), in one order: a block of 32 x 8 threads takes 32 columns, thread (x, y)
// sums the rows y, y + 8, ..., and the eight sums are added in the order of y. Where units is not 0, N is R 4 units
// with a unit's four slots side by side, and gradient (R,gates,units) has each gate's units together. slots names the
// gate of each slot as in interleave_gates.cu; the sum of a slot without a gate is dropped.
// Launch ceil(N / 32) blocks. Bytes: 4 S N + 4 N. FLOPs: S N.
#include "device.h"

#define ROWS 8

extern "C" __global__ void bias_sum(const float* __restrict__ partials, float* __restrict__ gradient, int columns,
                                    int slices, int units, int gates, int slots) {
  wait_for_launch_before();
  let_next_launch_begin();
  SHARED_ARRAY(float, sums, ROWS * WARP);
  int column = blockIdx.x * WARP + threadIdx.x;
  float sum = 0.0f;
  if (column < columns) {
    for (int slice = threadIdx.y; slice < slices; slice += ROWS) {
      sum += partials[(long long)slice * columns + column];
    }
  }
  sums[threadIdx.y * WARP + threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y == 0 && column < columns) {
    for (int y = 1; y < ROWS; y++) {
      sum += sums[y * WARP + threadIdx.x];
    }
    int row = units ? (u32)column / (4 * units) : 0;
    int unit = (column - row * 4 * units) / 4;
    int gate = slots >> column % 4 * 4 & 15;
    if (!units) {
      gradient[column] = sum;
    } else if (gate < gates) {
      gradient[(row * gates + gate) * units + unit] = sum;
    }
  }
}
