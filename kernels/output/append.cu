// history (L,n)[*position] = values (n): stores drawn symbols at a position in device memory. One thread per element;
// launch n. Bytes: 8 n. FLOPs: 0.
#include "device.h"

extern "C" __global__ void append(const int* values, const int* position, int* history, int n) {
  wait_for_launch_before();
  let_next_launch_begin();
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    history[(long long)*position * n + i] = values[i];
  }
}
