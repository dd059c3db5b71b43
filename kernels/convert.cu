// to (n) = from (n): from float32 to bf16 if to_bf16 is not 0, else from bf16 to float32. One thread an element;
// launch n.
// Bytes: 6 n. FLOPs: 0.
#include "device.h"

extern "C" __global__ void convert(const void* from, void* to, int n, int to_bf16) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    store(to, i, load(from, i, !to_bf16), to_bf16);
  }
}
