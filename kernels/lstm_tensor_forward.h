// The steps of an LSTM layer of H <= 128 units by bf16 products on tensor cores, for a block that has all units or one
// of a cluster that share them:
//   z (H,4) = input + the h before times recurrent (H,4H) + bias (4H)
// and from there on as lstm_forward.cu. h and the recurrent kernel are rounded to bf16; the rest is float32, and
// outputs may be bf16.
// A warp has the gates of 8 units, as a tile of i and f and one of c and o: a lane has all gates of unit g = lane / 4
// of sequences 2 t and 2 t + 1, t = lane % 4. Its share of the recurrent kernel stays in registers; beyond the last
// unit it is zeros, and no product asks whether there is such a unit. A lane beyond the last unit or sequence does as
// the last does, and writes nothing. A step's input is asked for a step before, its ids two.
#pragma once
#include "lstm_tensor.h"

#define K_TILES (MOST_UNITS / 16)

#define ROW_BYTES ((int)sizeof(HalfRow<MOST_UNITS>))

// Of 8 rows of h from a place on, in bytes: what a lane loads for products, and its share as transposed gives it.
static __device__ __forceinline__ int loaded_at(int lane) {
  return lane % 8 * ROW_BYTES + lane / 8 * 8 * (int)sizeof(Half);
}

static __device__ __forceinline__ int given_at(int lane, int pair) {
  return lane / 4 * ROW_BYTES + pair * (int)sizeof(Half);
}

struct ForwardLayer {
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

// Writes h before the first step, a sequence a row, zeros beyond the last unit.
static __device__ __forceinline__ void begin_state(const ForwardLayer& layer, int first_sequence,
                                                   HalfRow<MOST_UNITS>* state) {
  for (int i = threadIdx.x; i < SEQUENCES * MOST_UNITS; i += blockDim.x) {
    int unit = i % MOST_UNITS;
    int b = first_sequence + i / MOST_UNITS;
    bool there = layer.first_hidden && unit < layer.units && b < layer.batch;
    state[i / MOST_UNITS].at[unit] = there ? layer.first_hidden[b * layer.units + unit] : (Half)0;
  }
}

// Goes through the steps for the warp's units from first_unit on and 8 sequences from first_sequence on. The exchange
// waits for all of h before a step, says where a lane's rows of it are, and takes the lane's share of h after it: that
// of two units of a sequence. CHAINS products of a tile need not wait for one another.
template <bool HARD, bool IDS, int CHAINS, typename Exchange>
static __device__ __forceinline__ void go_forward(const ForwardLayer& layer, int first_unit, int first_sequence,
                                                  Exchange exchange) {
  const float scale = gate_scale<HARD>();
  int batch = layer.batch;
  int units = layer.units;
  int lane = threadIdx.x % WARP;
  int column = lane % 4;
  int unit = opaque(min(first_unit + lane / 4, units - 1));
  // Of k = 16 j + (0..15), the unit's gates i and f, then c and o. The branch keeps the loads of tiles apart, which
  // would take too many registers at once.
  u32 kept[K_TILES][2][4] = {};
#pragma unroll
  for (int j = 0; j < K_TILES; j++) {
    if (16 * j < units) {
#pragma unroll
      for (int tile = 0; tile < 2; tile++) {
#pragma unroll
        for (int r = 0; r < 4; r++) {
          int k = 16 * j + 2 * column + r / 2 * 8;
          int gate = 2 * tile + r % 2;
          const float* from = layer.recurrent + (k * 4 + gate) * units + unit;
          float factor = gate == 2 ? 1.0f : scale;
          kept[j][tile][r] = pack_halves(k < units ? from[0] * factor : 0.0f,
                                         k + 1 < units ? from[4 * units] * factor : 0.0f);
        }
      }
    }
  }
  float bias[4];
#pragma unroll
  for (int gate = 0; gate < 4; gate++) {
    bias[gate] = layer.bias[gate * units + unit] * (gate == 2 ? 1.0f : scale);
  }
  // The lane's sequences, and whether it writes what it has of each.
  int b = first_sequence + 2 * column;
  int first = opaque(min(b, batch - 1));
  int beside = opaque(min(b + 1, batch - 1) - min(b, batch - 1));
  bool has_unit = first_unit + lane / 4 < units;
  // Of h it has units 2 t and 2 t + 1 of sequence g, as transposed gives it.
  int pair = first_unit + 2 * column;
  int owner = first_sequence + lane / 4;
  u32 writes = opaque((has_unit && b < batch) | (has_unit && b + 1 < batch) << 1 |
                      (owner < batch && pair < units) << 2 | (owner < batch && pair + 1 < units) << 3);
  int step = batch * units;
  int hidden_at = owner * units + pair;
  Four next[2];
  float cell[2];
  // The input's row in the step after the next.
  int row[2];
#pragma unroll
  for (int c = 0; c < 2; c++) {
    int sequence = first + c * beside;
    int now = IDS ? layer.ids[sequence] : sequence;
    int then = min(1, layer.steps - 1) * batch + sequence;
    row[c] = IDS ? layer.ids[then] : then;
    next[c] = {};
    if (now >= 0) {
      next[c] = layer.input[now * units + unit];
    }
    cell[c] = layer.first_cell ? layer.first_cell[sequence * units + unit] : 0.0f;
  }
  exchange.begin(lane, pair);
#pragma unroll 1
  for (int t = 0; t < layer.steps; t++) {
    exchange.wait(t);
    u32 h[K_TILES / 2][4];
#pragma unroll
    for (int j = 0; j < K_TILES / 2; j++) {
      load_matrices(h[j], exchange.before(32 * j));
    }
    float sum[CHAINS][2][4] = {};
    int ahead = min(t + 2, layer.steps - 1) * batch;
#pragma unroll
    for (int c = 0; c < 2; c++) {
#pragma unroll
      for (int gate = 0; gate < 4; gate++) {
        sum[0][gate / 2][gate % 2 * 2 + c] = next[c].at[gate] * (gate == 2 ? 1.0f : scale) + bias[gate];
      }
      next[c] = {};
      if (!IDS || row[c] >= 0) {
        next[c] = layer.input[row[c] * units + unit];
      }
      // Beyond the last step, the last is read again: a branch would stand in the way of what follows.
      row[c] = ahead + first + c * beside;
      if (IDS) {
        row[c] = layer.ids[row[c]];
      }
    }
#pragma unroll
    for (int j = 0; j < K_TILES; j++) {
#pragma unroll
      for (int tile = 0; tile < 2; tile++) {
        multiply_add(sum[j % CHAINS][tile], kept[j][tile], {h[j / 2][j % 2 * 2], h[j / 2][j % 2 * 2 + 1]});
      }
    }
    float out[2];
    KeptGates gates[2];
#pragma unroll
    for (int c = 0; c < 2; c++) {
      float z[4];
#pragma unroll
      for (int gate = 0; gate < 4; gate++) {
        z[gate] = sum[0][gate / 2][gate % 2 * 2 + c];
        if (CHAINS == 2) {
          z[gate] += sum[CHAINS - 1][gate / 2][gate % 2 * 2 + c];
        }
      }
      float i = quick_gate<HARD>(z[0]);
      float f = quick_gate<HARD>(z[1]);
      float candidate = quick_tanh(z[2]);
      float o = quick_gate<HARD>(z[3]);
      cell[c] = f * cell[c] + i * candidate;
      out[c] = o * quick_tanh(cell[c]);
      gates[c] = kept_gates(i, f, candidate, o);
    }
    u32 two = transposed(pack_halves(out[0], out[1]));
    exchange.give(two, t);
    Half* hidden = layer.hidden + hidden_at;
    if (writes & 4) {
      hidden[0] = two;
    }
    if (writes & 8) {
      hidden[1] = two >> 16;
    }
    if (layer.gates) {
#pragma unroll
      for (int c = 0; c < 2; c++) {
        int at = t * step + (first + c * beside) * units + unit;
        if (writes & 1 << c) {
          layer.gates[at] = gates[c];
          layer.cells[at] = cell[c];
        }
      }
    }
    hidden_at += step;
    exchange.end();
  }
#pragma unroll
  for (int c = 0; c < 2; c++) {
    if (!layer.gates && writes & 1 << c) {
      layer.cells[(first + c * beside) * units + unit] = cell[c];
    }
  }
}

// The same for a layer whose kind and input are told as it is launched.
template <int CHAINS, typename Exchange>
static __device__ __forceinline__ void go_forward(const ForwardLayer& layer, int gate_kind, int first_unit,
                                                  int first_sequence, Exchange exchange) {
  if (layer.ids) {
    if (gate_kind == HARD_SIGMOID) {
      go_forward<true, true, CHAINS>(layer, first_unit, first_sequence, exchange);
    } else {
      go_forward<false, true, CHAINS>(layer, first_unit, first_sequence, exchange);
    }
  } else if (gate_kind == HARD_SIGMOID) {
    go_forward<true, false, CHAINS>(layer, first_unit, first_sequence, exchange);
  } else {
    go_forward<false, false, CHAINS>(layer, first_unit, first_sequence, exchange);
  }
}
