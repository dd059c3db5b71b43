// An Elman layer over T steps for B sequences and H <= 128 units in one launch, a sequence per block, all float32. It
// computes per step what a product and elman_forward.cu compute:
//   h = a(input + previous h times recurrent (H,H) + bias)              a is ReLU or tanh
// The recurrent kernel stays in registers. Where ids (T,B) is null, input (T,B,H) has a row per step and sequence;
// otherwise the id chooses the row, and a negative id means zeros. first_hidden (B,H) is null for zeros. hidden (T,B,H)
// receives h, and may be input. NaN stays NaN. One of a unit's two lanes reads the input and writes h.
// rnn_fused_forward.h describes the rest. Launch B blocks of 32 ceil(H / 16) threads, with 1 KiB of dynamic shared
// memory. Elements are counted in 32 bits. Bytes: 4 B H H + 4 B H + T B (8 H + 4), less 4 T B without ids, and 4 B H
// more for a first state. FLOPs: T B (2 H H + 3 H, with tanh about 20 H).
#include "rnn_fused_forward.h"

template <bool RELU_ALONE>
struct Elman : AnyCell {
  static const int GATES = 1;
  static const int COLUMNS = 2;
  static const int SUMS = 1;
  static const int BIASES = 1;
  float bias[BIASES];

  __device__ __forceinline__ Elman(const Layer& layer, bool upper, int unit, int)
      : bias{upper ? layer.bias[unit] : 0.0f} {}

  static __device__ __forceinline__ int gate(bool, int) {
    return 0;
  }

  static __device__ __forceinline__ int partner(int) {
    return 0;
  }

  static __device__ __forceinline__ bool reads(bool upper, int i) {
    return i == 0 && upper;
  }

  static __device__ __forceinline__ int writes(bool, bool upper) {
    return upper ? WRITES_OUT | WRITES_STATE : 0;
  }

  __device__ __forceinline__ void add(float (&sums)[COLUMNS], const float (&next)[2], float&) const {
    sums[0] += next[0];
  }

  __device__ __forceinline__ Values step(const float (&sums)[COLUMNS], float, float&, bool, float ninth) const {
    float h = RELU_ALONE ? activated(sums[0], RELU) : tanh_of(sums[0], ninth);
    return {h, h, h, h};
  }
};

extern "C" __global__ void __launch_bounds__(FUSED_THREADS) elman_fused_forward(
    const float* input, const int* __restrict__ ids, const float* __restrict__ recurrent,
    const float* __restrict__ bias, const float* __restrict__ first_hidden, float* hidden, int steps,
    int batch, int units, int activation) {
  wait_for_launch_before();
  DYNAMIC_SHARED(Four, state);
  Layer layer = {input, ids, recurrent, bias, first_hidden, nullptr, nullptr, nullptr, hidden, steps, batch, units};
  run_layer<Elman>(layer, activation == RELU, state);
}
