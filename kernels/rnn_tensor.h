// Recurrent layers of H <= 128 units in bf16 on tensor cores.
#pragma once
#include "device.h"

#define MOST_UNITS 128
// Sequences that a product takes, the columns of multiply_add, and units of a warp going forward.
#define SEQUENCES 8
#define LANE_UNITS 8

// Four bf16 as pairs, which are converted and moved at once.
struct alignas(8) PackedFour {
  u32 at[2];
};

static __device__ __forceinline__ PackedFour packed(float a, float b, float c, float d) {
  return {{pack_halves(a, b), pack_halves(c, d)}};
}

// bf16 of a sequence in shared memory, from which load_matrices reads: 16 bytes further than a multiple of 128, so that
// 8 rows do not share banks.
template <int N>
struct alignas(16) HalfRow {
  Half at[N + 8];
};
