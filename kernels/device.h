// What every kernel includes, and the only place of inline PTX and of the macros for shared memory. No CUDA header is
// needed: nvcc and NVRTC know their built-ins, and the simulated GPU brings twins of them.
#pragma once

#ifndef SHARED_ARRAY
#define SHARED_ARRAY(type, name, count) __shared__ type name[count]
#endif

#define WARP 32
#define FULL_MASK 0xffffffffu

typedef unsigned int u32;
typedef unsigned long long u64;

// The sum over a warp, the same in every lane, always in the same order.
static __device__ __forceinline__ float warp_sum(float value) {
  for (int distance = WARP / 2; distance > 0; distance /= 2) {
    value += __shfl_xor_sync(FULL_MASK, value, distance);
  }
  return value;
}

// The maximum over a warp in every lane.
static __device__ __forceinline__ float warp_max(float value) {
  for (int distance = WARP / 2; distance > 0; distance /= 2) {
    value = fmaxf(value, __shfl_xor_sync(FULL_MASK, value, distance));
  }
  return value;
}
