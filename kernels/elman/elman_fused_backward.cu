// The backward pass of an Elman layer over T steps for B sequences and H <= 128 units in one launch, a sequence per
// block, all float32. It computes per step what a product and elman_backward.cu compute: from output_gradient (T,B,H),
// the gradient of h from the layer above, sum_gradients (T,B,H). hidden (T,B,H) comes from elman_fused_forward.cu;
// recurrent (H,H) is the layer's recurrent kernel, which stays in registers. A launch may cover a part of the steps;
// later parts run first. If follows is not 0, the sum_gradients of the step after the last lie behind this part's. One
// of a unit's two lanes reads and writes. rnn_fused_backward.h describes the rest. Launch B blocks of 32 ceil(H / 16)
// threads, with 1 KiB of dynamic shared memory. Elements are counted in 32 bits.
// Bytes: 4 B H H + 12 T B H, and 4 B H more where steps follow. FLOPs: T B (2 H H + 4 H).
#include "rnn_fused_backward.h"

template <bool RELU_ALONE>
struct Elman : AnyCell {
  typedef One Gradients;
  typedef One Share;
  static const int GATES = 1;
  float hidden;
  float given;

  struct Ways {
    int until;

    __device__ __forceinline__ Ways(const Layer& layer, bool upper) : until(upper ? layer.steps : 0) {}

    __device__ __forceinline__ void keep() {
      until = opaque(until);
    }
  };

  struct Factors {
    float to_sum;

    __device__ __forceinline__ Factors(const Elman& of, const Ways&, bool)
        : to_sum(before_activation(1.0f, of.hidden, RELU_ALONE ? RELU : TANH)) {}
  };

  static __device__ __forceinline__ bool writes(bool upper) {
    return !upper;
  }

  __device__ __forceinline__ void begin(const Layer& layer, const Ways& ways, bool upper, int, int n, int to_gate) {
    hidden = 0.0f;
    given = 0.0f;
    next(layer, ways, upper, n, layer.steps, to_gate);
  }

  __device__ __forceinline__ float start(bool) const {
    return given;
  }

  __device__ __forceinline__ One back(float dh, const Factors& factors, bool) {
    return {{dh * factors.to_sum}};
  }

  __device__ __forceinline__ void next(const Layer& layer, const Ways& ways, bool, int n, int t, int) {
    if (t > ways.until) {
      hidden = layer.hidden[n];
    }
    if (t > ways.until) {
      given = layer.output_gradient[n];
    }
  }

  static __device__ __forceinline__ void write(const Layer& layer, const Ways&, bool, int gate, One dz, bool writes) {
    if (writes) {
      layer.input_gradients[gate] = dz.at[0];
    }
  }
};

extern "C" __global__ void __launch_bounds__(FUSED_THREADS) elman_fused_backward(
    const float* __restrict__ hidden, const float* __restrict__ recurrent, const float* __restrict__ output_gradient,
    float* sum_gradients, int steps, int batch, int units, int activation, int follows) {
  DYNAMIC_SHARED(Four, state);
  Layer layer = {nullptr,       nullptr,       hidden,  nullptr, recurrent, output_gradient,
                 sum_gradients, sum_gradients, nullptr, steps,   batch,     units,
                 follows};
  run_layer<Elman>(layer, activation == RELU, state);
}
