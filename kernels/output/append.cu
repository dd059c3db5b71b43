// history (L,n)[*position] = values (n): keeps what was drawn at a position that lives on the device. One thread an
// element; launch n. Bytes: 8 n. FLOPs: 0.
#include "device.h"

extern "C" __global__ void append(const int* values, const int* position, int* history, int n) {
  wait_for_launch_before();
  let_next_launch_begin();
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    history[(long long)*position * n + i] = values[i];
  }
}
