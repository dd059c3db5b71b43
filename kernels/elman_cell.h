// The Elman cell, for kernels that run all steps in bf16: h = a(sum) in one slot, by ReLU or tanh, as in
// elman_forward.cu and elman_backward.cu. h is the only value that goes from step to step, and nothing else is kept for
// the backward pass.
#pragma once
#include "rnn_tensor.h"

struct ElmanCell {
  static const int SLOTS = 1;
  static const int GATES = 1;
  static const bool KEEPS = false;
  static const bool CELLS = false;
  static const bool OF_STEP = true;
  struct Input {
    float at[SLOTS];
  };
  struct Kept {};
  typedef Half Before;
  typedef Half Sums;

  static __device__ __forceinline__ float scale(bool, int) {
    return 1.0f;
  }

  static __device__ __forceinline__ float bias(const float* bias, int, int, int unit) {
    return bias[unit];
  }

  static __device__ __forceinline__ float forward(bool relu, const float (&sum)[SLOTS], float&, Kept&) {
    return relu ? activated(sum[0], RELU) : quick_tanh(sum[0]);
  }

  struct Factors {
    float slope;
  };

  static __device__ __forceinline__ Factors factors(bool relu, const Kept&, float, float h) {
    return {before_activation(1.0f, h, relu ? RELU : TANH)};
  }

  static __device__ __forceinline__ int once_all_known(int value, const Factors (&by)[2], const float (&dh)[2]) {
    return once_known(value, by[0].slope, dh[0], by[1].slope, dh[1]);
  }

  static __device__ __forceinline__ Sums go_back(const Factors& by, float dh, float&) {
    return pack_halves(dh * by.slope, 0.0f);
  }
};
