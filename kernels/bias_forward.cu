// z (M,N) = activation(z + bias (N)), in place. NaN stays NaN. One thread an element; launch M*N.
// Bytes: 8 M N, half in bf16. FLOPs: 2 M N, with tanh about 20 M N.
#include "device.h"

extern "C" __global__ void bias_forward(void* z, const float* bias, int rows, int columns, int activation, int bf16) {
  long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (i < (long long)rows * columns) {
    float value = load(z, i, bf16) + bias[i % columns];
    if (activation == RELU && value < 0.0f) {
      value = 0.0f;
    } else if (activation == TANH) {
      value = tanhf(value);
    }
    store(z, i, value, bf16);
  }
}
