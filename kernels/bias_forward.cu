// z (M,N) += bias (N), then max(0, z) if relu is not 0. In place. NaN stays NaN. One thread an element; launch M*N.
// Bytes: 8 M N, half in bf16. FLOPs: 2 M N.
#include "device.h"

extern "C" __global__ void bias_forward(void* z, const float* bias, int rows, int columns, int relu, int bf16) {
  long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (i < (long long)rows * columns) {
    float value = load(z, i, bf16) + bias[i % columns];
    store(z, i, relu && value < 0.0f ? 0.0f : value, bf16);
  }
}
