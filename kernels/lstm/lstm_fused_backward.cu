// The backward pass of an LSTM layer over T steps for B sequences and H <= 128 units in one launch, S = 1 or 2
// sequences per block, all float32. It computes per step what a product and lstm_backward.cu compute: from
// output_gradient (T,B,H), the gradient of h from the layer above, the gradients of the gates' sums, sum_gradients
// (T,B,4H). gates (T,B,4H) and cells (T,B,H) come from lstm_fused_forward.cu; recurrent (H,4H) is the layer's recurrent
// kernel, which stays in registers and shared memory; first_cell (B,H) is null for zeros. A launch may cover a part of
// the steps; later parts run first. cell_gradient (B,H) receives the gradient of the cell before the first step; if
// follows is not 0, cell_gradient holds the later part's on entry, and that part's sum_gradients lie behind this
// part's. Of a unit's two lanes one has i and c~, the other f and o, which it gives to the first. rnn_fused_backward.h
// describes the rest. Launch ceil(B / S) blocks of 32 ceil(H / 16) threads, with 4 S KiB of dynamic shared memory, and
// 72 KiB more if S is 2, or else 56 KiB more above 96 units. Elements are counted in 32 bits. Bytes: 16 ceil(B / S) H H
// + 40 T B H + 4 B H, and 4 B H more for a first state, and 20 B H where steps follow. FLOPs: T B (8 H H + about 40 H).
// T B H + 4 B H, and 4 B H more for a first state, and 20 B H where steps follow. FLOPs: T B (8 H H + about 40 H).
#include "rnn_fused_backward.h"

template <bool HARD>
struct Lstm : AnyCell {
  typedef Four Gradients;
  typedef Two Share;
  static const int GATES = 4;
  static const bool STARTS_EARLY = true;
  static const int STORED = 7;
  float gates[2];
  float given;
  float cell;
  float before;
  float first_cell;
  float from_after;

  struct Ways {
    // Only one of a unit's lanes adds the gradient of h.
    int given_until;
    int upper_lane;
    float ninth;

    __device__ __forceinline__ Ways(const Layer& layer, bool upper)
        : given_until(upper ? layer.steps : 0), upper_lane(threadIdx.x % WARP | 2), ninth(TANH_NINTH) {}

    __device__ __forceinline__ void keep() {
      given_until = opaque(given_until);
      ninth = opaque(ninth);
    }
  };

  // The factors of the gradients of h and of the cell.
  struct Factors {
    float forget;
    float to_cell;
    float to_first;
    float to_second;

    __device__ __forceinline__ Factors(const Lstm& of, const Ways& ways, bool upper) {
      float first = of.gates[0];
      float second = of.gates[1];
      forget = __shfl_sync(FULL_MASK, first, ways.upper_lane);
      float output = __shfl_sync(FULL_MASK, second, ways.upper_lane);
      float tanh_cell = tanh_of(of.cell, ways.ninth);
      to_cell = output * (1.0f - tanh_cell * tanh_cell);
      to_first = HARD ? gate_slope(first, HARD_SIGMOID) : first - first * first;
      to_second = (upper ? second : 1.0f) - second * second;
      if (HARD) {
        float slope = gate_slope(second, HARD_SIGMOID);
        to_second = upper ? slope : to_second;
      }
      to_first *= upper ? of.before : second;
      to_second *= upper ? tanh_cell : first;
    }
  };

  // The order of a unit's gradients in shared memory is i, c~, f, o.
  static __device__ __forceinline__ int gate_of_row(int k) {
    return k / 2 + k % 2 * 2;
  }

  __device__ __forceinline__ void begin(const Layer& layer, const Ways&, bool upper, int first, int n,
                                        int to_gate) {
    int units = layer.units;
    int step = layer.batch * units;
    first_cell = layer.first ? layer.first[first] : 0.0f;
    from_after = layer.follows ? layer.passed[first] : 0.0f;
    cell = layer.kept[n];
    before = layer.steps > 1 ? layer.kept[n - step] : first_cell;
    gates[0] = layer.gates[4 * n + to_gate];
    gates[1] = layer.gates[4 * n + to_gate + 2 * units];
    given = upper ? 0.0f : layer.output_gradient[n];
  }

  __device__ __forceinline__ float start(bool) const {
    return given;
  }

  __device__ __forceinline__ Two back(float dh, const Factors& factors, bool upper) {
    float dc = from_after + dh * factors.to_cell;
    from_after = dc * factors.forget;
    return {{dc * factors.to_first, (upper ? dh : dc) * factors.to_second}};
  }

  // Prefetches the values of step t - 1, the step of n.
  __device__ __forceinline__ void next(const Layer& layer, const Ways& ways, bool, int n, int t, int to_gate) {
    cell = before;
    before = first_cell;
    if (t > 1) {
      before = layer.kept[n - layer.batch * layer.units];
    }
    if (t > 0) {
      gates[0] = layer.gates[4 * n + to_gate];
    }
    if (t > 0) {
      gates[1] = layer.gates[4 * n + to_gate + 2 * layer.units];
    }
    if (t > ways.given_until) {
      given = layer.output_gradient[n];
    }
  }

  static __device__ __forceinline__ void write(const Layer& layer, const Ways&, bool, int gate, Two dz,
                                               bool writes) {
    if (writes) {
      layer.input_gradients[gate] = dz.at[0];
    }
    if (writes) {
      layer.input_gradients[gate + 2 * layer.units] = dz.at[1];
    }
  }

  __device__ __forceinline__ void end(const Layer& layer, int n) const {
    layer.passed[n] = from_after;
  }
};

extern "C" __global__ void __launch_bounds__(FUSED_THREADS) lstm_fused_backward(
    const float* __restrict__ gates, const float* __restrict__ cells, const float* __restrict__ first_cell,
    const float* __restrict__ recurrent, const float* __restrict__ output_gradient, float* sum_gradients,
    float* __restrict__ cell_gradient, int steps, int batch, int units, int gate_kind, int follows, int sequences) {
  // Gradients come first, then weights.
  DYNAMIC_SHARED(Four, state);
  Layer layer = {gates,         cells,         nullptr,       first_cell, recurrent, output_gradient,
                 sum_gradients, sum_gradients, cell_gradient, steps,      batch,     units,
                 follows};
  // Two sequences have twice the sums, so the remaining registers hold fewer rows.
  if (sequences > 1) {
    run<Lstm, 8, 2, 9>(layer, gate_kind == HARD_SIGMOID, state);
  } else {
    run_layer<Lstm>(layer, gate_kind == HARD_SIGMOID, state);
  }
}
