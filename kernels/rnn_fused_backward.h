// The backward pass of a recurrent layer in float32, in one launch: the part shared by all cells. A Cell defines its
// gates. Lane 4 v + 2 g + q of warp w sums the share of units 16 j + 2 v + g of each chunk j in dL/dh of units 16 w + 8
// q + (0..7), first of unit 16 w + 8 q + v; eight shuffles turn the lanes' sums into the sum of this unit. Its two
// lanes, g = 0 and 1, share the rest of the work. A step has no branches: lanes differ in selected values and in
// whether they write. A step's loads of global memory are issued at the end of the step computed before. There is one
// barrier per step, as in the forward pass.
#pragma once
#include "rnn_fused.h"

struct Layer {
  const float* gates;
  // The values that the forward pass kept of each unit, besides the gates.
  const float* kept;
  const float* hidden;
  // The state before the first step; null for zeros.
  const float* first;
  const float* recurrent;
  const float* output_gradient;
  float* input_gradients;
  // The gradients of the recurrent sums; for most cells the same as input_gradients.
  float* recurrent_gradients;
  // The gradient that a step passes to the previous time step, besides the products.
  float* passed;
  int steps;
  int batch;
  int units;
  int follows;
};

struct Lane {
  int part;
  // Whether this is the second of its unit's lanes.
  bool upper;
  int own;
  // The first of the eight units whose sums this lane adds to.
  int first;

  __device__ __forceinline__ Lane() {
    int lane = threadIdx.x % WARP;
    part = lane / 2;
    upper = part % 2;
    own = part / 2;
    first = threadIdx.x / WARP * UNITS_OF_WARP + lane % 2 * 8;
  }
};

// A Cell has GATES gates. Its members are the values of a unit in one of its lanes for the step that comes next; Ways
// has the differences between lanes. Shared memory has Gradients of each unit, the recurrent sums' last; each lane
// computes a Share of them. These are the defaults of a Cell.
struct AnyCell {
  // The rows of weights in shared memory above 96 units.
  static const int STORED = 0;
  // Whether sums begin with the gradient from above, and thus wait for it there.
  static const bool STARTS_EARLY = false;

  static __device__ __forceinline__ int gate_of_row(int k) {
    return k;
  }

  static __device__ __forceinline__ bool writes(bool) {
    return true;
  }

  __device__ __forceinline__ void end(const Layer&, int) const {}
};

template <class Cell, int CHUNKS, int SEQUENCES, typename Kept>
static __device__ __forceinline__ void go_through(const Layer& layer,
                                                  const Kept& weights,
                                                  typename Cell::Gradients* state) {
  typedef typename Cell::Gradients Gradients;
  typedef typename Cell::Share Share;
  const Lane lane;
  int batch = layer.batch;
  int units = layer.units;
  bool upper = lane.upper;
  bool has_unit = lane.first + lane.own < units;
  // Lanes beyond the last unit read the last unit's data, and write nothing.
  int unit = min(lane.first + lane.own, units - 1);
  int step = batch * units;
  int b = blockIdx.x * SEQUENCES;
  // Index of h and of kept values; to_gate is the distance from GATES times this index to the lane's own gate.
  int at = (layer.steps - 1) * step + b * units + unit;
  int to_gate = upper * units - (Cell::GATES - 1) * unit;
  // Offsets in bytes of the gradients in shared memory: the later step's, and this step's, before flipping.
  int after_at = sizeof(Gradients) * lane.part;
  int now_at = sizeof(Gradients) * (SEQUENCES * MOST_UNITS + unit) + (sizeof(Gradients) - sizeof(Share)) * upper;
  int flip = 0;
  typename Cell::Ways ways(layer, upper);
  int writes = 0;
  int beside[SEQUENCES];
  Cell cells[SEQUENCES];
#pragma unroll
  for (int s = 0; s < SEQUENCES; s++) {
    // A block without a second sequence reads its first twice.
    beside[s] = s == 0 ? 0 : min(s, batch - 1 - b) * units;
    writes |= (has_unit && Cell::writes(upper) && b + s < batch ? 1 : 0) << s;
    cells[s].begin(layer, ways, upper, b * units + unit + beside[s], at + beside[s], to_gate);
  }
  ways.keep();
  to_gate = opaque(to_gate);
  after_at = opaque(after_at);
  now_at = opaque(now_at);
  writes = opaque(writes);
  __syncthreads();
#pragma unroll 1
  for (int t = layer.steps - 1; t >= 0; t--) {
    const Gradients* after = (const Gradients*)((const char*)state + (after_at + flip));
    Share* now = (Share*)((char*)state + (now_at - flip));
    float sums[SEQUENCES][8];
#pragma unroll
    for (int s = 0; s < SEQUENCES; s++) {
#pragma unroll
      for (int i = 0; i < 8; i++) {
        sums[s][i] = i == 0 && Cell::STARTS_EARLY ? cells[s].start(upper) : 0.0f;
      }
    }
#pragma unroll
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      Gradients dz[SEQUENCES];
#pragma unroll
      for (int s = 0; s < SEQUENCES; s++) {
        dz[s] = after[s * MOST_UNITS + chunk * UNITS_OF_CHUNK];
      }
      weights.multiply(sums, dz, chunk);
    }
#pragma unroll
    for (int s = 0; s < SEQUENCES; s++) {
      if (!Cell::STARTS_EARLY) {
        sums[s][0] += cells[s].start(upper);
      }
      // Factors do not wait for the sums.
      const typename Cell::Factors factors(cells[s], ways, upper);
#pragma unroll
      for (int i = 0; i < 4; i++) {
        sums[s][i] += __shfl_xor_sync(FULL_MASK, sums[s][4 + i], 16);
      }
#pragma unroll
      for (int i = 0; i < 2; i++) {
        sums[s][i] += __shfl_xor_sync(FULL_MASK, sums[s][2 + i], 8);
      }
      sums[s][0] += __shfl_xor_sync(FULL_MASK, sums[s][1], 4);
      float dh = sums[s][0] + __shfl_xor_sync(FULL_MASK, sums[s][0], 2);
      Share dz = cells[s].back(dh, factors, upper);
      int n = at + beside[s];
      int gate = Cell::GATES * n + to_gate;
      // This step's values are no longer needed here, so the next step's take their registers.
      cells[s].next(layer, ways, upper, n - step, t, to_gate);
      int what = writes >> s;
      if (what & 1) {
        now[s * MOST_UNITS * (sizeof(Gradients) / sizeof(Share))] = dz;
      }
      Cell::write(layer, ways, upper, gate, dz, what & 1);
    }
    at -= step;
    flip ^= sizeof(Gradients) * SEQUENCES * MOST_UNITS;
    __syncthreads();
  }
  let_next_launch_begin();
#pragma unroll
  for (int s = 0; s < SEQUENCES; s++) {
    if (has_unit && !upper && b + s < batch) {
      cells[s].end(layer, (b + s) * units + unit);
    }
  }
}

template <template <bool> class CellOf, int CHUNKS, int SEQUENCES, int STORED>
static __device__ __forceinline__ void run(const Layer& layer, bool kind, Four* shared) {
  typedef CellOf<false> Cell;
  typename Cell::Gradients* state = (typename Cell::Gradients*)shared;
  const int skipped = sizeof(*state) / sizeof(float) - Cell::GATES;
  const Lane lane;
  int units = layer.units;
  Weights<Cell::GATES, 8, STORED, CHUNKS, SEQUENCES> weights(
      (Four*)(state + 2 * SEQUENCES * MOST_UNITS), units, [&](int chunk, int k, int i) {
        // Beyond the last unit the last unit's weights serve, because the gradients there are zeros.
        int from = min(chunk * UNITS_OF_CHUNK + lane.part, units - 1);
        int to = lane.first + (lane.own ^ i);
        return to < units ? layer.recurrent[(to * Cell::GATES + Cell::gate_of_row(k)) * units + from] : 0.0f;
      });
  // The recurrent kernel was complete before the previous launch began.
  wait_for_launch_before();
  // Gradients of the later step and of this step, zeros beyond the last unit.
  for (int i = threadIdx.x; i < 2 * SEQUENCES * MOST_UNITS; i += blockDim.x) {
    int unit = i % MOST_UNITS;
    int b = blockIdx.x * SEQUENCES + i / MOST_UNITS;
    bool there = layer.follows && i < SEQUENCES * MOST_UNITS && unit < units && b < layer.batch;
    const float* given = layer.recurrent_gradients + Cell::GATES * (layer.steps * layer.batch + b) * units + unit;
    state[i] = {};
    for (int k = 0; k < Cell::GATES; k++) {
      state[i].at[skipped + k] = there ? given[Cell::gate_of_row(k) * units] : 0.0f;
    }
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
