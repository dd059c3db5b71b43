// An LSTM layer over T steps for B sequences and H <= 128 units in one launch, S = 1 or 2 sequences a block, all
// float32: what a product and lstm_forward.cu compute for each step from
//   z (4H) = input + the h before times recurrent (H,4H) + bias
// on. The recurrent kernel stays in registers and shared memory. The input's row is that of the sequence's id in ids
// (T,B), where that is not null, and below 0 there is none, which counts as zeros; else its own of (T,B,4H).
// first_hidden and first_cell (B,H) are null for zeros. gates (T,B,4H) receives s(z) and tanh(z_c), and may be input;
// cells (T,B,H) receives the cells. Where gates is null, none are kept, and cells (B,H) receives the last. hidden
// (T,B,H) receives h. NaN stays NaN.
// Lane 8 p + u of warp w, p = 2 v + g, sums rows 16 j + 4 p + (0..3) of the gates of units 16 w + u and 16 w + u + 8,
// first those of unit 16 w + u + 8 v, and of these first i and c~, or f and o where g is 1: six shuffles turn that into
// the sums of these two gates, and a seventh gives both of a unit's lanes the cell. Nothing in a step is a branch:
// lanes differ in what they select, and in whether they write. A step's loads of global memory are asked for a
// step before, its id two; beyond the last step the last is read again. One barrier a step: h before it lies elsewhere
// than h after it. Launch ceil(B / S) blocks of 32 ceil(H / 16) threads, with S KiB of dynamic shared memory, and 72
// KiB more where S is 2, or else 56 of more than 96 units. Elements are counted in 32 bits. Bytes: 16 ceil(B / S) (H H
// + H) + T B (40 H + 4), less 4 T B for sums, less 4 B H (5 T - 1) without gates, and 8 B H more for a first state.
// FLOPs: T B (8 H H + about 90 H).
#include "lstm_fused.h"

struct Layer {
  const float* input;
  const int* ids;
  const float* recurrent;
  const float* bias;
  const float* first_hidden;
  const float* first_cell;
  float* gates;
  float* cells;
  float* hidden;
  int steps;
  int batch;
  int units;
};

struct Lane {
  int part;
  // Of its unit, whether it has f and o.
  bool upper;
  int unit;

  __device__ __forceinline__ Lane() {
    int lane = threadIdx.x % WARP;
    part = lane / 8;
    upper = part % 2;
    unit = threadIdx.x / WARP * UNITS_OF_WARP + lane % 8 + part / 2 * 8;
  }
};

// The parts of a sequence that a lane writes.
#define WRITES_GATES 1
#define WRITES_OUT 2
#define WRITES_STATE 4
#define WRITES 3

template <bool HARD, int CHUNKS, int SEQUENCES>
static __device__ __forceinline__ void go_through(const Layer& layer, const Weights<CHUNKS, SEQUENCES>& weights,
                                                  Four* state) {
  const Lane lane;
  int batch = layer.batch;
  int units = layer.units;
  bool upper = lane.upper;
  // Lanes beyond the last unit read what is its, and write nothing.
  int unit = min(lane.unit, units - 1);
  int column = upper * units + unit;
  int width = 4 * units;
  int b = blockIdx.x * SEQUENCES;
  int last_row = (layer.steps - 1) * batch + b;
  int next_row = min(b + batch, last_row);
  // Of h and cells; from four times that to the unit's own gates.
  int at = b * units + unit;
  int to_gate = upper * units - 3 * unit;
  float* out = upper ? layer.hidden : layer.cells;
  // Of h in shared memory, in bytes: before a step, and after it, unless flipped.
  int before_at = 16 * lane.part;
  int after_at = 4 * (SEQUENCES * MOST_UNITS + unit);
  int flip = 0;
  float bias[2] = {layer.bias[column], layer.bias[column + 2 * units]};
  float ninth = TANH_NINTH;
  const TanhOrSigmoid tanh_or_sigmoid(upper);
  int writes = 0;
  int beside[SEQUENCES];
  int row[SEQUENCES];
  float next[SEQUENCES][2] = {};
  float cell[SEQUENCES];
#pragma unroll
  for (int s = 0; s < SEQUENCES; s++) {
    // A block whose second sequence is not there reads its first twice.
    beside[s] = s == 0 ? 0 : min(s, batch - 1 - b);
    if (lane.unit < units && b + s < batch) {
      writes |= ((layer.gates ? WRITES_GATES : 0) | (layer.gates || upper ? WRITES_OUT : 0) |
                 (upper ? WRITES_STATE : 0))
                << s * WRITES;
    }
    int first_row = layer.ids ? layer.ids[b + beside[s]] : b + beside[s];
    if (first_row >= 0) {
      next[s][0] = layer.input[first_row * width + column];
      next[s][1] = layer.input[first_row * width + column + 2 * units];
    }
    row[s] = layer.ids ? layer.ids[next_row + beside[s]] : next_row + beside[s];
    cell[s] = layer.first_cell ? layer.first_cell[at + beside[s] * units] : 0.0f;
  }
  next_row = min(next_row + batch, last_row);
  column = opaque(column);
  width = opaque(width);
  to_gate = opaque(to_gate);
  before_at = opaque(before_at);
  after_at = opaque(after_at);
  ninth = opaque(ninth);
  writes = opaque(writes);
  __syncthreads();
#pragma unroll 1
  for (int left = layer.steps; left > 0; left--) {
    const Four* before = (const Four*)((const char*)state + (before_at + flip));
    float* after = (float*)((char*)state + (after_at - flip));
    int from[SEQUENCES];
    float sums[SEQUENCES][8];
#pragma unroll
    for (int s = 0; s < SEQUENCES; s++) {
      from[s] = row[s] * width + column;
#pragma unroll
      for (int i = 0; i < 8; i++) {
        sums[s][i] = i < 2 ? bias[i] : 0.0f;
      }
    }
#pragma unroll
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      Four h[SEQUENCES];
#pragma unroll
      for (int s = 0; s < SEQUENCES; s++) {
        // Here what was asked for has long arrived, and leaves its registers to what is asked for now.
        if (chunk == CHUNKS / 2) {
          sums[s][0] += next[s][0];
          sums[s][1] += next[s][1];
          next[s][0] = 0.0f;
          next[s][1] = 0.0f;
          if (from[s] >= 0) {
            next[s][0] = layer.input[from[s]];
          }
          if (from[s] >= 0) {
            next[s][1] = layer.input[from[s] + 2 * units];
          }
        }
        h[s] = before[(s * MOST_UNITS + chunk * UNITS_OF_CHUNK) / 4];
      }
      weights.multiply(sums, h, chunk);
    }
    // After the last step the input is asked for once more, in whose place the gates may go.
    __syncwarp();
#pragma unroll
    for (int s = 0; s < SEQUENCES; s++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        sums[s][i] += __shfl_xor_sync(FULL_MASK, sums[s][4 + i], 16);
      }
#pragma unroll
      for (int i = 0; i < 2; i++) {
        sums[s][i] += __shfl_xor_sync(FULL_MASK, sums[s][2 + i], 8);
      }
      float first;
      float second;
      if (HARD) {
        first = gate_of(sums[s][0], HARD_SIGMOID);
        float gate = gate_of(sums[s][1], HARD_SIGMOID);
        float candidate = tanh_of(sums[s][1], ninth);
        second = upper ? gate : candidate;
      } else {
        first = sigmoid(sums[s][0]);
        second = tanh_or_sigmoid.of(sums[s][1], ninth);
      }
      // One lane adds i c~, the other f times the cell before.
      float share = first * (upper ? cell[s] : second);
      cell[s] = share + __shfl_xor_sync(FULL_MASK, share, 8);
      float h = second * tanh_of(cell[s], ninth);
      row[s] = next_row + beside[s];
      if (layer.ids) {
        row[s] = layer.ids[row[s]];
      }
      int n = at + beside[s] * units;
      int gate = 4 * n + to_gate;
      int what = writes >> s * WRITES;
      if (what & WRITES_STATE) {
        after[s * MOST_UNITS] = h;
      }
      if (what & WRITES_GATES) {
        layer.gates[gate] = first;
      }
      if (what & WRITES_GATES) {
        layer.gates[gate + 2 * units] = second;
      }
      if (what & WRITES_OUT) {
        out[n] = upper ? h : cell[s];
      }
    }
    next_row = min(next_row + batch, last_row);
    at += batch * units;
    flip ^= 4 * SEQUENCES * MOST_UNITS;
    __syncthreads();
  }
  if (!layer.gates && !upper && lane.unit < units) {
#pragma unroll
    for (int s = 0; s < SEQUENCES; s++) {
      if (b + s < batch) {
        layer.cells[(b + s) * units + unit] = cell[s];
      }
    }
  }
}

template <int CHUNKS, int SEQUENCES>
static __device__ __forceinline__ void run(const Layer& layer, int gate_kind, Four* state) {
  const Lane lane;
  int units = layer.units;
  Weights<CHUNKS, SEQUENCES> weights(state + SEQUENCES * MOST_UNITS / 2, units, [&](int chunk, int k, int i) {
    int row = chunk * UNITS_OF_CHUNK + lane.part * 4 + k;
    int unit = i < 4 ? lane.unit : lane.unit ^ 8;
    int gate = (lane.upper ^ i / 2 % 2) + i % 2 * 2;
    return row < units && unit < units ? layer.recurrent[(row * 4 + gate) * units + unit] : 0.0f;
  });
  // h before a step and after it, zeros beyond the last unit.
  for (int i = threadIdx.x; i < 2 * SEQUENCES * MOST_UNITS; i += blockDim.x) {
    int unit = i % MOST_UNITS;
    int b = blockIdx.x * SEQUENCES + i / MOST_UNITS;
    bool there = layer.first_hidden && i < SEQUENCES * MOST_UNITS && unit < units && b < layer.batch;
    ((float*)state)[i] = there ? layer.first_hidden[b * units + unit] : 0.0f;
  }
  if (gate_kind == HARD_SIGMOID) {
    go_through<true>(layer, weights, state);
  } else {
    go_through<false>(layer, weights, state);
  }
}

extern "C" __global__ void __launch_bounds__(FUSED_THREADS) lstm_fused_forward(
    const float* input, const int* __restrict__ ids, const float* __restrict__ recurrent,
    const float* __restrict__ bias, const float* __restrict__ first_hidden, const float* __restrict__ first_cell,
    float* gates, float* __restrict__ cells, float* __restrict__ hidden, int steps, int batch, int units,
    int gate_kind, int sequences) {
  wait_for_launch_before();
  // h, then weights.
  DYNAMIC_SHARED(Four, state);
  Layer layer = {input, ids, recurrent, bias, first_hidden, first_cell, gates, cells, hidden, steps, batch, units};
  if (sequences > 1) {
    run<8, 2>(layer, gate_kind, state);
  } else if (units > 96) {
    run<8, 1>(layer, gate_kind, state);
  } else if (units > 64) {
    run<6, 1>(layer, gate_kind, state);
  } else {
    run<4, 1>(layer, gate_kind, state);
  }
}
