// Clusters of blocks that are sound: what they send arrives, whenever and in whichever order it does.
#include "kernels/device.h"

// Each block tells its rank, and its place among all.
extern "C" __global__ void CLUSTER_OF(4) ranks(float* y) {
  y[blockIdx.x * blockDim.x + threadIdx.x] = 100.0f * cluster_rank() + blockIdx.x;
}

// The same, one for each block, in clusters of a size that the launch chooses, and in clusters of two.
extern "C" __global__ void tell_ranks(float* y) {
  if (threadIdx.x == 0) {
    y[blockIdx.x] = cluster_rank();
  }
}

extern "C" __global__ void CLUSTER_OF(2) tell_ranks_of_two(float* y) {
  if (threadIdx.x == 0) {
    y[blockIdx.x] = cluster_rank();
  }
}

extern "C" __global__ void CLUSTER_OF(4) __launch_bounds__(64) send_to_next(const float* x, float* y) {
  SHARED_ARRAY(float, received, 64);
  SHARED_ARRAY(u64, barrier, 1);
  u32 rank = cluster_rank(), next = (rank + 1) % 4;
  if (threadIdx.x == 0) {
    make_arrival_barrier(barrier);
    expect_bytes(barrier, 256);
  }
  cluster_barrier();
  int i = blockIdx.x * 64 + threadIdx.x;
  send(place_in(received, next) + 4 * threadIdx.x, place_in(barrier, next), __float_as_uint(x[i]));
  wait_for_bytes(barrier, 0);
  y[i] = received[63 - threadIdx.x];
}

// A recurrence over a cluster of four blocks of two warps, in the manner of an LSTM. In each step every block sends its
// share of the state, 64 values, to all blocks, into one of two buffers, and waits for all shares. No barrier stands
// between steps: that a block has sent tells that it has read what came before.
extern "C" __global__ void CLUSTER_OF(4) __launch_bounds__(64) recurrence(const float* x, float* y, int steps) {
  SHARED_ARRAY(float, states, 2 * 256);
  SHARED_ARRAY(u64, barriers, 2);
  u32 rank = cluster_rank();
  if (threadIdx.x < 2) {
    make_arrival_barrier(barriers + threadIdx.x);
    expect_bytes(barriers + threadIdx.x, 1024);
  }
  cluster_barrier();
  float mine = x[blockIdx.x * 64 + threadIdx.x];
  for (int step = 0; step < steps; step++) {
    int buffer = step % 2;
    float all[4];
    for (int i = 0; i < 4; i++) {
      all[i] = __shfl_sync(0xffffffffu, mine, threadIdx.x / 4 * 4 % 32 + i);
    }
    int at = buffer * 256 + rank * 64 + threadIdx.x / 4 * 4;
    send(place_in(states + at, threadIdx.x % 4), place_in(barriers + buffer, threadIdx.x % 4), all);
    wait_for_bytes(barriers + buffer, step / 2 % 2);
    if (threadIdx.x == 0 && step + 2 < steps) {
      expect_bytes(barriers + buffer, 1024);
    }
    float sum = 0.0f;
    for (int i = 0; i < 256; i++) {
      sum += states[buffer * 256 + i] * ((i + threadIdx.x) % 3);
    }
    mine = 0.25f * mine + sum / 1024.0f;
  }
  y[blockIdx.x * 64 + threadIdx.x] = mine;
}
