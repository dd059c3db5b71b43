// The way back through an LSTM layer over T steps for B sequences and H <= 128 units in one launch, S = 1 or 2
// sequences a block, all float32: what a product and lstm_backward.cu compute for each step, from output_gradient
// (T,B,H), the gradient of h by way of the layer above, to sum_gradients (T,B,4H), those of the gates' sums. gates
// (T,B,4H) and cells (T,B,H) are as lstm_fused_forward.cu left them, recurrent (H,4H) is its kernel, which stays in
// registers and shared memory; first_cell (B,H) is null for zeros. Steps can be gone through in parts, the last first:
// cell_gradient (B,H) receives what the first step gives back to the cell before it; where follows is not 0, it holds
// what the step after the last gave back, whose sum_gradients follow those of these steps.
// Lane 4 v + 2 g + q of warp w sums what the four gates of unit 16 j + 2 v + g of each chunk j give back to units 16 w
// + 8 q + (0..7), first to unit 16 w + 8 q + v: eight shuffles turn that into the sum of this unit. Its two lanes have
// its gates i and c~, or f and o where g is 1, and give one another f and o. Nothing in a step is a branch: lanes
// differ in what they select, and in whether they write. A step's loads of global memory are asked for at the end of
// the step before. One barrier a step, as forward. Launch ceil(B / S) blocks of 32 ceil(H / 16) threads, with 4 S KiB
// of dynamic shared memory, and 72 KiB more where S is 2, or else 56 of more than 96 units. Elements are counted in 32
// bits. Bytes: 16 ceil(B / S) H H + 40 T B H + 4 B H, and 4 B H more for a first state, and 20 B H where steps follow.
// FLOPs: T B (8 H H + about 40 H).
#include "lstm_fused.h"

struct Layer {
  const float* gates;
  const float* cells;
  const float* first_cell;
  const float* recurrent;
  const float* output_gradient;
  float* sum_gradients;
  float* cell_gradient;
  int steps;
  int batch;
  int units;
  int follows;
};

// In shared memory a unit's gradients lie side by side in another order: i, c~, f, o.
static __device__ __forceinline__ int gate_at(int k) {
  return k / 2 + k % 2 * 2;
}

struct Lane {
  int part;
  // Of its unit, whether it has f and o.
  bool upper;
  int own;
  // The first of eight units.
  int first;

  __device__ __forceinline__ Lane() {
    int lane = threadIdx.x % WARP;
    part = lane / 2;
    upper = part % 2;
    own = part / 2;
    first = threadIdx.x / WARP * UNITS_OF_WARP + lane % 2 * 8;
  }
};

template <bool HARD, int CHUNKS, int SEQUENCES>
static __device__ __forceinline__ void go_through(const Layer& layer, const Weights<CHUNKS, SEQUENCES>& weights,
                                                  Four* state) {
  const Lane lane;
  int batch = layer.batch;
  int units = layer.units;
  bool upper = lane.upper;
  bool has_unit = lane.first + lane.own < units;
  // Lanes beyond the last unit read what is its, and write nothing.
  int unit = min(lane.first + lane.own, units - 1);
  int step = batch * units;
  int b = blockIdx.x * SEQUENCES;
  // Of h and cells; from four times that to the unit's own gates.
  int at = (layer.steps - 1) * step + b * units + unit;
  int to_gate = upper * units - 3 * unit;
  // Of gradients in shared memory, in bytes: of the step after, and of this one, unless flipped.
  int after_at = 16 * lane.part;
  int now_at = 16 * (SEQUENCES * MOST_UNITS + unit) + 8 * upper;
  int flip = 0;
  // One of a unit's lanes adds the gradient of h.
  int given_until = upper ? layer.steps : 0;
  int upper_lane = threadIdx.x % WARP | 2;
  float ninth = TANH_NINTH;
  int writes = 0;
  int beside[SEQUENCES];
  float gates[SEQUENCES][2];
  float given[SEQUENCES];
  float cell[SEQUENCES];
  float before[SEQUENCES];
  float first_cell[SEQUENCES];
  float from_after[SEQUENCES];
#pragma unroll
  for (int s = 0; s < SEQUENCES; s++) {
    // A block whose second sequence is not there reads its first twice.
    beside[s] = s == 0 ? 0 : min(s, batch - 1 - b) * units;
    writes |= (has_unit && b + s < batch ? 1 : 0) << s;
    int n = at + beside[s];
    int first = b * units + unit + beside[s];
    first_cell[s] = layer.first_cell ? layer.first_cell[first] : 0.0f;
    from_after[s] = layer.follows ? layer.cell_gradient[first] : 0.0f;
    cell[s] = layer.cells[n];
    before[s] = layer.steps > 1 ? layer.cells[n - step] : first_cell[s];
    gates[s][0] = layer.gates[4 * n + to_gate];
    gates[s][1] = layer.gates[4 * n + to_gate + 2 * units];
    given[s] = upper ? 0.0f : layer.output_gradient[n];
  }
  to_gate = opaque(to_gate);
  after_at = opaque(after_at);
  now_at = opaque(now_at);
  given_until = opaque(given_until);
  ninth = opaque(ninth);
  writes = opaque(writes);
  __syncthreads();
#pragma unroll 1
  for (int t = layer.steps - 1; t >= 0; t--) {
    const Four* after = (const Four*)((const char*)state + (after_at + flip));
    Two* now = (Two*)((char*)state + (now_at - flip));
    float sums[SEQUENCES][8];
#pragma unroll
    for (int s = 0; s < SEQUENCES; s++) {
#pragma unroll
      for (int i = 0; i < 8; i++) {
        sums[s][i] = i == 0 ? given[s] : 0.0f;
      }
    }
#pragma unroll
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      Four dz[SEQUENCES];
#pragma unroll
      for (int s = 0; s < SEQUENCES; s++) {
        dz[s] = after[s * MOST_UNITS + chunk * UNITS_OF_CHUNK];
      }
      weights.multiply(sums, dz, chunk);
    }
#pragma unroll
    for (int s = 0; s < SEQUENCES; s++) {
      // The factors of the gradients of h and of the cell do not wait for the sums.
      float first = gates[s][0];
      float second = gates[s][1];
      float forget = __shfl_sync(FULL_MASK, first, upper_lane);
      float output = __shfl_sync(FULL_MASK, second, upper_lane);
      float tanh_cell = tanh_of(cell[s], ninth);
      float to_cell = output * (1.0f - tanh_cell * tanh_cell);
      float to_first = HARD ? gate_slope(first, HARD_SIGMOID) : first - first * first;
      float to_second = (upper ? second : 1.0f) - second * second;
      if (HARD) {
        float slope = gate_slope(second, HARD_SIGMOID);
        to_second = upper ? slope : to_second;
      }
      to_first *= upper ? before[s] : second;
      to_second *= upper ? tanh_cell : first;
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
      float dc = from_after[s] + dh * to_cell;
      from_after[s] = dc * forget;
      Two dz = {{dc * to_first, (upper ? dh : dc) * to_second}};
      int n = at + beside[s];
      int gate = 4 * n + to_gate;
      // Here nothing of this step is needed any more, and registers are those of the next.
      int next = n - step;
      cell[s] = before[s];
      before[s] = first_cell[s];
      if (t > 1) {
        before[s] = layer.cells[next - step];
      }
      if (t > 0) {
        gates[s][0] = layer.gates[4 * next + to_gate];
      }
      if (t > 0) {
        gates[s][1] = layer.gates[4 * next + to_gate + 2 * units];
      }
      if (t > given_until) {
        given[s] = layer.output_gradient[next];
      }
      int what = writes >> s;
      if (what & 1) {
        now[s * MOST_UNITS * 2] = dz;
      }
      if (what & 1) {
        layer.sum_gradients[gate] = dz.at[0];
      }
      if (what & 1) {
        layer.sum_gradients[gate + 2 * units] = dz.at[1];
      }
    }
    at -= step;
    flip ^= 16 * SEQUENCES * MOST_UNITS;
    __syncthreads();
  }
#pragma unroll
  for (int s = 0; s < SEQUENCES; s++) {
    if (has_unit && !upper && b + s < batch) {
      layer.cell_gradient[(b + s) * units + unit] = from_after[s];
    }
  }
}

template <int CHUNKS, int SEQUENCES>
static __device__ __forceinline__ void run(const Layer& layer, int gate_kind, Four* state) {
  const Lane lane;
  int units = layer.units;
  Weights<CHUNKS, SEQUENCES> weights(state + 2 * SEQUENCES * MOST_UNITS, units, [&](int chunk, int k, int i) {
    // Beyond the last unit its weights serve, for the gradients there are zeros.
    int from = min(chunk * UNITS_OF_CHUNK + lane.part, units - 1);
    int to = lane.first + (lane.own ^ i);
    return to < units ? layer.recurrent[(to * 4 + gate_at(k)) * units + from] : 0.0f;
  });
  // The gradients of the step after and of this one, zeros beyond the last unit.
  for (int i = threadIdx.x; i < 2 * SEQUENCES * MOST_UNITS; i += blockDim.x) {
    int unit = i % MOST_UNITS;
    int b = blockIdx.x * SEQUENCES + i / MOST_UNITS;
    bool there = layer.follows && i < SEQUENCES * MOST_UNITS && unit < units && b < layer.batch;
    const float* given = layer.sum_gradients + 4 * (layer.steps * layer.batch + b) * units + unit;
    for (int k = 0; k < 4; k++) {
      state[i].at[k] = there ? given[gate_at(k) * units] : 0.0f;
    }
  }
  if (gate_kind == HARD_SIGMOID) {
    go_through<true>(layer, weights, state);
  } else {
    go_through<false>(layer, weights, state);
  }
}

extern "C" __global__ void __launch_bounds__(FUSED_THREADS) lstm_fused_backward(
    const float* __restrict__ gates, const float* __restrict__ cells, const float* __restrict__ first_cell,
    const float* __restrict__ recurrent, const float* __restrict__ output_gradient, float* sum_gradients,
    float* __restrict__ cell_gradient, int steps, int batch, int units, int gate_kind, int follows, int sequences) {
  wait_for_launch_before();
  // Gradients, then weights.
  DYNAMIC_SHARED(Four, state);
  Layer layer = {gates,         cells, first_cell, recurrent, output_gradient, sum_gradients,
                 cell_gradient, steps, batch,      units,     follows};
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
