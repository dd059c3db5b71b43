// The backward pass of a recurrent layer by one block for 8 sequences, with a barrier per step. Warp w has units 16 w +
// 8 p + g; each lane has g = lane / 4 and the sequences 2 t and 2 t + 1, t = lane % 4. Beyond the last unit a lane's
// share of the recurrent kernel is zeros, so products need no bounds check. A step's loads are issued one step earlier.
#pragma once
#include "rnn_tensor_backward.h"

#define WARP_UNITS 16
#define THREADS (WARP * MOST_UNITS / WARP_UNITS)
// Independent chains of sums, so a product need not wait for the one before.
#define CHAINS 4

// The gradients of all sums of a sequence.
template <typename Cell>
using Row = HalfRow<Cell::SLOTS * MOST_UNITS>;

template <bool HARD, typename Cell>
static __device__ __forceinline__ void go_back(const BackwardLayer<Cell>& layer, Row<Cell>* state) {
  const int SLOTS = Cell::SLOTS;
  const int K_TILES = SLOTS * MOST_UNITS / 16;
  int batch = layer.batch;
  int units = layer.units;
  int lane = threadIdx.x % WARP;
  int column = lane % 4;
  int own = threadIdx.x / WARP * WARP_UNITS + lane / 4;
  // Column k = 16 j + (0..15) is a slot, counted unit by unit; a lane has the rows of its two units. The
  // branch keeps the loads of tiles apart, because together they would take too many registers.
  u32 kept[K_TILES][4] = {};
#pragma unroll
  for (int j = 0; j < K_TILES; j++) {
    if (16 / SLOTS * j < units) {
#pragma unroll
      for (int r = 0; r < 4; r++) {
        int k = 16 * j + 2 * column + r / 2 * 8;
        int unit = own + r % 2 * 8;
        kept[j][r] = pack_halves(weight_of(layer, unit, k), weight_of(layer, unit, k + 1));
      }
    }
  }
  // The recurrent kernel was complete before the previous launch began.
  wait_for_launch_before();
  int step = batch * units;
  int first_sequence = blockIdx.x * SEQUENCES;
  for (int i = threadIdx.x; i < 2 * SEQUENCES * MOST_UNITS; i += blockDim.x) {
    int unit = i % MOST_UNITS;
    int row = i / MOST_UNITS;
    *(typename Cell::Sums*)(state[row].at + SLOTS * unit) =
        sums_after(layer, row < SEQUENCES ? first_sequence + row : batch, unit);
  }
  // A lane beyond the last unit or sequence reads the last's data, and writes nothing.
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
  int given_at = opaque(bytes_in(state, state[2 * column].at + SLOTS * own));
  StepBack<Cell> next[2][2];
  float now[2][2];
  float from_after[2][2];
  int at = (layer.steps - 1) * step;
#pragma unroll
  for (int p = 0; p < 2; p++) {
#pragma unroll
    for (int c = 0; c < 2; c++) {
      next[p][c] = read_step(layer, at, states_before(layer, at), n[p] + c * beside);
      now[p][c] = Cell::OF_STEP ? widened(layer.states[at + n[p] + c * beside]) : 0.0f;
      from_after[p][c] = Cell::KEEPS && layer.follows ? layer.carried_gradient[n[p] + c * beside] : 0.0f;
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
    // Computes all that needs no products, then loads the previous time step; the first step is loaded again.
    typename Cell::Factors by[2][2];
    float dh[2][2];
    u32 known = t > 0 || layer.first_state ? 0xffffffffu : 0;
#pragma unroll
    for (int p = 0; p < 2; p++) {
#pragma unroll
      for (int c = 0; c < 2; c++) {
        float before = __uint_as_float(__float_as_uint(widened(next[p][c].before)) & known);
        // Without opaque() the compiler would compute the next step's tanh(cell) here and wait for the cell's load, or
        // compute all of the next step.
        if (!Cell::CELLS) {
          before = opaque(before);
        }
        by[p][c] = Cell::factors(HARD, next[p][c].kept, before, Cell::OF_STEP ? opaque(now[p][c]) : 0.0f);
        now[p][c] = before;
        dh[p][c] = widened(next[p][c].output_gradient);
        if (!Cell::CELLS) {
          dh[p][c] = opaque(dh[p][c]);
        }
      }
    }
    int ahead = max(at - step, 0);
    const typename Cell::Before* before = states_before(layer, ahead);
#pragma unroll
    for (int p = 0; p < 2; p++) {
#pragma unroll
      for (int c = 0; c < 2; c++) {
        next[p][c] = read_step(layer, ahead, before, n[p] + c * beside);
      }
    }
    side = SEQUENCES * (int)sizeof(Row<Cell>) - side;
#pragma unroll
    for (int p = 0; p < 2; p++) {
#pragma unroll
      for (int c = 0; c < 2; c++) {
        int e = 2 * p + c;
        dh[p][c] += (sum[0][e] + sum[1][e]) + (sum[2][e] + sum[3][e]);
        typename Cell::Sums sums = Cell::go_back(by[p][c], dh[p][c], from_after[p][c]);
        int to = side + given_at + c * (int)sizeof(Row<Cell>) + p * 8 * (int)sizeof(typename Cell::Sums);
        *(typename Cell::Sums*)((char*)state + to) = sums;
        if (writes[p] & 1 << c) {
          layer.sum_gradients[at + n[p] + c * beside] = sums;
        }
      }
    }
    at -= step;
    __syncthreads();
  }
  let_next_launch_begin();
#pragma unroll
  for (int p = 0; p < 2; p++) {
#pragma unroll
    for (int c = 0; c < 2; c++) {
      if (Cell::KEEPS && writes[p] & 1 << c) {
        layer.carried_gradient[n[p] + c * beside] = from_after[p][c];
      }
    }
  }
}

template <typename Cell>
static __device__ __forceinline__ void run(const BackwardLayer<Cell>& layer, bool hard) {
  // The gradients of the later step and of this step, a sequence per row.
  SHARED_ARRAY(Row<Cell>, state, 2 * SEQUENCES);
  if (!TENSOR_CORES) {
    return;
  }
  if (hard) {
    go_back<true>(layer, state);
  } else {
    go_back<false>(layer, state);
  }
}
