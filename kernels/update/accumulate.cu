// sum (n) += weight gradients (n), or sum = weight gradients for the first part of a batch. One thread takes four
// elements, 16 bytes of each buffer; the last thread takes the rest; launch ceil(n / 4). Bytes: 12 n, or 8 n for the
// first part. FLOPs: 2 n.
#include "device.h"

extern "C" __global__ void accumulate(float* __restrict__ sum, const float* __restrict__ gradients, int first,
                                      float weight, int n) {
  wait_for_launch_before();
  let_next_launch_begin();
  int i = 4 * (blockIdx.x * blockDim.x + threadIdx.x);
  if (i >= n) {
    return;
  }
  Four g = read_four<Four>(gradients, i, n);
  Four s = first ? Four{} : read_four<Four>(sum, i, n);
  for (int k = 0; k < 4; k++) {
    s.at[k] += weight * g.at[k];
  }
  write_four(sum, i, n, s);
}
