// What every kernel includes, and the only place of inline PTX and of the macros for shared memory. No CUDA header is
// needed: nvcc and NVRTC know their built-ins, and the simulated GPU brings twins of them.
#pragma once

#ifndef SHARED_ARRAY
#define SHARED_ARRAY(type, name, count) __shared__ type name[count]
#endif

#define WARP 32
#define FULL_MASK 0xffffffffu

// What follows a dense layer's sums; 0 is nothing.
#define RELU 1
#define TANH 2

typedef unsigned int u32;
typedef unsigned long long u64;

// Four floats that are read and written at once.
struct alignas(16) Four {
  float x, y, z, w;
};

// Activations are float32, or bf16 where the kernel's last argument is not 0: the upper half of a float32, rounded to
// nearest, ties to even, by integers, since compute capability 7.5 has no instruction for it.
static __device__ __forceinline__ float load(const void* x, long long i, int bf16) {
  return bf16 ? __uint_as_float((u32)((const unsigned short*)x)[i] << 16) : ((const float*)x)[i];
}

static __device__ __forceinline__ void store(void* x, long long i, float value, int bf16) {
  if (bf16) {
    u32 bits = __float_as_uint(value);
    bool nan = (bits & 0x7fffffffu) > 0x7f800000u;
    ((unsigned short*)x)[i] = nan ? 0x7fffu : (bits + 0x7fffu + (bits >> 16 & 1)) >> 16;
  } else {
    ((float*)x)[i] = value;
  }
}

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
