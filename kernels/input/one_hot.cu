// x (M,V) = 1 where the column is the row's id (M), else 0; n = M V. One thread takes four elements; launch ceil(n /
// 4). Bytes: 4 M V + 4 M; bf16 halves the first term. FLOPs: 0.
#include "device.h"

extern "C" __global__ void one_hot(const int* __restrict__ ids, void* __restrict__ x, int width, int n, int bf16) {
  wait_for_launch_before();
  let_next_launch_begin();
  int i = 4 * (blockIdx.x * blockDim.x + threadIdx.x);
  int end = min(i + 4, n);
  Four four = {};
  for (int row = (u32)i / width; row * width < end; row++) {
    int id = ids[row];
    int one = id >= 0 && id < width ? row * width + id - i : -1;
    for (int k = 0; k < 4; k++) {
      four.at[k] = k == one ? 1.0f : four.at[k];
    }
  }
  store_four(x, i, n, four, bf16);
}
