// The gates of recurrent layers in bf16. Whether gates are hard is known at compile time.
#pragma once
#include "rnn_tensor.h"

// A gate, quicker and less exact than in device.h. If the gate is not hard, z is half of its sum, as tanh needs.
static __device__ __forceinline__ float quick_gate(bool hard, float z) {
  return hard ? gate_of(z, HARD_SIGMOID) : 0.5f * quick_tanh(z) + 0.5f;
}

// The factor of a gate's sum before quick_gate. Halving is exact in bf16, so weights may be scaled instead.
static __device__ __forceinline__ float gate_scale(bool hard) {
  return hard ? 1.0f : 0.5f;
}

static __device__ __forceinline__ float slope(bool hard, float gate) {
  return gate_slope(gate, hard ? HARD_SIGMOID : 0);
}

// A unit's gates as kept for the backward pass, in 16 bits each: i, f and o in units of 2^-15, which represent 0 and 1
// exactly, and c, from -1 to 1, in units of 2^-14 with offset 2^15. bf16 would be wrong by up to 2^-9, which for a
// forget gate near 1 adds up over the steps. NaN is not kept. A float32 from 2^23 on has integers in its lowest bits.
struct alignas(8) KeptGates {
  u32 at[2];
};

static __device__ __forceinline__ u32 two_of_16(float low, float high) {
  return lower_halves(__float_as_uint(low), __float_as_uint(high));
}

static __device__ __forceinline__ float kept_gate(float gate) {
  return gate * 32768.0f + 8388608.0f;
}

static __device__ __forceinline__ float kept_candidate(float candidate) {
  return candidate * 16384.0f + (8388608.0f + 32768.0f);
}

static __device__ __forceinline__ Four gates_of(const KeptGates& kept) {
  const u32 exponent = 0x4b000000;
  float i = __uint_as_float(exponent | (kept.at[0] & 0xffff));
  float f = __uint_as_float(exponent | kept.at[0] >> 16);
  float c = __uint_as_float(exponent | (kept.at[1] & 0xffff));
  float o = __uint_as_float(exponent | kept.at[1] >> 16);
  return {{i * 0x1p-15f - 256.0f, f * 0x1p-15f - 256.0f, c * 0x1p-14f - 514.0f, o * 0x1p-15f - 256.0f}};
}
