// An LSTM in bf16 on tensor cores.
#pragma once
#include "device.h"

#define MOST_UNITS 128
// Sequences that a product takes, the columns of multiply_add, and units of a warp going forward.
#define SEQUENCES 8
#define LANE_UNITS 8

// A gate for a kind that is known, quicker and less exact, where what is kept of it is bf16; by the half of its sum
// where it is not hard, as tanh has it.
template <bool HARD>
static __device__ __forceinline__ float quick_gate(float z) {
  return HARD ? gate_of(z, HARD_SIGMOID) : 0.5f * quick_tanh(z) + 0.5f;
}

// The factor of a sum before that. Halves are exact in bf16: weights may have it as well.
template <bool HARD>
static __device__ __forceinline__ float gate_scale() {
  return HARD ? 1.0f : 0.5f;
}

template <bool HARD>
static __device__ __forceinline__ float slope(float gate) {
  return gate_slope(gate, HARD ? HARD_SIGMOID : 0);
}

// Four bf16 as pairs, which are converted and moved at once.
struct alignas(8) PackedFour {
  u32 at[2];
};

static __device__ __forceinline__ PackedFour packed(float a, float b, float c, float d) {
  return {{pack_halves(a, b), pack_halves(c, d)}};
}

// A unit's gates as they are kept for the way back, of 16 bits each: i, f and o in units of 2^-15, which have 0 and 1
// exactly, and c, from -1 to 1, in units of 2^-14 from 2^15 on. bf16 would be up to 2^-9 off, which for a forget gate
// near 1 adds up step after step. NaN is not kept. A float32 from 2^23 on has whole numbers in its lowest bits.
struct alignas(8) KeptGates {
  u32 at[2];
};

static __device__ __forceinline__ u32 two_of_16(float low, float high) {
  return lower_halves(__float_as_uint(low), __float_as_uint(high));
}

static __device__ __forceinline__ KeptGates kept_gates(float i, float f, float c, float o) {
  return {{two_of_16(i * 32768.0f + 8388608.0f, f * 32768.0f + 8388608.0f),
           two_of_16(c * 16384.0f + (8388608.0f + 32768.0f), o * 32768.0f + 8388608.0f)}};
}

static __device__ __forceinline__ Four gates_of(const KeptGates& kept) {
  const u32 exponent = 0x4b000000;
  float i = __uint_as_float(exponent | (kept.at[0] & 0xffff));
  float f = __uint_as_float(exponent | kept.at[0] >> 16);
  float c = __uint_as_float(exponent | (kept.at[1] & 0xffff));
  float o = __uint_as_float(exponent | kept.at[1] >> 16);
  return {{i * 0x1p-15f - 256.0f, f * 0x1p-15f - 256.0f, c * 0x1p-14f - 514.0f, o * 0x1p-15f - 256.0f}};
}

// bf16 of a sequence in shared memory, from which load_matrices reads: 16 bytes further than a multiple of 128, so that
// 8 rows do not share banks.
template <int N>
struct alignas(16) HalfRow {
  Half at[N + 8];
};
