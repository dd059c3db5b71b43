// z (M,N) = activation(z + bias (N)), in place. NaN stays NaN. One thread takes four elements; launch ceil(M N / 4).
// Bytes: 8 M N, half in bf16. FLOPs: 2 M N, with tanh about 20 M N.
#include "device.h"

extern "C" __global__ void bias_forward(void* __restrict__ z, const float* __restrict__ bias, int rows, int columns,
                                        int activation, int bf16) {
  wait_for_launch_before();
  let_next_launch_begin();
  int i = 4 * (blockIdx.x * blockDim.x + threadIdx.x);
  int n = rows * columns;
  int column = (u32)i % columns;
  Four four = load_four(z, i, n, bf16);
  Four add;
  if (columns % 4 == 0) {
    add = *(const Four*)(bias + column);
  } else {
    for (int k = 0; k < 4; k++) {
      add.at[k] = bias[column];
      column = column + 1 == columns ? 0 : column + 1;
    }
  }
  for (int k = 0; k < 4; k++) {
    four.at[k] = activated(four.at[k] + add.at[k], activation);
  }
  store_four(z, i, n, four, bf16);
}
