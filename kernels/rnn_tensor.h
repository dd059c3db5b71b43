// Recurrent layers in bf16 on tensor cores, of H <= 128 units by a block or by a cluster of 4 blocks. A kernel for more
// units defines MOST_UNITS, BLOCKS, which share them, and SHARES before its includes.
#pragma once
#include "device.h"

#ifndef MOST_UNITS
#define MOST_UNITS 128
#define BLOCKS 4
// The warps of a cluster's block that share the products of the same 8 units, because one warp's registers cannot hold
// their part of the recurrent kernel.
#define SHARES 1
#endif
// The units of a block of a cluster.
#define BLOCK_UNITS (MOST_UNITS / BLOCKS)
// The sequences of a product (the columns of multiply_add), and the units of a warp in the forward pass.
#define SEQUENCES 8
#define LANE_UNITS 8
// The warps of a cluster's block that compute the gates of its units.
#define UNIT_WARPS (BLOCK_UNITS / LANE_UNITS)

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
