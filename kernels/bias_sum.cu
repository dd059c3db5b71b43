// gradient (N) = the sum over partials (S,N) from bias_backward.cu, in the order of the slices. One thread a column;
// launch N. Bytes: 4 S N + 4 N. FLOPs: S N.
#include "device.h"

extern "C" __global__ void bias_sum(const float* partials, float* gradient, int columns, int slices) {
  int column = blockIdx.x * blockDim.x + threadIdx.x;
  if (column < columns) {
    float sum = 0.0f;
    for (int slice = 0; slice < slices; slice++) {
      sum += partials[slice * columns + column];
    }
    gradient[column] = sum;
  }
}
