// The LSTM, for kernels that run all steps in bf16: its slots are i, f, c~ and o. The rest is as in lstm_forward.cu and
// lstm_backward.cu. c goes from step to step, and c of all steps is kept for the backward pass.
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

  // The part of a step that does not depend on later steps: dL/dc is dL/dh times hidden, plus the later step's; the
  // gradients of the sums are dL/dc times i, f and c, and dL/dh times o; the previous step gets dL/dc times forget.
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

  // Returns the value after the factors and dL/dh of a lane's two sequences are computed; see once_known.
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
