// x (M,W) = 1 where the column is the row's id, else 0; ids (M), columns from V to W are padding. One thread an
// element; launch M*W. Bytes: 4 M W + 4 M, half in bf16. FLOPs: 0.
#include "device.h"

extern "C" __global__ void one_hot(const int* ids, void* x, int width, long long n, int bf16) {
  long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    store(x, i, ids[i / width] == i % width ? 1.0f : 0.0f, bf16);
  }
}
