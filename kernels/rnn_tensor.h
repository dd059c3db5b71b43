// Recurrent layers of H <= 128 units in bf16 on tensor cores.
#pragma once
#include "device.h"

#define MOST_UNITS 128
// The sequences of a product (the columns of multiply_add), and the units of a warp in the forward pass.
#define SEQUENCES 8
#define LANE_UNITS 8

// Four bf16 as pairs, converted and moved together.
struct alignas(8) PackedFour {
  u32 at[2];
};

static __device__ __forceinline__ PackedFour packed(float a, float b, float c, float d) {
  return {{pack_halves(a, b), pack_halves(c, d)}};
}

// A sequence's bf16 in shared memory, for load_matrices: the stride is 16 bytes more than a multiple of 128, so 8 rows
// have no bank conflicts.
template <int N>
struct alignas(16) HalfRow {
  Half at[N + 8];
};
