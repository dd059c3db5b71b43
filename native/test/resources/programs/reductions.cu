// Sums over a grid: by shuffles, by tiles of cooperative groups, and by the block that comes last.
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>

namespace cg = cooperative_groups;

constexpr unsigned ALL = 0xffffffffu;

__device__ float sum_of_warp(float value) {
  for (int distance = 16; distance > 0; distance /= 2) {
    value += __shfl_down_sync(ALL, value, distance);
  }
  return value;
}

__device__ float sum_of_block(float value) {
  __shared__ float sums[32];
  int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  value = sum_of_warp(value);
  if (lane == 0) {
    sums[warp] = value;
  }
  __syncthreads();
  return warp == 0 ? sum_of_warp(lane < blockDim.x / 32 ? sums[lane] : 0.0f) : 0.0f;
}

extern "C" __global__ void sum_by_shuffles(int n, const float* x, float* total) {
  float mine = 0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
    mine += x[i];
  }
  mine = sum_of_block(mine);
  if (threadIdx.x == 0) {
    atomicAdd(total, mine);
  }
}

extern "C" __global__ void sum_by_tiles(int n, const int* x, int* sums_of_eight, int* total) {
  auto tile = cg::tiled_partition<8>(cg::this_thread_block());
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  int mine = i < n ? x[i] : 0;
  for (int distance = tile.size() / 2; distance > 0; distance /= 2) {
    mine += tile.shfl_xor(mine, distance);
  }
  if (tile.thread_rank() == 0) {
    sums_of_eight[i / 8] = mine;
  }
  auto warp = cg::tiled_partition<32>(cg::this_thread_block());
  int of_warp = cg::reduce(warp, tile.thread_rank() == 0 ? mine : 0, cg::plus<int>());
  if (warp.thread_rank() == 0) {
    atomicAdd(total, of_warp);
  }
}

__device__ unsigned finished;

// Every block leaves a sum. The block that finds all others finished adds them, and leaves the counter as it was.
extern "C" __global__ void sum_by_last_block(int n, const float* x, float* partial, float* total) {
  __shared__ bool last;
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  float mine = sum_of_block(i < n ? x[i] : 0.0f);
  if (threadIdx.x == 0) {
    partial[blockIdx.x] = mine;
    __threadfence();
    last = atomicInc(&finished, gridDim.x - 1) == gridDim.x - 1;
    __threadfence();
  }
  __syncthreads();
  if (last && threadIdx.x < 32) {
    float sum = 0;
    for (int block = threadIdx.x; block < gridDim.x; block += 32) {
      sum += partial[block];
    }
    sum = sum_of_warp(sum);
    if (threadIdx.x == 0) {
      *total = sum;
    }
  }
}
