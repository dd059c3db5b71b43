// C++ beside numbers: structs by value, templates, recursion, constant memory, printf and assert.
#include <cassert>
#include <cstdio>

struct Line {
  float slope, offset;
  int stride;
};

template <int N, typename Function>
__device__ float apply(float x, Function function) {
#pragma unroll
  for (int i = 0; i < N; i++) {
    x = function(x);
  }
  return x;
}

extern "C" __global__ void apply_thrice(int n, Line line, const float* x, float* y) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    y[i] = apply<3>(x[i * line.stride], [line](float v) { return line.slope * v + line.offset; });
  }
}

// Ackermann's function, which no compiler unrolls.
__device__ __noinline__ int ackermann(int m, int n) {
  return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

extern "C" __global__ void recursion(int* y) {
  y[threadIdx.x] = ackermann(threadIdx.x % 3, threadIdx.x);
}

__constant__ int primes[8] = {2, 3, 5, 7, 11, 13, 17, 19};
__constant__ float (*chosen)(float);

__device__ float twice(float x) {
  return 2 * x;
}

__device__ float squared(float x) {
  return x * x;
}

__device__ float (*const choices[2])(float) = {twice, squared};

extern "C" __global__ void tables(const float* x, float* y) {
  int i = threadIdx.x;
  y[i] = choices[i % 2](x[i]) + primes[i % 8];
}

extern "C" __global__ void tell(int n) {
  assert(n > 0);
  if (threadIdx.x == 0) {
    printf("block %d of %d: %5.2f %s %lld %c\n", blockIdx.x, gridDim.x, n / 4.0, "words", 1ll << 40, 'x');
  }
}

extern "C" __global__ void expect(const int* x) {
  assert(x[threadIdx.x] < 100);
}
