// The loss of rows, for cross_entropy.cu, head.cu and head_tensor.cu.
#pragma once
#include "device.h"

// Figures of rows: the sums of their losses and hits, and their number.
struct Losses {
  double loss;
  int hits;
  int counted;
};

// The figures of totals: losses, hits and number of the rows that count, then losses and number of the rows without
// padding.
#define TOTALS 5

// The id that a target names: the target itself, the id of padding (-2 - id), or -1 if the row does not count.
static __device__ __forceinline__ int id_of(int target) {
  return target < 0 ? -2 - target : target;
}

// Adds a row that counts; all lanes have the row's figures. Lane 0 sums all rows, other lanes leave out padding.
static __device__ __forceinline__ void add_to(Losses& sums, int lane, bool padding, float loss, bool hit) {
  if (lane == 0 || !padding) {
    sums.loss += loss;
    sums.hits += hit;
    sums.counted++;
  }
}

// Rows of at most 128 logits in shared memory, as in cross_entropy.cu, four to a warp, 8 lanes each: lane l of these
// gets the gradient for symbols l, l + 8, ..., and adds the row's loss and hit to its sums. Where the target names no
// symbol, nothing is added and the gradient is zero. All lanes of the warp take part.
#define ROW_LANES 8
#define HELD_OF_ROW (128 / ROW_LANES)
static __device__ __forceinline__ void add_row(Losses& sums, float (&gradient)[HELD_OF_ROW], const float* logits,
                                               int symbols, int target, float scale) {
  int lane = threadIdx.x % ROW_LANES;
  int id = id_of(target);
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
      before |= gradient[k] == max && k * ROW_LANES + lane < id;
      gradient[k] = expf(gradient[k] - max);
      sum += gradient[k];
    }
  }
  for (int distance = ROW_LANES / 2; distance > 0; distance /= 2) {
    sum += __shfl_xor_sync(FULL_MASK, sum, distance);
  }
  u32 lower = __ballot_sync(FULL_MASK, before) >> (threadIdx.x % WARP - lane) & 0xff;
  bool counts = id >= 0;
  if (counts) {
    add_to(sums, lane, target < 0, logf(sum) + max - logits[id], !lower && logits[id] == max);
  }
  float inverse = 1.0f / sum;
#pragma unroll
  for (int k = 0; k < HELD_OF_ROW; k++) {
    int j = k * ROW_LANES + lane;
    gradient[k] = counts && j < symbols ? (gradient[k] * inverse - (j == id ? 1.0f : 0.0f)) * scale : 0.0f;
  }
}

// Stores the sums of lanes 0 and 1 for write_losses.
static __device__ __forceinline__ void keep_losses(Losses* parts, int part, int lane, const Losses& seen) {
  if (lane < 2) {
    parts[2 * part + lane] = seen;
  }
}

// Writes the sums of a block's parts, in their order.
static __device__ __forceinline__ void write_losses(double* __restrict__ to, const Losses* parts, int count) {
  Losses all = parts[0];
  Losses real = parts[1];
  for (int i = 1; i < count; i++) {
    all.loss += parts[2 * i].loss;
    all.hits += parts[2 * i].hits;
    all.counted += parts[2 * i].counted;
    real.loss += parts[2 * i + 1].loss;
    real.counted += parts[2 * i + 1].counted;
  }
  to[0] = all.loss;
  to[1] = all.hits;
  to[2] = all.counted;
  to[3] = real.loss;
  to[4] = real.counted;
}
