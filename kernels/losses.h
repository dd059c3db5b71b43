// The loss of a row, for head.cu and head_tensor.cu.
#pragma once
#include "device.h"

// What a step's head has to tell of rows.
struct Losses {
  double loss;
  int hits;
  int counted;
};

// A row of at most 128 logits in shared memory, by a warp, as cross_entropy.cu has it: lane l gets the gradient for
// symbols l, l + 32, ... The row's loss and hit are added to the sums, the same in every lane.
#define HELD 4
static __device__ __forceinline__ void add_row(Losses& sums, float (&gradient)[HELD], const float* logits, int symbols,
                                               int target, float scale, int lane) {
  float max = -INFINITE;
#pragma unroll
  for (int k = 0; k < HELD; k++) {
    gradient[k] = k * WARP + lane < symbols ? logits[k * WARP + lane] : -INFINITE;
    max = fmaxf(max, gradient[k]);
  }
  max = warp_max(max);
  float sum = 0.0f;
  bool before = false;
#pragma unroll
  for (int k = 0; k < HELD; k++) {
    before |= gradient[k] == max && k * WARP + lane < target;
    gradient[k] = expf(gradient[k] - max);
    sum += gradient[k];
  }
  sum = warp_sum(sum);
  float target_logit = logits[target];
  sums.loss += logf(sum) + max - target_logit;
  sums.hits += !__any_sync(FULL_MASK, before) && target_logit == max;
  sums.counted++;
  float inverse = 1.0f / sum;
#pragma unroll
  for (int k = 0; k < HELD; k++) {
    gradient[k] = (gradient[k] * inverse - (k * WARP + lane == target ? 1.0f : 0.0f)) * scale;
  }
}

// Writes the sum of what the warps of a block have, in their order.
static __device__ __forceinline__ void write_losses(double* __restrict__ to, const Losses* of_warps, int warps) {
  Losses all = of_warps[0];
  for (int y = 1; y < warps; y++) {
    all.loss += of_warps[y].loss;
    all.hits += of_warps[y].hits;
    all.counted += of_warps[y].counted;
  }
  to[0] = all.loss;
  to[1] = all.hits;
  to[2] = all.counted;
}
