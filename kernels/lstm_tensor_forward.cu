// An LSTM layer over T steps for B sequences and H <= 128 units in one launch, 8 sequences a block, by bf16 products on
// tensor cores: what a product and lstm_forward.cu compute for each step from
//   z (H,4) = input + the h before times recurrent (H,4H) + bias (4H)
// on, where h and the recurrent kernel are rounded to bf16, and all else is float32 but for what is given out in bf16.
// The recurrent kernel stays in registers. The input's row is that of the sequence's id in ids (T,B), where that is not
// null, and below 0 there is none, which counts as zeros; else its own of (T,B,H,4), a unit's gates side by side.
// first_hidden (B,H) in bf16 and first_cell (B,H) are null for zeros. gates (T,B,H,4) receives s(z) and tanh(z_c), 16
// bits each; cells (T,B,H) receives the cells. Where gates is null, none are kept, and cells (B,H) receives the last.
// hidden (T,B,H) receives h in bf16. tanh is the quick one of device.h. NaN stays NaN, but not in gates.
// Warp w has the gates of units 16 w + 8 p + g: as tiles 2 p of i and f, and 2 p + 1 of c and o, so that each lane has
// all gates of units g = lane / 4 of sequences 2 t and 2 t + 1, t = lane % 4. What a step reads of global memory is
// asked for a step before, its ids two. One barrier a step: h before it lies elsewhere than h after it. Launch
// ceil(B / 8) blocks of 32 ceil(H / 16) threads. Elements are counted in 32 bits. sm_80 and newer.
// Bytes: 16 ceil(B / 8) H H + T B (30 H + 4), less 4 T B without ids, less 4 B H (3 T - 1) without gates, and 6 B H
// more for a first state. FLOPs: T B (8 H H + about 30 H).
#include "lstm_tensor.h"

#define TILES (MOST_UNITS / 16)

struct Layer {
  const Four* input;
  const int* ids;
  const float* recurrent;
  const float* bias;
  const Half* first_hidden;
  const float* first_cell;
  KeptGates* gates;
  float* cells;
  Half* hidden;
  int steps;
  int batch;
  int units;
};

template <bool HARD>
static __device__ __forceinline__ void run(const Layer& layer, HalfRow<MOST_UNITS>* state) {
  int batch = layer.batch;
  int units = layer.units;
  const TensorLane lane(batch, units);
  int tiles = tiles_of(units);
  // Of k = 16 j + (0..15), the gates i and f, then c and o, of the lane's two units.
  u32 kept[TILES][4][4];
#pragma unroll
  for (int j = 0; j < TILES; j++) {
    if (j < tiles) {
#pragma unroll
      for (int tile = 0; tile < 4; tile++) {
#pragma unroll
        for (int r = 0; r < 4; r++) {
          int k = 16 * j + 2 * lane.column + r / 2 * 8;
          bool has = lane.unit + tile / 2 * 8 < units;
          const float* from = layer.recurrent + (k * 4 + tile % 2 * 2 + r % 2) * units + lane.unit + tile / 2 * 8;
          kept[j][tile][r] = pack_halves(has && k < units ? from[0] : 0.0f,
                                         has && k + 1 < units ? from[4 * units] : 0.0f);
        }
      }
    }
  }
  for (int i = threadIdx.x; i < 2 * TENSOR_SEQUENCES * MOST_UNITS; i += blockDim.x) {
    int unit = i % MOST_UNITS;
    int b = blockIdx.x * TENSOR_SEQUENCES + i / MOST_UNITS;
    bool there = layer.first_hidden && unit < units && i < TENSOR_SEQUENCES * MOST_UNITS && b < batch;
    state[i / MOST_UNITS].at[unit] = there ? layer.first_hidden[b * units + unit] : (Half)0;
  }
  Four bias[2] = {};
  Four next[2][2] = {};
  float cell[2][2] = {};
  int id[2];
#pragma unroll
  for (int p = 0; p < 2; p++) {
#pragma unroll
    for (int gate = 0; gate < 4; gate++) {
      bias[p].at[gate] = lane.has_unit[p] ? layer.bias[gate * units + lane.unit + 8 * p] : 0.0f;
    }
  }
#pragma unroll
  for (int c = 0; c < 2; c++) {
    int row = layer.ids ? layer.ids[lane.sequence[c]] : lane.sequence[c];
    id[c] = layer.ids ? layer.ids[min(1, layer.steps - 1) * batch + lane.sequence[c]] : 0;
#pragma unroll
    for (int p = 0; p < 2; p++) {
      if (lane.has_unit[p]) {
        if (row >= 0) {
          next[p][c] = layer.input[row * units + lane.unit + 8 * p];
        }
        if (layer.first_cell) {
          cell[p][c] = layer.first_cell[lane.sequence[c] * units + lane.unit + 8 * p];
        }
      }
    }
  }
  int at = lane.sequence[0] * units + lane.unit;
  int beside = (lane.sequence[1] - lane.sequence[0]) * units;
  __syncthreads();
#pragma unroll 1
  for (int t = 0; t < layer.steps; t++) {
    float sum[4][4];
#pragma unroll
    for (int p = 0; p < 2; p++) {
#pragma unroll
      for (int c = 0; c < 2; c++) {
#pragma unroll
        for (int gate = 0; gate < 4; gate++) {
          sum[2 * p + gate / 2][gate % 2 * 2 + c] = next[p][c].at[gate] + bias[p].at[gate];
        }
      }
    }
    // Beyond the last step, what was read is read again: a branch would stand in the way of what follows.
#pragma unroll
    for (int c = 0; c < 2; c++) {
      int row = layer.ids ? id[c] : min(t + 1, layer.steps - 1) * batch + lane.sequence[c];
      if (layer.ids) {
        id[c] = layer.ids[min(t + 2, layer.steps - 1) * batch + lane.sequence[c]];
      }
      const Four* from = layer.input + (row * units + lane.unit);
#pragma unroll
      for (int p = 0; p < 2; p++) {
        next[p][c] = {};
        if (row >= 0 && lane.has_unit[p]) {
          next[p][c] = from[8 * p];
        }
      }
    }
    const HalfRow<MOST_UNITS>* before = state + t % 2 * TENSOR_SEQUENCES;
#pragma unroll
    for (int j = 0; j < TILES; j += 2) {
      if (j < tiles) {
        u32 h[4];
        load_matrices(h, before[lane.matrix_row].at + 16 * j + lane.matrix_column);
#pragma unroll
        for (int tile = 0; tile < 4; tile++) {
          multiply_add(sum[tile], kept[j][tile], {h[0], h[1]});
        }
        if (j + 1 < tiles) {
#pragma unroll
          for (int tile = 0; tile < 4; tile++) {
            multiply_add(sum[tile], kept[j + 1][tile], {h[2], h[3]});
          }
        }
      }
    }
    HalfRow<MOST_UNITS>* after = state + (t + 1) % 2 * TENSOR_SEQUENCES + 2 * lane.column;
    KeptGates gates[2][2];
#pragma unroll
    for (int p = 0; p < 2; p++) {
      float h[2];
#pragma unroll
      for (int c = 0; c < 2; c++) {
        float i = quick_gate<HARD>(sum[2 * p][c]);
        float f = quick_gate<HARD>(sum[2 * p][2 + c]);
        float candidate = quick_tanh(sum[2 * p + 1][c]);
        float o = quick_gate<HARD>(sum[2 * p + 1][2 + c]);
        cell[p][c] = f * cell[p][c] + i * candidate;
        h[c] = o * quick_tanh(cell[p][c]);
        gates[p][c] = kept_gates(i, f, candidate, o);
      }
      u32 both = pack_halves(h[0], h[1]);
      // Of units that are not there this is 0.
      after[0].at[lane.unit + 8 * p] = both;
      after[1].at[lane.unit + 8 * p] = both >> 16;
      if (lane.has[p][0]) {
        (layer.hidden + at)[8 * p] = both;
      }
      if (lane.has[p][1]) {
        (layer.hidden + (at + beside))[8 * p] = both >> 16;
      }
    }
    if (layer.gates) {
#pragma unroll
      for (int c = 0; c < 2; c++) {
#pragma unroll
        for (int p = 0; p < 2; p++) {
          if (lane.has[p][c]) {
            (layer.gates + (at + c * beside))[8 * p] = gates[p][c];
            (layer.cells + (at + c * beside))[8 * p] = cell[p][c];
          }
        }
      }
    }
    at += batch * units;
    __syncthreads();
  }
  if (!layer.gates) {
#pragma unroll
    for (int c = 0; c < 2; c++) {
#pragma unroll
      for (int p = 0; p < 2; p++) {
        if (lane.has[p][c]) {
          layer.cells[lane.sequence[c] * units + lane.unit + 8 * p] = cell[p][c];
        }
      }
    }
  }
}

extern "C" __global__ void __launch_bounds__(TENSOR_THREADS) lstm_tensor_forward(
    const Four* __restrict__ input, const int* __restrict__ ids, const float* __restrict__ recurrent,
    const float* __restrict__ bias, const Half* __restrict__ first_hidden, const float* __restrict__ first_cell,
    KeptGates* __restrict__ gates, float* __restrict__ cells, Half* __restrict__ hidden, int steps, int batch,
    int units, int gate_kind) {
  // h before a step and after it, a sequence a row; zeros beyond the last unit.
  SHARED_ARRAY(HalfRow<MOST_UNITS>, state, 2 * TENSOR_SEQUENCES);
  Layer layer = {input, ids, recurrent, bias, first_hidden, first_cell, gates, cells, hidden, steps, batch, units};
  if (!TENSOR_CORES) {
    return;
  }
  if (gate_kind == HARD_SIGMOID) {
    run<true>(layer, state);
  } else {
    run<false>(layer, state);
  }
}
