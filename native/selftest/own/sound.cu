// Kernels as a program's own author writes them, with nothing wrong in them. They are compiled when the test runs.
#include "selftest/own/helpers.h"

#define TILE 32
#ifndef SCALE
#error SCALE is an option
#endif

__constant__ float weights[4] = {1.0f, 10.0f, 100.0f, 1000.0f};

extern "C" __global__ void transpose(const float* __restrict__ x, float* __restrict__ y, int rows, int columns) {
  __shared__ float tile[TILE][TILE + 1];
  int column = blockIdx.x * TILE + threadIdx.x, row = blockIdx.y * TILE + threadIdx.y;
  for (int i = 0; i < TILE; i += blockDim.y) {
    if (column < columns && row + i < rows) {
      tile[threadIdx.y + i][threadIdx.x] = x[(row + i) * columns + column];
    }
  }
  __syncthreads();
  column = blockIdx.y * TILE + threadIdx.x;
  row = blockIdx.x * TILE + threadIdx.y;
  for (int i = 0; i < TILE; i += blockDim.y) {
    if (column < rows && row + i < columns) {
      y[(row + i) * rows + column] = tile[threadIdx.x][threadIdx.y + i];
    }
  }
}

// The array lies beside another, and its size is the launch's.
extern "C" __global__ void __launch_bounds__(256, 2) sum_of_blocks(const float* x, float* sums, int n) {
  extern __shared__ float buffer[];
  __shared__ float scale, unused[2];
  if (threadIdx.x == 0) {
    scale = SCALE;
  }
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  buffer[threadIdx.x] = i < n ? __ldg(&x[i]) : 0.0f;
  __syncthreads();
  for (unsigned half = blockDim.x / 2; half > 0; half >>= 1) {
    if (threadIdx.x < half) {
      buffer[threadIdx.x] += buffer[threadIdx.x + half];
    }
    __syncthreads();
  }
  if (threadIdx.x == 0) {
    sums[blockIdx.x] = buffer[0] * scale;
  }
}

struct Counts {
  int everywhere;
};

// Declared for all kernels of the text.
extern __shared__ int everywhere[];
__shared__ float of_all[64], *of_one;

__device__ float& of_all_at(unsigned i) {
  return *(of_one + i);
}

extern "C" __global__ void rotate(const int* x, int* y) {
  float* as_floats = reinterpret_cast<float*>(everywhere);
  if (threadIdx.x == 0) {
    of_one = of_all;
  }
  __syncthreads();
  everywhere[threadIdx.x] = x[threadIdx.x];
  Counts counts, *all = &counts;
  counts.everywhere = 0;
  of_all[threadIdx.x] = threadIdx.x + all->everywhere;
  __syncthreads();
  unsigned next = (threadIdx.x + 1) % blockDim.x;
  y[threadIdx.x] = __float_as_int(as_floats[next]) + int(of_all_at(next));
}

// A name that stands for something else here.
extern "C" __global__ void count_threads(int* y) {
  extern __shared__ double everywhere[];
  struct {
    int of_one;
  } local;
  local.of_one = __syncthreads_count(threadIdx.x % 3 == 0);
  everywhere[threadIdx.x] = 0.5;
  __syncthreads();
  y[threadIdx.x] = 100 * local.of_one + 10 * (__syncthreads_or(threadIdx.x == 5) != 0) +
                   (__syncthreads_and(threadIdx.x < 60) != 0) + int(2 * everywhere[63 - threadIdx.x]);
}

template <typename T, int N>
__device__ T sum_of(const T (&values)[N]) {
  T sum = T();
#pragma unroll
  for (int i = 0; i < N; i++) {
    sum += values[i];
  }
  return sum;
}

// Each instantiation has an array of its own.
template <typename T>
__device__ T through_shared(T value) {
  __shared__ T held[64];
  static __shared__ volatile int count[1];
  held[threadIdx.x] = value;
  if (threadIdx.x == 0) {
    count[0] = 1;
  }
  __syncthreads();
  return held[blockDim.x - 1 - threadIdx.x] * T(count[0]);
}

template <typename Each>
__device__ void for_each(int n, Each each) {
  for (int i = 0; i < n; i++) {
    each(i);
  }
}

// Statements within brackets do not end those around them.
extern "C" __global__ void lambdas(int* y) {
  int sum = 0;
  for_each(4, [&](int i) {
    int twice = 2 * i;
    sum += twice;
  });
  __shared__ int *first, kept[2];
  first = kept;
  for_each(2, [=](int i) { kept[i] = sum + i; });
  y[0] = *first;
  y[1] = kept[1];
}

extern "C" __global__ void words(const float4* x, float4* y, double* z) {
  float4 v = x[threadIdx.x];
  float parts[4] = {v.x, v.y, v.z, v.w};
  dim3 block = blockDim;
  uint3 index = threadIdx;
  int2 pair = make_int2(min(3, 5u), max(index.x, 2));
  float w = weights[0] * v.x + weights[1] * v.y + weights[2] * v.z + weights[3] * v.w;
  y[index.x] = make_float4(sum_of(parts), w, float(pair.x + pair.y), float(block.x * block.y * block.z));
  z[index.x] = through_shared(double(index.x)) + 100 * through_shared(int(index.x));
}

extern "C" __global__ void bits(unsigned* y) {
  const unsigned x = 0x00f00001u;
  y[0] = __popc(x);
  y[1] = __clz(x);
  y[2] = __ffs(x);
  y[3] = __brev(x);
  y[4] = warpSize;
  y[5] = __umulhi(0x80000000u, 6u);
  y[6] = __float2int_rn(2.5f);
  y[7] = __float2int_rz(-2.7f);
  y[8] = __popcll(~0ull);
  y[9] = __clzll(1);
  const char* no_code = R"x(" } __shared__ int y;)x";
  y[10] = no_code[2] == '}';
}

extern "C" __global__ void functions(const float* x, float* y) {
  float a = x[0];
  y[0] = rsqrtf(a);
  y[1] = __expf(a);
  y[2] = __logf(a);
  y[3] = __fdividef(1.0f, a);
  y[4] = fmaf(a, a, 1.0f);
  y[5] = __saturatef(a);
  y[6] = fminf(a, 2.0f) + min(a, 3.0f);
  __threadfence();
}

// A name as the C++ compiler makes it.
namespace library {
struct Range {
  int first;
  char step;
  int count;
};
__global__ void fill(int* y, Range range, const int scale) {
  int i = threadIdx.x;
  if (i < range.count) {
    y[i] = scale * doubled(range.first + i * range.step);
  }
}
}

extern "C" {
__global__ void print(int n) {
  if (threadIdx.x == 0) {
    printf("block %d of %d: %.1f\n", blockIdx.x, n, 0.5f);
  }
}

__global__ void CLUSTER_OF(2) ranks_of_two(unsigned* y) {
  y[blockIdx.x * blockDim.x + threadIdx.x] = cluster_rank();
}
}
