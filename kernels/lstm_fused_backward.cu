// The way back through an LSTM layer over T steps for B sequences and H <= 128 units in one launch, a block a sequence,
// all float32: what a product and lstm_backward.cu compute for each step, from output_gradient (T,B,H), the gradient of
// h by way of the layer above, to sum_gradients (T,B,4H), those of the gates' sums. gates (T,B,4H) and cells (T,B,H)
// are as lstm_fused_forward.cu left them, recurrent (H,4H) is its kernel, which stays in registers and shared memory;
// first_cell (B,H) is null for zeros. Steps can be gone through in parts, the last first: cell_gradient (B,H) receives
// what the first step gives back to the cell before it; where follows is not 0, it holds what the step after the last
// gave back, whose sum_gradients follow those of these steps.
// Lane 8 u + 2 g + q of warp w sums over j what the four gates of unit 16 j + 4 u + g give back to units 8 w + 4 q +
// (0..3); five shuffles turn that into the sum of unit 8 w + 4 q + u, in each of its four lanes, and three more give
// each of them the gates; lane g computes gate g. What a step reads of global memory is asked for a step before, cells
// at its beginning. One barrier a step, as forward. Launch B blocks of 32 ceil(H / 8) threads, with 4 KiB of dynamic
// shared memory, and 32 KiB more for each 16 units beyond the first 96. Elements are counted in 32 bits.
// Bytes: 16 B H H + 40 T B H + 4 B H, and 4 B H more for a first state, and 20 B H where steps follow.
// FLOPs: T B (8 H H + about 40 H).
#include "lstm_fused.h"

#define GATE_LANES 2
#define UNIT_LANES 8

static __device__ __forceinline__ float plus_products(float sum, const Four& dz, const Four& weights) {
#pragma unroll
  for (int g = 0; g < 4; g++) {
    sum += dz.at[g] * weights.at[g];
  }
  return sum;
}

extern "C" __global__ void __launch_bounds__(FUSED_THREADS) lstm_fused_backward(
    const float* __restrict__ gates, const float* __restrict__ cells, const float* __restrict__ first_cell,
    const float* __restrict__ recurrent, const float* __restrict__ output_gradient, float* sum_gradients,
    float* __restrict__ cell_gradient, int steps, int batch, int units, int gate_kind, int follows) {
  // The gradients of the step after and of this one, a unit's four side by side, zeros beyond the last; then weights.
  DYNAMIC_SHARED(Four, state);
  Four* stored = state + 2 * MOST_UNITS;
  int lane = threadIdx.x % WARP;
  int gate = lane / GATE_LANES % 4;
  int part = lane / 2;
  int first_unit = threadIdx.x / WARP * LANES_OF_UNITS + lane % 2 * 4;
  // Lanes beyond the last unit read what is its, and write nothing.
  bool present = first_unit + lane / UNIT_LANES < units;
  int unit = present ? first_unit + lane / UNIT_LANES : units - 1;
  int chunks = chunks_of(units);
  Four kept[KEPT_CHUNKS][4];
#pragma unroll
  for (int j = 0; j < KEPT_CHUNKS; j++) {
    if (j < chunks) {
#pragma unroll
      for (int k = 0; k < 4; k++) {
        kept[j][k] = weights_from(recurrent, first_unit + k, UNITS_OF_CHUNK * j + part, units);
      }
    }
  }
#pragma unroll 1
  for (int j = KEPT_CHUNKS; j < chunks; j++) {
#pragma unroll
    for (int k = 0; k < 4; k++) {
      *stored_row(stored, j, k) = weights_from(recurrent, first_unit + k, UNITS_OF_CHUNK * j + part, units);
    }
  }
  const float* given = sum_gradients + 4 * (steps * batch + blockIdx.x) * units;
  for (int i = threadIdx.x; i < 2 * MOST_UNITS; i += blockDim.x) {
    bool there = follows && i / MOST_UNITS == steps % 2 && i % MOST_UNITS < units;
    for (int g = 0; g < 4; g++) {
      state[i].at[g] = there ? given[g * units + i % MOST_UNITS] : 0.0f;
    }
  }
  int step = batch * units;
  int first = blockIdx.x * units + unit;
  int n = (steps - 1) * step + first;
  // From 4 n to the unit's own gate.
  int to_gate = gate * units - 3 * unit;
  float cell = cells[n];
  float from_after = follows ? cell_gradient[first] : 0.0f;
  float next_gate = gates[4 * n + to_gate];
  float next_gradient = output_gradient[n];
  __syncthreads();
  for (int t = steps - 1; t >= 0; t--) {
    float own = next_gate;
    float dh = next_gradient;
    float before = 0.0f;
    if (t > 0) {
      before = cells[n - step];
      next_gate = gates[4 * (n - step) + to_gate];
      next_gradient = output_gradient[n - step];
    } else if (first_cell) {
      before = first_cell[n];
    }
    const Four* after = state + (t + 1) % 2 * MOST_UNITS + part;
    float sum[4] = {};
#pragma unroll
    for (int j = 0; j < KEPT_CHUNKS; j++) {
      if (j < chunks) {
        Four dz = after[UNITS_OF_CHUNK * j];
#pragma unroll
        for (int k = 0; k < 4; k++) {
          sum[k] = plus_products(sum[k], dz, kept[j][k]);
        }
      }
    }
#pragma unroll 1
    for (int j = KEPT_CHUNKS; j < chunks; j++) {
      Four dz = after[UNITS_OF_CHUNK * j];
#pragma unroll
      for (int k = 0; k < 4; k++) {
        sum[k] = plus_products(sum[k], dz, *stored_row(stored, j, k));
      }
    }
    float total = scatter_sum(sum, lane, 2 * UNIT_LANES, UNIT_LANES);
    total += __shfl_xor_sync(FULL_MASK, total, 2 * GATE_LANES);
    dh += total + __shfl_xor_sync(FULL_MASK, total, GATE_LANES);
    Four all = gather_lanes(own, lane, 2 * GATE_LANES, GATE_LANES);
    float tanh_cell = tanhf(cell);
    float dc = from_after + dh * all.at[3] * (1.0f - tanh_cell * tanh_cell);
    from_after = dc * all.at[1];
    float dz = gate == 0   ? dc * all.at[2] * gate_slope(own, gate_kind)
               : gate == 1 ? dc * before * gate_slope(own, gate_kind)
               : gate == 2 ? dc * all.at[0] * (1.0f - own * own)
                           : dh * tanh_cell * gate_slope(own, gate_kind);
    if (present) {
      sum_gradients[4 * n + to_gate] = dz;
      ((float*)state)[(t % 2 * MOST_UNITS + unit) * 4 + gate] = dz;
    }
    cell = before;
    n -= step;
    __syncthreads();
  }
  if (present && gate == 0) {
    cell_gradient[first] = from_after;
  }
}
