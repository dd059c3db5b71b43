// The backward pass of a GRU layer with the reset after the product, over T steps for B sequences and H <= 128 units in
// one launch, a sequence per block, all float32. It computes per step what a product and gru_backward.cu compute: from
// output_gradient (T,B,H), the gradient of h from the layer above, the gradients of the input's and the recurrent sums,
// input_gradients and recurrent_gradients (T,B,3H). gates (T,B,3H), scaled and hidden (T,B,H) come from
// gru_fused_forward.cu; recurrent (H,3H) is the layer's recurrent kernel, which stays in registers; first_hidden (B,H)
// is null for zeros. A launch may cover a part of the steps; later parts run first. hidden_gradient (B,H) receives the
// gradient of h before the first step, without the recurrent products' share; if follows is not 0, hidden_gradient
// holds the later part's on entry, and that part's recurrent_gradients lie behind this part's. Of a unit's two lanes
// one has z and h~, the other r and u_h; one passes on the factor of h~'s gradient. rnn_fused_backward.h describes the
// rest. Launch B blocks of 32 ceil(H / 16) threads, with 4 KiB of dynamic shared memory. Elements are counted in 32
// bits. Bytes: 12 B H H + 48 T B H, and 4 B H more for a first state, and 16 B H where steps follow. FLOPs: T B (6 H H
// + about 20 H).
#include "rnn_fused_backward.h"

template <bool HARD>
struct Gru : AnyCell {
  // Shared memory has dh~, dz, dr and dh~ r; recurrent sums have no dh~.
  typedef Four Gradients;
  typedef Two Share;
  static const int GATES = 3;
  // z, or r.
  float gate;
  // h~, or u_h.
  float second;
  // The previous h, or the gradient of h from the layer above.
  float third;
  float first_hidden;
  float carried;

  struct Ways {
    const float* second_from;
    const float* third_from;
    float* second_to;
    int third_at;
    int third_until;
    int second_to_at;
    int lower_lane;

    __device__ __forceinline__ Ways(const Layer& layer, bool upper) {
      second_from = upper ? layer.kept : layer.gates;
      third_from = upper ? layer.output_gradient : layer.hidden;
      second_to = upper ? layer.recurrent_gradients : layer.input_gradients;
      third_at = upper ? 0 : -layer.batch * layer.units;
      third_until = upper ? 0 : 1;
      second_to_at = (upper ? 1 : 2) * layer.units;
      lower_lane = threadIdx.x % WARP & ~2;
    }

    __device__ __forceinline__ void keep() {
      third_at = opaque(third_at);
      third_until = opaque(third_until);
      second_to_at = opaque(second_to_at);
    }
  };

  // The factors of the gradient of h.
  struct Factors {
    float to_gate;
    float to_second;

    __device__ __forceinline__ Factors(const Gru& of, const Ways& ways, bool upper) {
      float slope = HARD ? gate_slope(of.gate, HARD_SIGMOID) : of.gate - of.gate * of.gate;
      float to_candidate =
          __shfl_sync(FULL_MASK, (1.0f - of.gate) * (1.0f - of.second * of.second), ways.lower_lane);
      to_gate = slope * (upper ? to_candidate * of.second : of.third - of.second);
      to_second = to_candidate * (upper ? of.gate : 1.0f);
    }
  };

  __device__ __forceinline__ void begin(const Layer& layer, const Ways& ways, bool upper, int first, int n,
                                        int to_gate) {
    first_hidden = layer.first ? layer.first[first] : 0.0f;
    carried = layer.follows ? layer.passed[first] : 0.0f;
    next(layer, ways, upper, n, layer.steps, to_gate);
  }

  __device__ __forceinline__ float start(bool upper) const {
    return upper ? third : carried;
  }

  __device__ __forceinline__ Two back(float dh, const Factors& factors, bool upper) {
    carried = dh * gate;
    float first = dh * factors.to_gate;
    float second = dh * factors.to_second;
    return {{upper ? first : second, upper ? second : first}};
  }

  __device__ __forceinline__ void next(const Layer& layer, const Ways& ways, bool upper, int n, int t, int to_gate) {
    third = first_hidden;
    if (t > 0) {
      gate = layer.gates[3 * n + to_gate];
    }
    if (t > 0) {
      second = ways.second_from[upper ? n : 3 * n + to_gate + 2 * layer.units];
    }
    if (t > ways.third_until) {
      third = ways.third_from[n + ways.third_at];
    }
  }

  static __device__ __forceinline__ void write(const Layer& layer, const Ways& ways, bool upper, int gate, Two dz,
                                               bool writes) {
    float first = dz.at[upper ? 0 : 1];
    if (writes) {
      layer.input_gradients[gate] = first;
    }
    if (writes) {
      layer.recurrent_gradients[gate] = first;
    }
    if (writes) {
      ways.second_to[gate + ways.second_to_at] = dz.at[upper ? 1 : 0];
    }
  }

  __device__ __forceinline__ void end(const Layer& layer, int n) const {
    layer.passed[n] = carried;
  }
};

extern "C" __global__ void __launch_bounds__(FUSED_THREADS) gru_fused_backward(
    const float* __restrict__ gates, const float* __restrict__ scaled, const float* __restrict__ hidden,
    const float* __restrict__ first_hidden, const float* __restrict__ recurrent,
    const float* __restrict__ output_gradient, float* __restrict__ input_gradients, float* recurrent_gradients,
    float* __restrict__ hidden_gradient, int steps, int batch, int units, int gate_kind, int follows) {
  // Gradients come first, then weights.
  DYNAMIC_SHARED(Four, state);
  Layer layer = {gates,           scaled,          hidden,          first_hidden,        recurrent,
                 output_gradient, input_gradients, recurrent_gradients, hidden_gradient, steps,
                 batch,           units,           follows};
  run_layer<Gru>(layer, gate_kind == HARD_SIGMOID, state);
}
