// The GRU with the reset after the product, for kernels that run all steps in bf16. Its slots are z, r, u and a: u is
// the candidate's recurrent sum, a the candidate's input sum. The rest is as in gru_forward.cu and gru_backward.cu. h
// goes from step to step in float32. Where gates are kept, the fourth is u in bf16.
#pragma once
#include "rnn_gates.h"

struct GruCell {
  static const int SLOTS = 4;
  static const int GATES = 3;
  static const bool KEEPS = true;
  static const bool CELLS = false;
  static const bool OF_STEP = false;
  typedef Four Input;
  typedef KeptGates Kept;
  typedef Half Before;
  typedef PackedFour Sums;

  static __device__ __forceinline__ float scale(bool hard, int slot) {
    return slot < 2 ? gate_scale(hard) : 1.0f;
  }

  // The bias has a row for the input's sums and a row for the recurrent sums.
  static __device__ __forceinline__ float bias(const float* bias, int slot, int units, int unit) {
    const float* of = bias + unit;
    return slot < 2 ? of[slot * units] + of[(3 + slot) * units] : of[(slot == 2 ? 5 : 2) * units];
  }

  static __device__ __forceinline__ float forward(bool hard, const float (&sums)[SLOTS], float& h, Kept& kept) {
    float z = quick_gate(hard, sums[0]);
    float r = quick_gate(hard, sums[1]);
    float candidate = quick_tanh(sums[3] + r * sums[2]);
    h = candidate + z * (h - candidate);
    kept = {{two_of_16(kept_gate(z), kept_gate(r)),
             lower_halves(__float_as_uint(kept_candidate(candidate)), pack_halves(sums[2], 0.0f))}};
    return h;
  }

  // The factors of dL/dh, for the gradients of the four sums and for the previous step.
  struct Factors {
    float z;
    float r;
    float u;
    float a;
    float before;
  };

  static __device__ __forceinline__ Factors factors(bool hard, const Kept& kept, float before, float) {
    Four gates = gates_of(kept);
    float z = gates.at[0];
    float r = gates.at[1];
    float candidate = gates.at[2];
    float u = __uint_as_float(kept.at[1] & 0xffff0000);
    float a = (1.0f - z) * (1.0f - candidate * candidate);
    return {(before - candidate) * slope(hard, z), a * u * slope(hard, r), a * r, a, z};
  }

  static __device__ __forceinline__ int once_all_known(int value, const Factors (&by)[2], const float (&dh)[2]) {
    return once_known(value, by[0].z, by[0].r, by[0].u, by[0].a, dh[0], by[1].z, by[1].r, by[1].u, by[1].a, dh[1]);
  }

  static __device__ __forceinline__ Sums go_back(const Factors& by, float dh, float& from_after) {
    dh += from_after;
    from_after = dh * by.before;
    return packed(dh * by.z, dh * by.r, dh * by.u, dh * by.a);
  }
};
