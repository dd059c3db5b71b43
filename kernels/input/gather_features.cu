// Takes the features of a batch's captions: taken (B,F)[b,j] = features (N,F)[order[*cursor + b],j], rounded to bf16 if
// bf16 is not 0. It runs before gather.cu's cursor moves on. One thread per element; launch B F.
// Bytes: 8 B F and 4 B, or 6 B F and 4 B to bf16. FLOPs: 0.
#include "device.h"

extern "C" __global__ void gather_features(const float* __restrict__ features, const int* __restrict__ order,
                                           const int* __restrict__ cursor, void* __restrict__ taken, int columns,
                                           int count, int bf16) {
  wait_for_launch_before();
  let_next_launch_begin();
  int n = blockIdx.x * blockDim.x + threadIdx.x;
  if (n < count) {
    int b = (u32)n / columns;
    store(taken, n, features[(long long)order[*cursor + b] * columns + n - b * columns], bf16);
  }
}
