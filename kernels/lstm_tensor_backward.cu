// The way back through an LSTM layer over T steps for B sequences and H <= 128 units in one launch, 8 sequences a
// block, by bf16 products on tensor cores: what a product and lstm_backward.cu compute for each step, from
// output_gradient (T,B,H), the gradient of h by way of the layer above, to sum_gradients (T,B,H,4), those of the gates'
// sums, a unit's side by side, both in bf16. gates (T,B,H,4) and cells (T,B,H) are as lstm_tensor_forward.cu left them,
// recurrent (H,4H) is its kernel, which is rounded to bf16 and stays in registers; first_cell (B,H) is null for zeros.
// Steps can be gone through in parts, the last first: cell_gradient (B,H) receives what the first step gives back to
// the cell before it; where follows is not 0, it holds what the step after the last gave back, whose sum_gradients
// follow those of these steps.
// Warp w has units 16 w + 8 p + g; each lane has g = lane / 4 of sequences 2 t and 2 t + 1, t = lane % 4. Beyond the
// last unit its share of the recurrent kernel is zeros, and no product asks whether there is such a unit. A step's
// loads are asked for a step before. One barrier a step, as forward. Launch ceil(B / 8) blocks of 32 ceil(H / 16)
// threads. Elements are counted in 32 bits. sm_80 and newer.
// Bytes: 16 ceil(B / 8) H H + 22 T B H + 4 B H, and 4 B H more for a first cell, and 12 B H where steps follow.
// FLOPs: T B (8 H H + about 30 H).
#include "lstm_tensor_backward.h"

#define WARP_UNITS 16
#define THREADS (WARP * MOST_UNITS / WARP_UNITS)
#define K_TILES (MOST_UNITS / 4)
// Sums beside each other, so that one product need not wait for the last.
#define CHAINS 4

typedef HalfRow<4 * MOST_UNITS> Row;

template <bool HARD>
static __device__ __forceinline__ void run(const BackwardLayer& layer, Row* state) {
  int batch = layer.batch;
  int units = layer.units;
  int lane = threadIdx.x % WARP;
  int column = lane % 4;
  int own = threadIdx.x / WARP * WARP_UNITS + lane / 4;
  // Of k = 16 j + (0..15), a unit's four gates after the other's, the lane's two units. The branch keeps the loads of
  // tiles apart, which would take too many registers at once.
  u32 kept[K_TILES][4] = {};
#pragma unroll
  for (int j = 0; j < K_TILES; j++) {
    if (4 * j < units) {
#pragma unroll
      for (int r = 0; r < 4; r++) {
        int k = 16 * j + 2 * column + r / 2 * 8;
        const float* from = layer.recurrent + ((own + r % 2 * 8) * 4 + k % 4) * units + k / 4;
        bool there = own + r % 2 * 8 < units && k / 4 < units;
        kept[j][r] = pack_halves(there ? from[0] : 0.0f, there ? from[units] : 0.0f);
      }
    }
  }
  int step = batch * units;
  int first_sequence = blockIdx.x * SEQUENCES;
  for (int i = threadIdx.x; i < 2 * SEQUENCES * MOST_UNITS; i += blockDim.x) {
    int unit = i % MOST_UNITS;
    int row = i / MOST_UNITS;
    int b = first_sequence + row % SEQUENCES;
    bool there = layer.follows && unit < units && b < batch && row < SEQUENCES;
    *(PackedFour*)(state[row].at + 4 * unit) =
        there ? layer.sum_gradients[layer.steps * step + b * units + unit] : PackedFour{};
  }
  // A lane beyond the last unit or sequence reads what is the last's, and writes nothing.
  int b = first_sequence + 2 * column;
  int n[2];
  u32 writes[2];
#pragma unroll
  for (int p = 0; p < 2; p++) {
    n[p] = opaque(min(b, batch - 1) * units + min(own + 8 * p, units - 1));
    bool has = own + 8 * p < units;
    writes[p] = opaque((has && b < batch) | (has && b + 1 < batch) << 1);
  }
  int beside = opaque((min(b + 1, batch - 1) - min(b, batch - 1)) * units);
  int loaded_at = opaque(bytes_in(state, state[lane % 8].at + lane / 8 * 8));
  int given_at = opaque(bytes_in(state, state[2 * column].at + 4 * own));
  StepBack next[2][2];
  float cell[2][2];
  float from_after[2][2];
  int at = (layer.steps - 1) * step;
#pragma unroll
  for (int p = 0; p < 2; p++) {
#pragma unroll
    for (int c = 0; c < 2; c++) {
      next[p][c] = read_step(layer, at, cells_before(layer, at), n[p] + c * beside);
      cell[p][c] = layer.cells[at + n[p] + c * beside];
      from_after[p][c] = layer.follows ? layer.cell_gradient[n[p] + c * beside] : 0.0f;
    }
  }
  __syncthreads();
  int side = 0;
#pragma unroll 1
  for (int t = layer.steps - 1; t >= 0; t--) {
    const char* after = (const char*)state + side;
    float sum[CHAINS][4] = {};
#pragma unroll
    for (int j = 0; j < K_TILES; j += 2) {
      u32 dz[4];
      load_matrices(dz, after + (loaded_at + 16 * j * (int)sizeof(Half)));
      multiply_add(sum[j % CHAINS], kept[j], {dz[0], dz[1]});
      multiply_add(sum[(j + 1) % CHAINS], kept[j + 1], {dz[2], dz[3]});
    }
    // All that needs no products, and then the loads of the step before; beyond the first it is read again.
    Factors by[2][2];
    float dh[2][2];
    u32 known = t > 0 || layer.first_cell ? 0xffffffffu : 0;
#pragma unroll
    for (int p = 0; p < 2; p++) {
#pragma unroll
      for (int c = 0; c < 2; c++) {
        float before = __uint_as_float(__float_as_uint(next[p][c].before) & known);
        // Else the compiler computes a tanh of the next step's cell here, and waits for that cell's load.
        by[p][c] = factors_of<HARD>(next[p][c], before, opaque(cell[p][c]));
        cell[p][c] = before;
        dh[p][c] = widened(next[p][c].output_gradient);
      }
    }
    int ahead = max(at - step, 0);
    const float* cells = cells_before(layer, ahead);
#pragma unroll
    for (int p = 0; p < 2; p++) {
#pragma unroll
      for (int c = 0; c < 2; c++) {
        next[p][c] = read_step(layer, ahead, cells, n[p] + c * beside);
      }
    }
    side = SEQUENCES * (int)sizeof(Row) - side;
#pragma unroll
    for (int p = 0; p < 2; p++) {
#pragma unroll
      for (int c = 0; c < 2; c++) {
        int e = 2 * p + c;
        dh[p][c] += (sum[0][e] + sum[1][e]) + (sum[2][e] + sum[3][e]);
        PackedFour sums = go_back(by[p][c], dh[p][c], from_after[p][c]);
        int to = side + given_at + c * (int)sizeof(Row) + p * 8 * (int)sizeof(PackedFour);
        *(PackedFour*)((char*)state + to) = sums;
        if (writes[p] & 1 << c) {
          layer.sum_gradients[at + n[p] + c * beside] = sums;
        }
      }
    }
    at -= step;
    __syncthreads();
  }
#pragma unroll
  for (int p = 0; p < 2; p++) {
#pragma unroll
    for (int c = 0; c < 2; c++) {
      if (writes[p] & 1 << c) {
        layer.cell_gradient[n[p] + c * beside] = from_after[p][c];
      }
    }
  }
}

extern "C" __global__ void __launch_bounds__(THREADS) lstm_tensor_backward(
    const KeptGates* __restrict__ gates, const float* __restrict__ cells, const float* __restrict__ first_cell,
    const float* __restrict__ recurrent, const Half* __restrict__ output_gradient, PackedFour* sum_gradients,
    float* __restrict__ cell_gradient, int steps, int batch, int units, int gate_kind, int follows) {
  // The gradients of the step after and of this one, a sequence a row.
  SHARED_ARRAY(Row, state, 2 * SEQUENCES);
  BackwardLayer layer = {gates, cells, first_cell, recurrent, output_gradient, sum_gradients, cell_gradient, steps,
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
