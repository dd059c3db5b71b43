// A GRU layer with the reset after the product, over T steps for B sequences and H <= 128 units in one launch, a
// sequence per block, all float32. It computes per step what a product and gru_forward.cu compute; the recurrent sums
// are
//   u (3H) = previous h times recurrent (H,3H) + the second row of bias (2,3H)
// The recurrent kernel stays in registers. Where ids (T,B) is null, input (T,B,3H) has a row per step and sequence;
// otherwise the id chooses the row, and a negative id means zeros. first_hidden (B,H) is null for zeros. gates (T,B,3H)
// receives z, r and h~, and may be input; scaled (T,B,H) receives u_h, the factor of r; either may be null. hidden
// (T,B,H) receives h. NaN stays NaN. Of a unit's two lanes one has z, the other r and h~, and both u_h, after five
// shuffles; a sixth passes z on while h~ is computed. Three gates thus take three quarters of the products of four.
// rnn_fused_forward.h describes the rest. Launch B blocks of 32 ceil(H / 16) threads, with 1 KiB of dynamic shared
// memory. Elements are counted in 32 bits. Bytes: 12 B H H + 24 B H + T B (32 H + 4), less 4 T B without ids, less 16 T
// B H without gates, and 4 B H more for a first state. FLOPs: T B (6 H H + about 70 H).
#include "rnn_fused_forward.h"

template <bool HARD>
struct Gru : AnyCell {
  static const int GATES = 3;
  static const int COLUMNS = 6;
  static const int SUMS = 2;
  static const int BIASES = 2;
  float bias[BIASES];
  float candidate_bias;

  __device__ __forceinline__ Gru(const Layer& layer, bool upper, int unit, int column) {
    int candidate = 2 * layer.units + unit;
    const float* of_recurrent = layer.bias + 3 * layer.units;
    bias[0] = layer.bias[column] + of_recurrent[column];
    bias[1] = upper ? of_recurrent[candidate] : 0.0f;
    candidate_bias = upper ? layer.bias[candidate] : 0.0f;
  }

  // A lane's own gate, the candidate, and the other lane's gate.
  static __device__ __forceinline__ int gate(bool upper, int i) {
    return i == 1 ? 2 : upper ^ i / 2;
  }

  // Both need the candidate's recurrent sum.
  static __device__ __forceinline__ int partner(int i) {
    return i == 0 ? 2 : 1;
  }

  static __device__ __forceinline__ int writes(bool gates, bool upper) {
    return (gates ? WRITES_GATE : 0) | (gates && upper ? WRITES_SECOND : 0) | (gates || upper ? WRITES_OUT : 0) |
           (upper ? WRITES_STATE : 0);
  }

  static __device__ __forceinline__ const float* first(const Layer& layer) {
    return layer.first_hidden;
  }

  // The candidate's input is added outside of the sum that r scales.
  __device__ __forceinline__ void add(float (&sums)[COLUMNS], const float (&next)[2], float& added) const {
    sums[0] += next[0];
    added = opaque(next[1] + candidate_bias);
  }

  __device__ __forceinline__ Values step(const float (&sums)[COLUMNS], float added, float& hidden, bool,
                                         float ninth) const {
    float gate = HARD ? gate_of(sums[0], HARD_SIGMOID) : sigmoid(sums[0]);
    float z = __shfl_xor_sync(FULL_MASK, gate, 8);
    float candidate = tanh_of(added + gate * sums[1], ninth);
    hidden = (1.0f - z) * candidate + z * hidden;
    return {gate, candidate, hidden, sums[1]};
  }
};

extern "C" __global__ void __launch_bounds__(FUSED_THREADS) gru_fused_forward(
    const float* input, const int* __restrict__ ids, const float* __restrict__ recurrent,
    const float* __restrict__ bias, const float* __restrict__ first_hidden, float* gates, float* __restrict__ scaled,
    float* __restrict__ hidden, int steps, int batch, int units, int gate_kind) {
  wait_for_launch_before();
  // h comes first, then weights.
  DYNAMIC_SHARED(Four, state);
  Layer layer = {input, ids, recurrent, bias, first_hidden, nullptr, gates, scaled, hidden, steps, batch, units};
  run_layer<Gru>(layer, gate_kind == HARD_SIGMOID, state);
}
