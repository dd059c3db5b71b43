// Products of matrices: by tiles in shared memory, and by tensor cores.
#include <cuda_bf16.h>
#include <cuda_fp16.h>

template <typename T, int TILE>
__device__ void multiply(int n, const T* a, const T* b, T* c) {
  __shared__ T left[TILE][TILE + 1], right[TILE][TILE + 1];
  int row = blockIdx.y * TILE + threadIdx.y, column = blockIdx.x * TILE + threadIdx.x;
  T sum = 0;
  for (int k = 0; k < n; k += TILE) {
    int over = k + threadIdx.x, down = k + threadIdx.y;
    left[threadIdx.y][threadIdx.x] = row < n && over < n ? a[row * n + over] : T(0);
    right[threadIdx.y][threadIdx.x] = down < n && column < n ? b[down * n + column] : T(0);
    __syncthreads();
#pragma unroll
    for (int i = 0; i < TILE; i++) {
      sum += left[threadIdx.y][i] * right[i][threadIdx.x];
    }
    __syncthreads();
  }
  if (row < n && column < n) {
    c[row * n + column] = sum;
  }
}

extern "C" __global__ void multiply_floats(int n, const float* a, const float* b, float* c) {
  multiply<float, 16>(n, a, b, c);
}

extern "C" __global__ void multiply_doubles(int n, const double* a, const double* b, double* c) {
  multiply<double, 8>(n, a, b, c);
}

// One warp: c is 16 x 8 of float, a is 16 x 8 and b 8 x 8 of half, both row-major.
extern "C" __global__ void multiply_halves(const __half* a, const __half* b, float* c) {
  int group = threadIdx.x / 4, pair = threadIdx.x % 4 * 2;
  const unsigned* rows = reinterpret_cast<const unsigned*>(a);
  unsigned first = rows[(group * 8 + pair) / 2], second = rows[((group + 8) * 8 + pair) / 2];
  __half2 column = __halves2half2(b[pair * 8 + group], b[(pair + 1) * 8 + group]);
  float d[4] = {};
  asm("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(first), "r"(second), "r"(*reinterpret_cast<unsigned*>(&column)));
  c[group * 8 + pair] = d[0];
  c[group * 8 + pair + 1] = d[1];
  c[(group + 8) * 8 + pair] = d[2];
  c[(group + 8) * 8 + pair + 1] = d[3];
}

#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
// The same in bf16.
extern "C" __global__ void multiply_bf16(const __nv_bfloat16* a, const __nv_bfloat16* b, float* c) {
  int group = threadIdx.x / 4, pair = threadIdx.x % 4 * 2;
  const unsigned* rows = reinterpret_cast<const unsigned*>(a);
  unsigned first = rows[(group * 8 + pair) / 2], second = rows[((group + 8) * 8 + pair) / 2];
  __nv_bfloat162 column = __halves2bfloat162(b[pair * 8 + group], b[(pair + 1) * 8 + group]);
  float d[4] = {};
  asm("mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(first), "r"(second), "r"(*reinterpret_cast<unsigned*>(&column)));
  c[group * 8 + pair] = d[0];
  c[group * 8 + pair + 1] = d[1];
  c[(group + 8) * 8 + pair] = d[2];
  c[(group + 8) * 8 + pair + 1] = d[3];
}
#endif
