// The loss of rows, for head.cu and head_tensor.cu.
#pragma once
#include "device.h"

// What a step's head has to tell of rows.
struct Losses {
  double loss;
  int hits;
  int counted;
};

// Rows of at most 128 logits in shared memory, as cross_entropy.cu has them, four to a warp, 8 lanes each: lane l of
// these gets the gradient for symbols l, l + 8, ... The row's loss and hit are added to the sums, alike in its lanes.
// Where the target is below 0, nothing is added and the gradient is zero. All lanes of the warp take part.
#define ROW_LANES 8
#define HELD_OF_ROW (128 / ROW_LANES)
static __device__ __forceinline__ void add_row(Losses& sums, float (&gradient)[HELD_OF_ROW], const float* logits,
                                               int symbols, int target, float scale) {
  int lane = threadIdx.x % ROW_LANES;
  float max = -INFINITE;
#pragma unroll
  for (int k = 0; k < HELD_OF_ROW; k++) {
    int j = k * ROW_LANES + lane;
    gradient[k] = j < symbols ? logits[j] : -INFINITE;
    max = fmaxf(max, gradient[k]);
  }
  for (int distance = ROW_LANES / 2; distance > 0; distance /= 2) {
    max = fmaxf(max, __shfl_xor_sync(FULL_MASK, max, distance));
  }
  float sum = 0.0f;
  bool before = false;
#pragma unroll
  for (int k = 0; k < HELD_OF_ROW; k++) {
    if (k * ROW_LANES < symbols) {
      before |= gradient[k] == max && k * ROW_LANES + lane < target;
      gradient[k] = expf(gradient[k] - max);
      sum += gradient[k];
    }
  }
  for (int distance = ROW_LANES / 2; distance > 0; distance /= 2) {
    sum += __shfl_xor_sync(FULL_MASK, sum, distance);
  }
  u32 lower = __ballot_sync(FULL_MASK, before) >> (threadIdx.x % WARP - lane) & 0xff;
  bool counts = target >= 0;
  if (counts) {
    sums.loss += logf(sum) + max - logits[target];
    sums.hits += !lower && logits[target] == max;
    sums.counted++;
  }
  float inverse = 1.0f / sum;
#pragma unroll
  for (int k = 0; k < HELD_OF_ROW; k++) {
    int j = k * ROW_LANES + lane;
    gradient[k] = counts && j < symbols ? (gradient[k] * inverse - (j == target ? 1.0f : 0.0f)) * scale : 0.0f;
  }
}

// Writes the sum of what the rows of lanes of a block's warps have, in their order.
static __device__ __forceinline__ void write_losses(double* __restrict__ to, const Losses* parts, int count) {
  Losses all = parts[0];
  for (int i = 1; i < count; i++) {
    all.loss += parts[i].loss;
    all.hits += parts[i].hits;
    all.counted += parts[i].counted;
  }
  to[0] = all.loss;
  to[1] = all.hits;
  to[2] = all.counted;
}
