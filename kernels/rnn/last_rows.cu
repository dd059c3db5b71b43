// to (N,C)[r] = from (M,C)[r + M - N], or 0 if that row is before the first: the last rows of a longer matrix, or a
// shorter matrix with zeros before it. shift = (M - N) C, n = N C; one thread per element; launch n. Bytes: 8 n, half
// in bf16. FLOPs: 0.
#include "device.h"

extern "C" __global__ void last_rows(const void* from, void* to, int shift, int n, int bf16) {
  wait_for_launch_before();
  let_next_launch_begin();
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    store(to, i, i + shift >= 0 ? load(from, i + shift, bf16) : 0.0f, bf16);
  }
}
