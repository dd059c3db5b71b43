// An LSTM layer over T steps for B sequences and H <= 128 units in one launch, S = 1 or 2 sequences per block, all
// float32. It computes per step what a product and lstm_forward.cu compute; the sums are
//   z (4H) = input + previous h times recurrent (H,4H) + bias
// The recurrent kernel stays in registers and shared memory. Where ids (T,B) is null, input (T,B,4H) has a row per step
// and sequence; otherwise the id chooses the row, and a negative id means zeros. first_hidden and first_cell (B,H) are
// null for zeros. gates (T,B,4H) receives s(z) and tanh(z_c), and may be input; cells (T,B,H) receives the cells. Where
// gates is null, no gates are kept, and cells (B,H) receives the last cell. hidden (T,B,H) receives h. NaN stays NaN.
// Of a unit's two lanes one has i and c~, the other f and o; a seventh shuffle gives both the cell. rnn_fused_forward.h
// describes the rest. Launch ceil(B / S) blocks of 32 ceil(H / 16) threads, with S KiB of dynamic shared memory, and 72
// KiB more if S is 2, or else 56 KiB more above 96 units. Elements are counted in 32 bits. Bytes: 16 ceil(B / S) (H H +
// H) + T B (40 H + 4), less 4 T B without ids, less 4 B H (5 T - 1) without gates, and 8 B H more for a first state.
// FLOPs: T B (8 H H + about 90 H).
#include "rnn_fused_forward.h"

template <bool HARD>
struct Lstm : AnyCell {
  static const int GATES = 4;
  static const int STORED = 7;
  static const int COLUMNS = 8;
  static const int SUMS = 2;
  static const int SECOND = 2;
  static const int SECOND_IS = WRITES_GATE;
  static const int BIASES = 2;
  float bias[BIASES];
  TanhOrSigmoid tanh_or_sigmoid;

  __device__ __forceinline__ Lstm(const Layer& layer, bool upper, int, int column)
      : bias{layer.bias[column], layer.bias[column + 2 * layer.units]}, tanh_or_sigmoid(upper) {}

  // The gate of a column; the lane's own gates come first.
  static __device__ __forceinline__ int gate(bool upper, int i) {
    return (upper ^ i / 2) + i % 2 * 2;
  }

  // The other lane's column with this lane's i-th gate.
  static __device__ __forceinline__ int partner(int i) {
    return i + 2;
  }

  static __device__ __forceinline__ bool reads(bool, int) {
    return true;
  }

  static __device__ __forceinline__ int writes(bool gates, bool upper) {
    return (gates ? WRITES_GATE : 0) | (gates || upper ? WRITES_OUT : 0) | (upper ? WRITES_STATE : 0);
  }

  static __device__ __forceinline__ const float* first(const Layer& layer) {
    return layer.first_cell;
  }

  __device__ __forceinline__ void add(float (&sums)[COLUMNS], const float (&next)[2], float&) const {
    sums[0] += next[0];
    sums[1] += next[1];
  }

  __device__ __forceinline__ Values step(const float (&sums)[COLUMNS], float, float& cell, bool upper,
                                         float ninth) const {
    float first;
    float second;
    if (HARD) {
      first = gate_of(sums[0], HARD_SIGMOID);
      float gate = gate_of(sums[1], HARD_SIGMOID);
      float candidate = tanh_of(sums[1], ninth);
      second = upper ? gate : candidate;
    } else {
      first = sigmoid(sums[0]);
      second = tanh_or_sigmoid.of(sums[1], ninth);
    }
    // One lane adds i c~, the other f times the previous cell.
    float share = first * (upper ? cell : second);
    cell = share + __shfl_xor_sync(FULL_MASK, share, 8);
    float h = second * tanh_of(cell, ninth);
    return {first, second, h, cell};
  }

  static __device__ __forceinline__ bool ends(const Layer& layer, bool upper) {
    return !layer.gates && !upper;
  }
};

extern "C" __global__ void __launch_bounds__(FUSED_THREADS) lstm_fused_forward(
    const float* input, const int* __restrict__ ids, const float* __restrict__ recurrent,
    const float* __restrict__ bias, const float* __restrict__ first_hidden, const float* __restrict__ first_cell,
    float* gates, float* __restrict__ cells, float* __restrict__ hidden, int steps, int batch, int units,
    int gate_kind, int sequences) {
  wait_for_launch_before();
  // h comes first, then weights.
  DYNAMIC_SHARED(Four, state);
  Layer layer = {input, ids, recurrent, bias, first_hidden, first_cell, gates, cells, hidden, steps, batch, units};
  // Two sequences have twice the sums, so the remaining registers hold fewer rows.
  if (sequences > 1) {
    run<Lstm, 8, 2, 9>(layer, gate_kind == HARD_SIGMOID, state);
  } else {
    run_layer<Lstm>(layer, gate_kind == HARD_SIGMOID, state);
  }
}
