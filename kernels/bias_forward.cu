// z (M,N) += bias (N), then max(0, z) if relu is not 0. In place. NaN stays NaN. One thread an element; launch M*N.
// Bytes: 8 M N. FLOPs: 2 M N.
#include "device.h"

extern "C" __global__ void bias_forward(float* z, const float* bias, int rows, int columns, int relu) {
  long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (i < (long long)rows * columns) {
    float value = z[i] + bias[i % columns];
    z[i] = relu && value < 0.0f ? 0.0f : value;
  }
}
