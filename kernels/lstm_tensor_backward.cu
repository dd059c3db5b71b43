// The way back through an LSTM layer over T steps for B sequences and H <= 128 units in one launch, 8 sequences a
// block, by bf16 products on tensor cores: what a product and lstm_backward.cu compute for each step, from
// output_gradient (T,B,H), the gradient of h by way of the layer above, to sum_gradients (T,B,H,4), those of the gates'
// sums, a unit's side by side, both in bf16. gates (T,B,H,4) and cells (T,B,H) are as lstm_tensor_forward.cu left them,
// recurrent (H,4H) is its kernel, which is rounded to bf16 and stays in registers; first_cell (B,H) is null for zeros.
// Steps can be gone through in parts, the last first: cell_gradient (B,H) receives what the first step gives back to
// the cell before it; where follows is not 0, it holds what the step after the last gave back, whose sum_gradients
// follow those of these steps.
// Warp w has units 16 w + 8 p + g; each lane has g = lane / 4 of sequences 2 t and 2 t + 1, t = lane % 4. What a step
// reads of global memory is asked for a step before. One barrier a step, as forward. Launch ceil(B / 8) blocks of 32
// ceil(H / 16) threads. Elements are counted in 32 bits. sm_80 and newer.
// Bytes: 16 ceil(B / 8) H H + 22 T B H + 4 B H, and 4 B H more for a first cell, and 12 B H where steps follow.
// FLOPs: T B (8 H H + about 30 H).
#include "lstm_tensor.h"

#define TILES (MOST_UNITS / 4)
// Tiles that are computed where one of them has units: asking for each would cost more.
#define GROUP 8
// Sums beside each other, so that one product need not wait for the last.
#define CHAINS 4

struct Layer {
  const KeptGates* gates;
  const float* cells;
  const float* first_cell;
  const float* recurrent;
  const Half* output_gradient;
  PackedFour* sum_gradients;
  float* cell_gradient;
  int steps;
  int batch;
  int units;
  bool follows;
};

template <bool HARD>
static __device__ __forceinline__ void run(const Layer& layer, HalfRow<4 * MOST_UNITS>* state) {
  int batch = layer.batch;
  int units = layer.units;
  const TensorLane lane(batch, units);
  int tiles = (units + 3) / 4;
  // Of k = 16 j + (0..15), a unit's four gates after the other's, the lane's two units.
  u32 kept[TILES][4];
#pragma unroll
  for (int j = 0; j < TILES; j++) {
    if (j / GROUP * GROUP < tiles) {
#pragma unroll
      for (int r = 0; r < 4; r++) {
        int k = 16 * j + 2 * lane.column + r / 2 * 8;
        const float* from = layer.recurrent + (lane.unit + r % 2 * 8) * 4 * units + k % 4 * units + k / 4;
        bool there = lane.unit + r % 2 * 8 < units && k / 4 < units;
        kept[j][r] = pack_halves(there ? from[0] : 0.0f, there ? from[units] : 0.0f);
      }
    }
  }
  int step = batch * units;
  for (int i = threadIdx.x; i < 2 * TENSOR_SEQUENCES * MOST_UNITS; i += blockDim.x) {
    int unit = i % MOST_UNITS;
    int row = i / MOST_UNITS;
    int b = blockIdx.x * TENSOR_SEQUENCES + row % TENSOR_SEQUENCES;
    bool there = layer.follows && unit < units && b < batch && row / TENSOR_SEQUENCES == layer.steps % 2;
    *(PackedFour*)(state[row].at + 4 * unit) =
        there ? layer.sum_gradients[layer.steps * step + b * units + unit] : PackedFour{};
  }
  int at = (layer.steps - 1) * step + lane.sequence[0] * units + lane.unit;
  int beside = (lane.sequence[1] - lane.sequence[0]) * units;
  KeptGates next_gates[2][2] = {};
  Half next_gradient[2][2] = {};
  float cell[2][2] = {};
  float from_after[2][2] = {};
#pragma unroll
  for (int p = 0; p < 2; p++) {
#pragma unroll
    for (int c = 0; c < 2; c++) {
      if (lane.has_unit[p]) {
        int n = at + c * beside + 8 * p;
        next_gates[p][c] = layer.gates[n];
        next_gradient[p][c] = layer.output_gradient[n];
        cell[p][c] = layer.cells[n];
        if (layer.follows) {
          from_after[p][c] = layer.cell_gradient[n - (layer.steps - 1) * step];
        }
      }
    }
  }
  __syncthreads();
#pragma unroll 1
  for (int t = layer.steps - 1; t >= 0; t--) {
    KeptGates own[2][2];
    float dh[2][2];
    float before[2][2] = {};
    // Before the first step there is its own again, but for the cell, which is the first or 0.
    const float* cells = t > 0 ? layer.cells + (at - step) : layer.first_cell + (at - t * step);
    int ahead = t > 0 ? at - step : at;
#pragma unroll
    for (int c = 0; c < 2; c++) {
      const KeptGates* gates = layer.gates + (ahead + c * beside);
      const Half* output_gradient = layer.output_gradient + (ahead + c * beside);
#pragma unroll
      for (int p = 0; p < 2; p++) {
        own[p][c] = next_gates[p][c];
        dh[p][c] = widened(next_gradient[p][c]);
        if (lane.has_unit[p]) {
          if (t > 0 || layer.first_cell) {
            before[p][c] = cells[c * beside + 8 * p];
          }
          next_gates[p][c] = gates[8 * p];
          next_gradient[p][c] = output_gradient[8 * p];
        }
      }
    }
    const HalfRow<4 * MOST_UNITS>* after = state + (t + 1) % 2 * TENSOR_SEQUENCES;
    float sum[CHAINS][4] = {};
#pragma unroll
    for (int j = 0; j < TILES; j += 2) {
      if (j / GROUP * GROUP < tiles) {
        u32 dz[4];
        load_matrices(dz, after[lane.matrix_row].at + 16 * j + lane.matrix_column);
        multiply_add(sum[j % CHAINS], kept[j], {dz[0], dz[1]});
        multiply_add(sum[(j + 1) % CHAINS], kept[j + 1], {dz[2], dz[3]});
      }
    }
    HalfRow<4 * MOST_UNITS>* now = state + t % 2 * TENSOR_SEQUENCES + 2 * lane.column;
#pragma unroll
    for (int c = 0; c < 2; c++) {
      PackedFour* sum_gradients = layer.sum_gradients + (at + c * beside);
#pragma unroll
      for (int p = 0; p < 2; p++) {
        int e = 2 * p + c;
        Four gates = gates_of(own[p][c]);
        float i = gates.at[0];
        float f = gates.at[1];
        float candidate = gates.at[2];
        float o = gates.at[3];
        float d = dh[p][c] + ((sum[0][e] + sum[1][e]) + (sum[2][e] + sum[3][e]));
        float tanh_cell = quick_tanh(cell[p][c]);
        float dc = from_after[p][c] + d * o * (1.0f - tanh_cell * tanh_cell);
        from_after[p][c] = dc * f;
        PackedFour dz = packed(dc * candidate * slope<HARD>(i), dc * before[p][c] * slope<HARD>(f),
                                    dc * i * (1.0f - candidate * candidate), d * tanh_cell * slope<HARD>(o));
        // Of units that are not there this is 0.
        *(PackedFour*)(now[c].at + 4 * (lane.unit + 8 * p)) = dz;
        if (lane.has[p][c]) {
          sum_gradients[8 * p] = dz;
        }
        cell[p][c] = before[p][c];
      }
    }
    at -= step;
    __syncthreads();
  }
#pragma unroll
  for (int p = 0; p < 2; p++) {
#pragma unroll
    for (int c = 0; c < 2; c++) {
      if (lane.has[p][c]) {
        layer.cell_gradient[at + step + c * beside + 8 * p] = from_after[p][c];
      }
    }
  }
}

extern "C" __global__ void __launch_bounds__(TENSOR_THREADS) lstm_tensor_backward(
    const KeptGates* __restrict__ gates, const float* __restrict__ cells, const float* __restrict__ first_cell,
    const float* __restrict__ recurrent, const Half* __restrict__ output_gradient, PackedFour* sum_gradients,
    float* __restrict__ cell_gradient, int steps, int batch, int units, int gate_kind, int follows) {
  // The gradients of the step after and of this one, a sequence a row; zeros beyond the last unit.
  SHARED_ARRAY(HalfRow<4 * MOST_UNITS>, state, 2 * TENSOR_SEQUENCES);
  Layer layer = {gates, cells, first_cell, recurrent, output_gradient, sum_gradients, cell_gradient, steps,
                 batch, units, follows != 0};
  if (!TENSOR_CORES) {
    return;
  }
  if (gate_kind == HARD_SIGMOID) {
    run<true>(layer, state);
  } else {
    run<false>(layer, state);
  }
}
