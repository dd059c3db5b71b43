// The forward pass of a recurrent layer in float32, in one launch: the part shared by all cells. A Cell defines its
// gates. Lane 8 p + u of warp w, p = 2 v + g, sums rows 16 j + 4 p + (0..3) of the gates of units 16 w + u and 16 w + u
// + 8. Unit 16 w + u + 8 v comes first, and within the unit the gates that the lane computes; shuffles turn the lanes'
// sums into the sums of this unit. Its two lanes, g = 0 and 1, share the rest of the work, and the upper one has h. A
// step has no branches: lanes differ in selected values and in whether they write. A step's loads of global memory are
// issued one step earlier, and of its ids two; at the end the last step is loaded again. There is one barrier per step,
// because h before and after a step lie in two buffers.
#pragma once
#include "rnn_fused.h"

struct Layer {
  const float* input;
  const int* ids;
  const float* recurrent;
  const float* bias;
  const float* first_hidden;
  const float* first_cell;
  float* gates;
  // The values of each unit that the backward pass reads, besides the gates.
  float* kept;
  float* hidden;
  int steps;
  int batch;
  int units;
};

struct Lane {
  int part;
  // Whether this is the second of its unit's lanes.
  bool upper;
  int unit;

  __device__ __forceinline__ Lane() {
    int lane = threadIdx.x % WARP;
    part = lane / 8;
    upper = part % 2;
    unit = threadIdx.x / WARP * UNITS_OF_WARP + lane % 8 + part / 2 * 8;
  }
};

// Bits of a lane's writes for a sequence: its gate; a second value of the gates; h or the kept value; h for the next
// step.
#define WRITES_GATE 1
#define WRITES_SECOND 2
#define WRITES_OUT 4
#define WRITES_STATE 8
#define WRITES 4

// A lane's results of a step of one unit: its gate, its second value, h, and the value kept besides the gates.
struct Values {
  float gate;
  float second;
  float hidden;
  float kept;
};

// A Cell has GATES gates. A thread sums COLUMNS columns for two units; the first BIASES sums begin with the lane's
// biases, and the first SUMS are complete after all shuffles. These are the defaults of a Cell.
struct AnyCell {
  // The rows of weights in shared memory above 96 units.
  static const int STORED = 0;
  // The distance, in gates, from a lane's gate to its second value, and the bit of lanes that write that value.
  static const int SECOND = 1;
  static const int SECOND_IS = WRITES_SECOND;

  // Whether a lane adds the input of its gate (0), and of its second value (1).
  static __device__ __forceinline__ bool reads(bool upper, int i) {
    return i == 0 || upper;
  }

  // The state before the first step other than h; null if there is none.
  static __device__ __forceinline__ const float* first(const Layer&) {
    return nullptr;
  }

  // Whether a lane writes the kept value after the last step, where no gates are kept.
  static __device__ __forceinline__ bool ends(const Layer&, bool) {
    return false;
  }
};

template <class Cell, int CHUNKS, int SEQUENCES, typename Kept>
static __device__ __forceinline__ void go_through(const Layer& layer,
                                                  const Kept& weights, Four* state) {
  const Lane lane;
  const int half = Cell::COLUMNS / 2;
  int batch = layer.batch;
  int units = layer.units;
  bool upper = lane.upper;
  // Lanes beyond the last unit read the last unit's data, and write nothing.
  int unit = min(lane.unit, units - 1);
  int column = (Cell::GATES > 1) * upper * units + unit;
  int width = Cell::GATES * units;
  int b = blockIdx.x * SEQUENCES;
  int last_row = (layer.steps - 1) * batch + b;
  int next_row = min(b + batch, last_row);
  // Index of h and of kept values; to_gate is the distance from GATES times this index to the lane's own gate.
  int at = b * units + unit;
  int to_gate = upper * units - (Cell::GATES - 1) * unit;
  float* out = upper ? layer.hidden : layer.kept;
  // Offsets in bytes of h in shared memory, before a step and after the step, before flipping.
  int before_at = 16 * lane.part;
  int after_at = 4 * (SEQUENCES * MOST_UNITS + unit);
  int flip = 0;
  const Cell cell(layer, upper, unit, column);
  float ninth = TANH_NINTH;
  int writes = 0;
  int beside[SEQUENCES];
  int row[SEQUENCES];
  float next[SEQUENCES][2] = {};
  float own[SEQUENCES];
  float added[SEQUENCES] = {};
#pragma unroll
  for (int s = 0; s < SEQUENCES; s++) {
    // A block without a second sequence reads its first twice.
    beside[s] = s == 0 ? 0 : min(s, batch - 1 - b);
    if (lane.unit < units && b + s < batch) {
      writes |= Cell::writes(layer.gates, upper) << s * WRITES;
    }
    int first_row = layer.ids ? layer.ids[b + beside[s]] : b + beside[s];
    if (first_row >= 0) {
      next[s][0] = Cell::reads(upper, 0) ? layer.input[first_row * width + column] : 0.0f;
      next[s][1] = Cell::reads(upper, 1) ? layer.input[first_row * width + column + Cell::SECOND * units] : 0.0f;
    }
    row[s] = layer.ids ? layer.ids[next_row + beside[s]] : next_row + beside[s];
    const float* first = Cell::first(layer);
    own[s] = first ? first[at + beside[s] * units] : 0.0f;
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
    float sums[SEQUENCES][Cell::COLUMNS];
#pragma unroll
    for (int s = 0; s < SEQUENCES; s++) {
#pragma unroll
      for (int i = 0; i < Cell::COLUMNS; i++) {
        sums[s][i] = i < Cell::BIASES ? cell.bias[i] : 0.0f;
      }
    }
#pragma unroll
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      Four h[SEQUENCES];
#pragma unroll
      for (int s = 0; s < SEQUENCES; s++) {
        // The loads of the step before have long arrived here, so new loads take their registers.
        if (chunk == CHUNKS / 2) {
          cell.add(sums[s], next[s], added[s]);
          next[s][0] = 0.0f;
          next[s][1] = 0.0f;
          int from = row[s] * width + column;
          if (from >= 0 && Cell::reads(upper, 0)) {
            next[s][0] = layer.input[from];
          }
          int second = Cell::reads(upper, 1) ? from : -1;
          if (second >= 0) {
            next[s][1] = layer.input[second + Cell::SECOND * units];
          }
        }
        h[s] = before[(s * MOST_UNITS + chunk * UNITS_OF_CHUNK) / 4];
      }
      weights.multiply(sums, h, chunk);
    }
    // The last step's input is loaded twice; gates may overwrite it, so these loads come first.
    __syncwarp();
#pragma unroll
    for (int s = 0; s < SEQUENCES; s++) {
      row[s] = next_row + beside[s];
    }
    if (layer.ids) {
#pragma unroll
      for (int s = 0; s < SEQUENCES; s++) {
        row[s] = layer.ids[row[s]];
      }
    }
#pragma unroll
    for (int s = 0; s < SEQUENCES; s++) {
#pragma unroll
      for (int i = 0; i < half; i++) {
        sums[s][i] += __shfl_xor_sync(FULL_MASK, sums[s][half + i], 16);
      }
#pragma unroll
      for (int i = 0; i < Cell::SUMS; i++) {
        sums[s][i] += __shfl_xor_sync(FULL_MASK, sums[s][Cell::partner(i)], 8);
      }
      Values values = cell.step(sums[s], added[s], own[s], upper, ninth);
      int n = at + beside[s] * units;
      int gate = Cell::GATES * n + to_gate;
      int what = writes >> s * WRITES;
      if (what & WRITES_STATE) {
        after[s * MOST_UNITS] = values.hidden;
      }
      if (what & WRITES_GATE) {
        layer.gates[gate] = values.gate;
      }
      if (what & Cell::SECOND_IS) {
        layer.gates[gate + Cell::SECOND * units] = values.second;
      }
      if (what & WRITES_OUT) {
        out[n] = upper ? values.hidden : values.kept;
      }
    }
    next_row = min(next_row + batch, last_row);
    at += batch * units;
    flip ^= 4 * SEQUENCES * MOST_UNITS;
    __syncthreads();
  }
  let_next_launch_begin();
#pragma unroll
  for (int s = 0; s < SEQUENCES; s++) {
    if (Cell::ends(layer, upper) && lane.unit < units && b + s < batch) {
      layer.kept[(b + s) * units + unit] = own[s];
    }
  }
}

template <template <bool> class CellOf, int CHUNKS, int SEQUENCES, int STORED>
static __device__ __forceinline__ void run(const Layer& layer, bool kind, Four* state) {
  typedef CellOf<false> Cell;
  const Lane lane;
  int units = layer.units;
  Weights<4, Cell::COLUMNS, STORED, CHUNKS, SEQUENCES> weights(
      state + SEQUENCES * MOST_UNITS / 2, units, [&](int chunk, int k, int i) {
        const int half = Cell::COLUMNS / 2;
        int row = chunk * UNITS_OF_CHUNK + lane.part * 4 + k;
        int unit = i < half ? lane.unit : lane.unit ^ 8;
        int gate = Cell::gate(lane.upper, i % half);
        return row < units && unit < units ? layer.recurrent[(row * Cell::GATES + gate) * units + unit] : 0.0f;
      });
  // h before and after a step, zeros beyond the last unit.
  for (int i = threadIdx.x; i < 2 * SEQUENCES * MOST_UNITS; i += blockDim.x) {
    int unit = i % MOST_UNITS;
    int b = blockIdx.x * SEQUENCES + i / MOST_UNITS;
    bool there = layer.first_hidden && i < SEQUENCES * MOST_UNITS && unit < units && b < layer.batch;
    ((float*)state)[i] = there ? layer.first_hidden[b * units + unit] : 0.0f;
  }
  if (kind) {
    go_through<CellOf<true>, CHUNKS, SEQUENCES>(layer, weights, state);
  } else {
    go_through<CellOf<false>, CHUNKS, SEQUENCES>(layer, weights, state);
  }
}

// Runs a layer, a sequence per block, with the chunks that its units need.
template <template <bool> class CellOf>
static __device__ __forceinline__ void run_layer(const Layer& layer, bool kind, Four* state) {
  if (layer.units > 96) {
    run<CellOf, 8, 1, CellOf<false>::STORED>(layer, kind, state);
  } else if (layer.units > 64) {
    run<CellOf, 6, 1, 0>(layer, kind, state);
  } else {
    run<CellOf, 4, 1, 0>(layer, kind, state);
  }
}
