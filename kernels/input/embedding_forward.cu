// output (M,E): row m is row ids[m] of the table (V,E), or zeros if the id names no symbol; n = M E. One thread takes
// four elements, and reads the table four at once where E is a multiple of 4; launch ceil(n / 4).
// Bytes: 4 M E + 4 V E + 4 M; bf16 halves the first term. FLOPs: 0.
#include "device.h"

extern "C" __global__ void embedding_forward(const int* __restrict__ ids, const float* __restrict__ table,
                                             void* __restrict__ output, int symbols, int units, int n, int bf16) {
  wait_for_launch_before();
  let_next_launch_begin();
  int i = 4 * (blockIdx.x * blockDim.x + threadIdx.x);
  if (i >= n) {
    return;
  }
  int row = (u32)i / units;
  int column = i - row * units;
  Four four = {};
  if (units % 4 == 0) {
    int id = ids[row];
    if ((u32)id < symbols) {
      four = *(const Four*)(table + id * units + column);
    }
  } else {
    int end = min(n - i, 4);
    for (int k = 0; k < end; k++) {
      int id = ids[row];
      four.at[k] = (u32)id < symbols ? table[id * units + column] : 0.0f;
      column++;
      if (column == units) {
        column = 0;
        row++;
      }
    }
  }
  store_four(output, i, n, four, bf16);
}
