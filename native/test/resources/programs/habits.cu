// Habits of other people's kernels that are no mistakes.
#include <cuda_bf16.h>

__device__ unsigned __int128 wide(const unsigned* words) {
  unsigned __int128 value = 0;
  for (int i = 3; i >= 0; i--) {
    value = value << 32 | words[i];
  }
  return value;
}

__device__ void put(unsigned __int128 value, unsigned* words) {
  for (int i = 0; i < 4; i++) {
    words[i] = unsigned(value >> 32 * i);
  }
}

// Quotient and remainder without a sign and with one, of two numbers of four words each.
extern "C" __global__ void divide_wide(int n, const unsigned* x, unsigned* y) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    unsigned __int128 a = wide(x + 8 * i), b = wide(x + 8 * i + 4);
    put(a / b, y + 16 * i);
    put(a % b, y + 16 * i + 4);
    put(__int128(a) / __int128(b), y + 16 * i + 8);
    put(__int128(a) % __int128(b), y + 16 * i + 12);
  }
}

// Only those that have something to do come to the barrier.
extern "C" __global__ void return_early(int n, int* x) {
  __shared__ int held[128];
  int i = threadIdx.x;
  if (i >= n) {
    return;
  }
  held[i] = x[i];
  __syncthreads();
  x[i] = held[n - 1 - i];
}

extern "C" __global__ void add_bf16(__nv_bfloat16* sum, __nv_bfloat162* sums) {
  atomicAdd(sum, __float2bfloat16(1.0f));
  atomicAdd(sums, __float2bfloat162_rn(2.0f));
}

// NVIDIA's guide has this for cards that lack the operation.
extern "C" __global__ void largest(const float* x, float* most) {
  int* bits = reinterpret_cast<int*>(most);
  int old = *bits, assumed;
  do {
    assumed = old;
    old = atomicCAS(bits, assumed, __float_as_int(fmaxf(__int_as_float(assumed), x[threadIdx.x])));
  } while (assumed != old);
}

// Whoever comes last is in the slot, and nobody asks who came before.
extern "C" __global__ void last_comer(int* slot, int* done) {
  atomicExch(slot, threadIdx.x);
  done[threadIdx.x] = 1;
}
