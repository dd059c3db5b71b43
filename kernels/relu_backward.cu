// dy (M,N) = 0 where y (M,N) <= 0: the gradient before the ReLU, in place. One thread an element; launch n = M*N.
// Bytes: 12 n, half in bf16. FLOPs: 0.
#include "device.h"

extern "C" __global__ void relu_backward(void* dy, const void* y, long long n, int bf16) {
  long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n && load(y, i, bf16) <= 0.0f) {
    store(dy, i, 0.0f, bf16);
  }
}
