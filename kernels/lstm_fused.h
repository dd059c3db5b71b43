// A recurrent kernel in float32 in one block, and what its lanes give one another.
#pragma once
#include "device.h"

// Of four sums' parts, which four lanes hold that differ in two bits of their number, each lane gets one sum: the one
// that those bits say, the upper first. Always in the same order.
static __device__ __forceinline__ float scatter_sum(const float (&part)[4], int lane, int upper, int lower) {
  bool up = lane & upper;
  float even = up ? part[2] : part[0];
  float odd = up ? part[3] : part[1];
  even += __shfl_xor_sync(FULL_MASK, up ? part[0] : part[2], upper);
  odd += __shfl_xor_sync(FULL_MASK, up ? part[1] : part[3], upper);
  bool low = lane & lower;
  return (low ? odd : even) + __shfl_xor_sync(FULL_MASK, low ? even : odd, lower);
}

// The other way: what four such lanes hold, in the order that the two bits say, in each of them.
static __device__ __forceinline__ Four gather_lanes(float value, int lane, int upper, int lower) {
  float beside = __shfl_xor_sync(FULL_MASK, value, lower);
  float across = __shfl_xor_sync(FULL_MASK, value, upper);
  float opposite = __shfl_xor_sync(FULL_MASK, value, upper | lower);
  bool up = lane & upper;
  bool low = lane & lower;
  float even = low ? beside : value;
  float odd = low ? value : beside;
  float even_across = low ? opposite : across;
  float odd_across = low ? across : opposite;
  return {{up ? even_across : even, up ? odd_across : odd, up ? even : even_across, up ? odd : odd_across}};
}

// A recurrent kernel (H,4H) in one block, for lstm_fused_forward and lstm_fused_backward: a warp for 8 units, of each
// of which four lanes take part. Of each chunk of 16 units that sums go over a thread has 4 x 4 weights: of the first
// KEPT_CHUNKS in registers, which leaves 32 of its 128 for all else, of the others in shared memory.
#define LANES_OF_UNITS 8
#define UNITS_OF_CHUNK 16
#define MOST_UNITS 128
#define KEPT_CHUNKS 6
#define FUSED_THREADS (4 * MOST_UNITS)

static __device__ __forceinline__ int chunks_of(int units) {
  return (units + UNITS_OF_CHUNK - 1) / UNITS_OF_CHUNK;
}

// Row k of a thread's 4 x 4 of a chunk in shared memory, beside that of the next thread, so that no banks conflict; as
// far apart in every block as in the largest, so that no address has to be computed.
static __device__ __forceinline__ Four* stored_row(Four* stored, int chunk, int k) {
  return stored + ((chunk - KEPT_CHUNKS) * 4 + k) * FUSED_THREADS + threadIdx.x;
}

// The weights of a unit's four gates in a row of a recurrent kernel (H,4H); zeros where there is no such row or unit.
// What is read is not left out, so that no branch stands in the way of the next.
static __device__ __forceinline__ Four weights_from(const float* __restrict__ recurrent, int row, int unit, int units) {
  bool there = row < units && unit < units;
  const float* from = recurrent + (there ? row * 4 * units + unit : 0);
  Four weights;
#pragma unroll
  for (int g = 0; g < 4; g++) {
    float weight = from[g * units];
    weights.at[g] = there ? weight : 0.0f;
  }
  return weights;
}
