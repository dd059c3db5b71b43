// gradient (N) = the sum over rows of dz (M,N), in one order. A block of 32 x 8 threads takes 32 columns: thread (x, y)
// sums rows y, y + 8, ... and the eight sums are added in the order of y. Launch ceil(N / 32) blocks.
// Bytes: 4 M N + 4 N, half in bf16. FLOPs: M N.
#include "device.h"

#define ROWS 8

extern "C" __global__ void bias_gradient(const void* dz, float* gradient, int rows, int columns, int bf16) {
  SHARED_ARRAY(float, partial, ROWS * WARP);
  int column = blockIdx.x * WARP + threadIdx.x;
  float sum = 0.0f;
  if (column < columns) {
    for (int row = threadIdx.y; row < rows; row += ROWS) {
      sum += load(dz, (long long)row * columns + column, bf16);
    }
  }
  partial[threadIdx.y * WARP + threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y == 0 && column < columns) {
    float total = 0.0f;
    for (int y = 0; y < ROWS; y++) {
      total += partial[y * WARP + threadIdx.x];
    }
    gradient[column] = total;
  }
}
