// An LSTM layer over T steps for B sequences and H <= 128 units in one launch, a block a sequence, all float32: what a
// product and lstm_forward.cu compute for each step from
//   z (4H) = input + the h before times recurrent (H,4H) + bias
// on. The recurrent kernel stays in registers and shared memory. The input's row is that of the sequence's id in ids
// (T,B), where that is not null, and below 0 there is none, which counts as zeros; else its own of (T,B,4H).
// first_hidden and first_cell (B,H) are null for zeros. gates (T,B,4H) receives s(z) and tanh(z_c), and may be input;
// cells (T,B,H) receives the cells. Where gates is null, none are kept, and cells (B,H) receives the last. hidden
// (T,B,H) receives h. NaN stays NaN.
// Lane 8 g + u of warp w sums rows 16 j + 4 g + (0..3) of the four columns of unit 8 w + u; three shuffles turn that
// into the sum of gate g, and three more give each of a unit's lanes its gates. What a step reads of global memory is
// asked for a step before, its id two. One barrier a step: h before it lies elsewhere than h after it. Launch B blocks
// of 32 ceil(H / 8) threads, with 1 KiB of dynamic shared memory, and 32 KiB more for each 16 units beyond the first
// 96. Elements are counted in 32 bits. Bytes: 16 B (H H + H) + T B (40 H + 4), less 4 T B for sums, less 4 B H (5 T -
// 1) without gates, and 8 B H more for a first state. FLOPs: T B (8 H H + about 90 H).
#include "lstm_fused.h"

static __device__ __forceinline__ void add_products(float (&sum)[4], float h, const Four& weights) {
#pragma unroll
  for (int g = 0; g < 4; g++) {
    sum[g] += h * weights.at[g];
  }
}

extern "C" __global__ void __launch_bounds__(FUSED_THREADS) lstm_fused_forward(
    const float* input, const int* __restrict__ ids, const float* __restrict__ recurrent,
    const float* __restrict__ bias, const float* __restrict__ first_hidden, const float* __restrict__ first_cell,
    float* gates, float* __restrict__ cells, float* __restrict__ hidden, int steps, int batch, int units,
    int gate_kind) {
  // h before a step and after it, zeros beyond the last unit; then weights.
  DYNAMIC_SHARED(Four, state);
  Four* stored = state + 2 * MOST_UNITS / 4;
  int lane = threadIdx.x % WARP;
  int gate = lane / LANES_OF_UNITS;
  int unit = threadIdx.x / WARP * LANES_OF_UNITS + lane % LANES_OF_UNITS;
  // Lanes beyond the last unit do as its do, but write nothing.
  bool present = unit < units;
  unit = present ? unit : units - 1;
  int column = gate * units + unit;
  int width = 4 * units;
  int chunks = chunks_of(units);
  Four kept[KEPT_CHUNKS][4];
#pragma unroll
  for (int j = 0; j < KEPT_CHUNKS; j++) {
    if (j < chunks) {
#pragma unroll
      for (int k = 0; k < 4; k++) {
        kept[j][k] = weights_from(recurrent, UNITS_OF_CHUNK * j + 4 * gate + k, unit, units);
      }
    }
  }
#pragma unroll 1
  for (int j = KEPT_CHUNKS; j < chunks; j++) {
#pragma unroll
    for (int k = 0; k < 4; k++) {
      *stored_row(stored, j, k) = weights_from(recurrent, UNITS_OF_CHUNK * j + 4 * gate + k, unit, units);
    }
  }
  for (int i = threadIdx.x; i < 2 * MOST_UNITS; i += blockDim.x) {
    ((float*)state)[i] = i < units && first_hidden ? first_hidden[blockIdx.x * units + i] : 0.0f;
  }
  int n = blockIdx.x * units + unit;
  float own_bias = bias[column];
  float cell = first_cell ? first_cell[n] : 0.0f;
  int row = ids ? ids[blockIdx.x] : blockIdx.x;
  int next_id = ids && steps > 1 ? ids[batch + blockIdx.x] : 0;
  float next = row >= 0 ? input[row * width + column] : 0.0f;
  __syncthreads();
  for (int t = 0; t < steps; t++) {
    float z = own_bias + next;
    if (t + 1 < steps) {
      row = ids ? next_id : (t + 1) * batch + blockIdx.x;
      next = row >= 0 ? input[row * width + column] : 0.0f;
      if (ids && t + 2 < steps) {
        next_id = ids[(t + 2) * batch + blockIdx.x];
      }
    }
    const Four* before = state + t % 2 * (MOST_UNITS / 4) + gate;
    float sum[4] = {};
#pragma unroll
    for (int j = 0; j < KEPT_CHUNKS; j++) {
      if (j < chunks) {
        Four h = before[4 * j];
#pragma unroll
        for (int k = 0; k < 4; k++) {
          add_products(sum, h.at[k], kept[j][k]);
        }
      }
    }
#pragma unroll 1
    for (int j = KEPT_CHUNKS; j < chunks; j++) {
      Four h = before[4 * j];
#pragma unroll
      for (int k = 0; k < 4; k++) {
        add_products(sum, h.at[k], *stored_row(stored, j, k));
      }
    }
    z += scatter_sum(sum, lane, 2 * LANES_OF_UNITS, LANES_OF_UNITS);
    float value = gate == 2 ? tanhf(z) : gate_of(z, gate_kind);
    Four all = gather_lanes(value, lane, 2 * LANES_OF_UNITS, LANES_OF_UNITS);
    cell = all.at[1] * cell + all.at[0] * all.at[2];
    float h = all.at[3] * tanhf(cell);
    if (present) {
      int first = (t * batch + blockIdx.x) * units;
      if (gates) {
        gates[4 * first + column] = value;
      }
      // Each of a unit's lanes has all of this; each writes something else.
      if (gate == 0) {
        ((float*)state)[(t + 1) % 2 * MOST_UNITS + unit] = h;
      } else if (gate == 1) {
        hidden[first + unit] = h;
      } else if (gate == 2 && (gates || t + 1 == steps)) {
        cells[gates ? first + unit : n] = cell;
      }
    }
    __syncthreads();
  }
}
