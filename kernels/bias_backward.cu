// The way back through y = activation(x kernel + bias), as far as it is not a product, in one pass over dy (M,N):
//   dy = the gradient before the activation, in place: 0 where y (M,N) <= 0 after a ReLU, dy (1 - y^2) after tanh;
//        a linear one leaves it as it is, and y may be null
//   partials (S,N) = for each of S slices of the rows the sums over its rows, in one order; bias_sum.cu adds them.
// A block of 32 x 8 threads takes 32 columns of one slice; thread (x, y) sums the slice's rows y, y + 8, ... and the
// eight sums are added in the order of y. Launch S ceil(N / 32) blocks. Bytes: 12 M N + 4 S N, without an activation
// 4 M N + 4 S N, half of the first term in bf16. FLOPs: M N, with tanh 4 M N.
#include "device.h"

#define ROWS 8

extern "C" __global__ void bias_backward(void* dy, const void* y, float* partials, int rows, int columns, int slices,
                                         int activation, int bf16) {
  SHARED_ARRAY(float, sums, ROWS * WARP);
  int slice = blockIdx.x % slices;
  int column = blockIdx.x / slices * WARP + threadIdx.x;
  int from = (int)((long long)rows * slice / slices);
  int to = (int)((long long)rows * (slice + 1) / slices);
  float sum = 0.0f;
  if (column < columns) {
    for (int row = from + threadIdx.y; row < to; row += ROWS) {
      long long i = (long long)row * columns + column;
      float value = load(dy, i, bf16);
      if (activation == RELU && load(y, i, bf16) <= 0.0f) {
        value = 0.0f;
        store(dy, i, value, bf16);
      } else if (activation == TANH) {
        float result = load(y, i, bf16);
        value *= 1.0f - result * result;
        store(dy, i, value, bf16);
      }
      sum += value;
    }
  }
  sums[threadIdx.y * WARP + threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y == 0 && column < columns) {
    float total = 0.0f;
    for (int r = 0; r < ROWS; r++) {
      total += sums[r * WARP + threadIdx.x];
    }
    partials[(long long)slice * columns + column] = total;
  }
}
