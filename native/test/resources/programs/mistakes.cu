// Each of these has one mistake.
#include <cooperative_groups.h>

// Threads of several blocks, and several of a block, count in the same place.
extern "C" __global__ void race_in_histogram(int n, const int* x, int* bins) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    bins[x[i]]++;
  }
}

// A block is as large as the vector, and its last thread takes a neighbour that is not there.
extern "C" __global__ void neighbour_past_the_end(const float* x, float* y) {
  int i = threadIdx.x;
  y[i] = x[i] + x[i + 1];
}

extern "C" __global__ void reversed_without_barrier(float* x) {
  __shared__ float held[64];
  int i = threadIdx.x;
  held[i] = 0;
  __syncthreads();
  held[i] = x[i];
  x[i] = held[63 - i];
}

// Half of the threads come to one barrier more than the others.
extern "C" __global__ void barrier_in_a_branch(float* x) {
  __shared__ float held[64];
  int i = threadIdx.x;
  held[i] = x[i];
  if (i < 32) {
    __syncthreads();
    x[i] = held[63 - i];
  }
  __syncthreads();
  x[i] += 1;
}

extern "C" __global__ void shared_that_nobody_wrote(float* x) {
  __shared__ float held[64];
  int i = threadIdx.x;
  if (i > 0) {
    held[i] = x[i];
  }
  __syncthreads();
  x[i] = held[63 - i];
}

extern "C" __global__ void misaligned_pairs(const float* x, float2* y) {
  y[threadIdx.x] = *reinterpret_cast<const float2*>(x + 1 + 2 * threadIdx.x);
}

// The texture's path may hold what was there before the launch.
extern "C" __global__ void stale_reads(int n, float* x) {
  int i = threadIdx.x;
  x[i] = i;
  __syncthreads();
  x[n + i] = __ldg(&x[n - 1 - i]);
}

__device__ unsigned finished;

// The last block reads what others have left, and nobody has a fence.
extern "C" __global__ void last_block_without_fence(float* partial, float* total) {
  partial[blockIdx.x] = 1;
  if (atomicInc(&finished, gridDim.x - 1) == gridDim.x - 1) {
    float sum = 0;
    for (int i = 0; i < gridDim.x; i++) {
      sum += partial[i];
    }
    *total = sum;
  }
}

// The mask names lanes that do not come.
extern "C" __global__ void shuffle_without_all(int* x) {
  if (threadIdx.x < 16) {
    x[threadIdx.x] = __shfl_down_sync(0xffffffffu, x[threadIdx.x], 1);
  }
}

#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 900
// A block may be gone when its neighbour reads its shared memory.
extern "C" __global__ void neighbour_that_may_be_gone(int* x) {
  __shared__ int held;
  auto cluster = cooperative_groups::this_cluster();
  held = blockIdx.x;
  cluster.sync();
  if (cluster.block_rank() == 0) {
    *x = *cluster.map_shared_rank(&held, 1);
  }
}
#endif

// A plain read that no swap compares may be of any time.
extern "C" __global__ void looks_before_a_swap(int* state) {
  if (*state < 99) {
    atomicExch(state, 6);
  }
}
