// The steps of a recurrent layer of H <= 128 units by bf16 products on tensor cores, for a block that has all units or
// one of a cluster that share them. h and the recurrent kernel are rounded to bf16; the rest is float32. A cell is a
// struct of static members:
//   SLOTS                    sums of a unit, side by side in the input: 4, or 1
//   GATES                    number of leading slots to which h times the recurrent kernel (H,GATES H) is added
//   scale(slot), bias(...)   the factor of a slot's sum, and its bias before that factor
//   Input, Kept              a unit's input sums, and the values kept of a step for the backward pass
//   forward(...)             h of a step and the kept values, from the sums and a number carried from step to step
//   KEEPS                    whether there are such a carried number and kept values
//   CELLS                    whether the carried number is a cell, which is kept as well; else it is h in float32
// A warp has 8 units, two slots per tile, slots 0 and 1 first: a lane has all slots of unit g = lane / 4 of sequences
// 2 t and 2 t + 1, t = lane % 4. Its share of the recurrent kernel stays in registers; beyond the last unit the share
// is zeros, so products need no bounds check. A lane beyond the last unit or sequence repeats the last's work, and
// writes nothing. A step's input is loaded one step earlier, its ids two.
#pragma once
#include "rnn_tensor.h"

#define K_TILES (MOST_UNITS / 16 / SHARES)

template <typename Cell>
struct ForwardLayer {
  const typename Cell::Input* input;
  const int* ids;
  const float* recurrent;
  const float* bias;
  const Half* first_hidden;
  const float* first_carried;
  typename Cell::Kept* kept;
  float* carried;
  Half* hidden;
  int steps;
  int batch;
  int units;
};

// Writes h before the first step, zeros beyond the last unit. `place` gives the place of a sequence's unit.
template <typename Cell, typename Place>
static __device__ __forceinline__ void begin_state(const ForwardLayer<Cell>& layer, int first_sequence, Place place) {
  for (int i = threadIdx.x; i < SEQUENCES * MOST_UNITS; i += blockDim.x) {
    int unit = i % MOST_UNITS;
    int b = first_sequence + i / MOST_UNITS;
    bool there = layer.first_hidden && unit < layer.units && b < layer.batch;
    *place(i / MOST_UNITS, unit) = there ? layer.first_hidden[b * layer.units + unit] : (Half)0;
  }
}

// Goes through the steps for the warp's units from first_unit on and 8 sequences from first_sequence on. The exchange
// prepares h before the first step, waits for all of h before a step, gives the place of a lane's rows of h, and takes
// the lane's share of the new h: two units of a sequence. CHAINS products per tile are independent of one another. If
// warps share the products of units, each has those by some units of h.
template <bool HARD, bool IDS, int CHAINS, typename Cell, typename Exchange>
static __device__ __forceinline__ void go_forward(const ForwardLayer<Cell>& layer, int first_unit, int first_sequence,
                                                  Exchange exchange) {
  const int SLOTS = Cell::SLOTS;
  const int GATES = Cell::GATES;
  const int TILES = (SLOTS + 1) / 2;
  int batch = layer.batch;
  int units = layer.units;
  int lane = threadIdx.x % WARP;
  int column = lane % 4;
  int unit = opaque(min(first_unit + lane / 4, units - 1));
  // The first unit of h of this warp's products; the warps that begin at 0 compute the gates.
  int first_k = SHARES > 1 ? threadIdx.x / WARP / UNIT_WARPS * (MOST_UNITS / SHARES) : 0;
  // Column k = 16 j + (0..15) is a unit of h; rows are each unit's first two slots, then the other two. The branch
  // keeps the loads of tiles apart, because together they would take too many registers.
  u32 kept[K_TILES][TILES][4] = {};
#pragma unroll
  for (int j = 0; j < K_TILES; j++) {
    if (first_k + 16 * j < units) {
#pragma unroll
      for (int tile = 0; tile < TILES; tile++) {
#pragma unroll
        for (int r = 0; r < 4; r++) {
          int k = first_k + 16 * j + 2 * column + r / 2 * 8;
          int slot = 2 * tile + r % 2;
          const float* from = layer.recurrent + (k * GATES + slot) * units + unit;
          float factor = Cell::scale(HARD, slot);
          kept[j][tile][r] = pack_halves(slot < GATES && k < units ? from[0] * factor : 0.0f,
                                         slot < GATES && k + 1 < units ? from[GATES * units] * factor : 0.0f);
        }
      }
    }
  }
  float bias[SLOTS];
#pragma unroll
  for (int slot = 0; slot < SLOTS; slot++) {
    bias[slot] = Cell::bias(layer.bias, slot, units, unit) * Cell::scale(HARD, slot);
  }
  // The previous launch writes no weights: it is interleave_gates, convert, or an earlier part of these steps.
  wait_for_launch_before();
  // Next is another part of these steps, or the head, whose blocks wait on otherwise idle multiprocessors.
  let_next_launch_begin();
  // The lane's sequences, and whether it writes each sequence's results.
  int b = first_sequence + 2 * column;
  int first = opaque(min(b, batch - 1));
  int beside = opaque(min(b + 1, batch - 1) - min(b, batch - 1));
  bool has_unit = first_unit + lane / 4 < units;
  // A lane's share of h: units 2 t and 2 t + 1 of sequence g, as transposed() gives them.
  int pair = first_unit + 2 * column;
  int owner = first_sequence + lane / 4;
  u32 writes = opaque((has_unit && b < batch) | (has_unit && b + 1 < batch) << 1 |
                      (owner < batch && pair < units) << 2 | (owner < batch && pair + 1 < units) << 3);
  int step = batch * units;
  int hidden_at = owner * units + pair;
  typename Cell::Input next[2];
  float carried[2];
  // The input's row for the step after the next.
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
    int at = sequence * units + unit;
    // h in float32 may overwrite its source, because the lane that writes a value also read it.
    carried[c] = 0.0f;
    if (layer.first_carried && (Cell::CELLS || writes & 1 << c)) {
      carried[c] = layer.first_carried[at];
    } else if (!Cell::CELLS && layer.first_hidden) {
      carried[c] = widened(layer.first_hidden[at]);
    }
  }
  exchange.prepare(layer, first_sequence);
  exchange.begin(lane, pair);
  if constexpr (SHARES > 1) {
    if (first_k > 0) {
#pragma unroll 1
      for (int t = 0; t < layer.steps; t++) {
        exchange.wait(t);
        float sum[CHAINS][TILES][4] = {};
#pragma unroll
        for (int j = 0; j < K_TILES / 2; j++) {
          u32 h[4];
          load_matrices(h, exchange.before(first_k + 32 * j));
#pragma unroll
          for (int tile = 0; tile < TILES; tile++) {
            multiply_add(sum[0][tile], kept[2 * j][tile], {h[0], h[1]});
            multiply_add(sum[1][tile], kept[2 * j + 1][tile], {h[2], h[3]});
          }
        }
#pragma unroll
        for (int i = 0; i < 4 * TILES; i++) {
          sum[0][i / 4][i % 4] += sum[1][i / 4][i % 4];
        }
        exchange.share(sum[0]);
        exchange.end();
      }
      return;
    }
  }
#pragma unroll 1
  for (int t = 0; t < layer.steps; t++) {
    exchange.wait(t);
    u32 h[K_TILES / 2][4];
#pragma unroll
    for (int j = 0; j < K_TILES / 2; j++) {
      load_matrices(h[j], exchange.before(32 * j));
    }
    float sum[CHAINS][TILES][4] = {};
    int ahead = min(t + 2, layer.steps - 1) * batch;
#pragma unroll
    for (int c = 0; c < 2; c++) {
#pragma unroll
      for (int slot = 0; slot < SLOTS; slot++) {
        // Without opaque() the compiler would add the bias where the step before loads this, and wait there; cells do
        // not need this.
        float of_input = Cell::CELLS && MOST_UNITS == 128 ? next[c].at[slot] : opaque(next[c].at[slot]);
        sum[0][slot / 2][slot % 2 * 2 + c] = of_input * Cell::scale(HARD, slot) + bias[slot];
      }
      next[c] = {};
      if (!IDS || row[c] >= 0) {
        next[c] = layer.input[row[c] * units + unit];
      }
      // Beyond the last step, the last is loaded again, because a branch would hinder the scheduling of the rest.
      row[c] = ahead + first + c * beside;
      if (IDS) {
        row[c] = layer.ids[row[c]];
      }
    }
#pragma unroll
    for (int j = 0; j < K_TILES; j++) {
#pragma unroll
      for (int tile = 0; tile < TILES; tile++) {
        multiply_add(sum[j % CHAINS][tile], kept[j][tile], {h[j / 2][j % 2 * 2], h[j / 2][j % 2 * 2 + 1]});
      }
    }
    if constexpr (SHARES > 1) {
      exchange.add_shared(sum[0]);
    }
    float out[2];
    typename Cell::Kept of_step[2];
#pragma unroll
    for (int c = 0; c < 2; c++) {
      float z[SLOTS];
#pragma unroll
      for (int slot = 0; slot < SLOTS; slot++) {
        z[slot] = sum[0][slot / 2][slot % 2 * 2 + c];
        if (CHAINS == 2 && slot < GATES) {
          z[slot] += sum[CHAINS - 1][slot / 2][slot % 2 * 2 + c];
        }
      }
      out[c] = Cell::forward(HARD, z, carried[c], of_step[c]);
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
    if (Cell::KEEPS && layer.kept) {
#pragma unroll
      for (int c = 0; c < 2; c++) {
        int at = t * step + (first + c * beside) * units + unit;
        if (writes & 1 << c) {
          layer.kept[at] = of_step[c];
          if (Cell::CELLS) {
            layer.carried[at] = carried[c];
          }
        }
      }
    }
    hidden_at += step;
    exchange.end();
  }
#pragma unroll
  for (int c = 0; c < 2; c++) {
    if (Cell::KEEPS && !(Cell::CELLS && layer.kept) && writes & 1 << c) {
      layer.carried[(first + c * beside) * units + unit] = carried[c];
    }
  }
}

// The same for a layer whose kind of gates and input are known at launch.
template <int CHAINS, typename Cell, typename Exchange>
static __device__ __forceinline__ void go_forward(const ForwardLayer<Cell>& layer, bool hard, int first_unit,
                                                  int first_sequence, Exchange exchange) {
  if (layer.ids) {
    if (hard) {
      go_forward<true, true, CHAINS>(layer, first_unit, first_sequence, exchange);
    } else {
      go_forward<false, true, CHAINS>(layer, first_unit, first_sequence, exchange);
    }
  } else if (hard) {
    go_forward<true, false, CHAINS>(layer, first_unit, first_sequence, exchange);
  } else {
    go_forward<false, false, CHAINS>(layer, first_unit, first_sequence, exchange);
  }
}
