// The LSTM, for kernels that go through all steps in bf16: slots i, f, c~ and o; from their sums on as lstm_forward.cu
// and lstm_backward.cu. It carries c, and keeps it of all steps.
#pragma once
#include "rnn_gates.h"

struct LstmCell {
  static const int SLOTS = 4;
  static const int GATES = 4;
  static const bool KEEPS = true;
  static const bool CELLS = true;
  static const bool OF_STEP = true;
  typedef Four Input;
  typedef KeptGates Kept;
  typedef float Before;
  typedef PackedFour Sums;

  static __device__ __forceinline__ float scale(bool hard, int slot) {
    return slot == 2 ? 1.0f : gate_scale(hard);
  }

  static __device__ __forceinline__ float bias(const float* bias, int slot, int units, int unit) {
    return bias[slot * units + unit];
  }

  static __device__ __forceinline__ float forward(bool hard, const float (&z)[SLOTS], float& cell, Kept& kept) {
    float i = quick_gate(hard, z[0]);
    float f = quick_gate(hard, z[1]);
    float candidate = quick_tanh(z[2]);
    float o = quick_gate(hard, z[3]);
    cell = f * cell + i * candidate;
    kept = {{two_of_16(kept_gate(i), kept_gate(f)), two_of_16(kept_candidate(candidate), kept_gate(o))}};
    return o * quick_tanh(cell);
  }

  // All of a step that does not depend on the steps after it: dL/dc is dL/dh times hidden and what comes from after;
  // the gates' sums' gradients are that times i, f and c, and dL/dh times o; and forget goes to the step before.
  struct Factors {
    float hidden;
    float i;
    float f;
    float c;
    float o;
    float forget;
  };

  static __device__ __forceinline__ Factors factors(bool hard, const Kept& kept, float before, float cell) {
    Four gates = gates_of(kept);
    float i = gates.at[0];
    float f = gates.at[1];
    float candidate = gates.at[2];
    float o = gates.at[3];
    float tanh_cell = quick_tanh(cell);
    return {o * (1.0f - tanh_cell * tanh_cell),
            candidate * slope(hard, i),
            before * slope(hard, f),
            i * (1.0f - candidate * candidate),
            tanh_cell * slope(hard, o),
            f};
  }

  // The value, once the factors and dL/dh of a lane's two sequences are known.
  static __device__ __forceinline__ int once_all_known(int value, const Factors (&by)[2], const float (&dh)[2]) {
    return once_known(value, by[0].hidden, by[0].i, by[0].f, by[0].c, by[0].o, dh[0], by[1].hidden, by[1].i, by[1].f,
                      by[1].c, by[1].o, dh[1]);
  }

  static __device__ __forceinline__ Sums go_back(const Factors& by, float dh, float& from_after) {
    float dc = from_after + dh * by.hidden;
    from_after = dc * by.forget;
    return packed(dc * by.i, dc * by.f, dc * by.c, dh * by.o);
  }
};
