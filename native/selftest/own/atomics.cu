// Atomic operations of every kind.

extern "C" __global__ void histogram(const int* x, unsigned* counts, int n) {
  __shared__ unsigned own[8];
  if (threadIdx.x < 8) {
    own[threadIdx.x] = 0;
  }
  __syncthreads();
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    atomicAdd(&own[x[i]], 1u);
  }
  __syncthreads();
  if (threadIdx.x < 8) {
    atomicAdd(&counts[threadIdx.x], own[threadIdx.x]);
  }
}

extern "C" __global__ void all_kinds(int* i, unsigned* u, unsigned long long* l) {
  int t = threadIdx.x;
  atomicAdd(i + 0, t);
  atomicSub(i + 1, t);
  atomicMax(i + 2, t - 40);
  atomicMin(i + 3, t - 40);
  atomicAnd(i + 4, ~(1 << t % 32));
  atomicOr(i + 5, 1 << t % 32);
  atomicXor(i + 6, t);
  atomicExch(i + 7, 5);
  atomicAdd(u + 0, 0x80000000u);
  atomicMax(u + 1, unsigned(t));
  atomicMin(u + 2, unsigned(t));
  atomicInc(u + 3, 9u);
  atomicDec(u + 4, 9u);
  atomicAdd(l + 0, 1ull << 33);
  atomicMax(l + 1, (unsigned long long)t << 40);
  atomicXor(l + 2, 1ull << t);
}

// Rounding depends on the order: small numbers vanish in a large one, but not their sum.
extern "C" __global__ void sum_of_floats(float* x) {
  atomicAdd(x, threadIdx.x == 0 ? 1e8f : 1.0f);
}

extern "C" __global__ void sum_of_doubles(double* x) {
  atomicAdd(x, threadIdx.x == 0 ? 1e17 : 1.0);
}

extern "C" __global__ void sums(float* x, double* y, float* swapped) {
  atomicAdd(x, 0.1f * threadIdx.x);
  atomicAdd(y, 0.1 * threadIdx.x);
  if (threadIdx.x == 0) {
    swapped[0] = atomicExch(swapped + 1, 3.0f);
  }
}

// Which thread gets which place depends on the order; each gets one.
extern "C" __global__ void take_places(int* next, int* places) {
  int mine = atomicAdd(next, 1);
  places[mine] = blockIdx.x * blockDim.x + threadIdx.x;
}

extern "C" __global__ void largest(const float* x, float* most) {
  int* bits = (int*)most;
  int seen = 0, old;
  do {
    old = seen;
    seen = atomicCAS(bits, old, __float_as_int(fmaxf(__int_as_float(old), x[threadIdx.x])));
  } while (seen != old);
}
