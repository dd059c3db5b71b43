// Every kernel includes this header. It has the macros for shared memory; ptx.h has the inline PTX of warps and
// clusters. No CUDA header is needed: nvcc and NVRTC know their built-ins, and the simulated GPU has its own.
#pragma once

#ifndef SHARED_ARRAY
#define SHARED_ARRAY(type, name, count) __shared__ type name[count]
// Dynamic shared memory, whose size the launch gives.
#define DYNAMIC_SHARED(type, name) extern __shared__ type name[]
#endif

// Whether the target has tensor-core instructions for bf16. Without them, kernels that need them are empty.
#if defined(CHARLSTM_SIMULATED) || __CUDA_ARCH__ >= 800
#define TENSOR_CORES true
#else
#define TENSOR_CORES false
#endif
// Whether the target has clusters of blocks; without clusters, kernels that need them are empty.
#if defined(CHARLSTM_SIMULATED) || __CUDA_ARCH__ >= 900
#define CLUSTERS true
#else
#define CLUSTERS false
#endif

#define WARP 32
#define FULL_MASK 0xffffffffu
#define INFINITE __int_as_float(0x7f800000)

// The activations of a dense layer; 0 is none.
#define RELU 1
#define TANH 2

// The activations of recurrent gates; 0 is the sigmoid, 1 / (1 + exp(-z)).
#define HARD_SIGMOID 1

typedef unsigned int u32;
typedef unsigned long long u64;

#ifndef CHARLSTM_SIMULATED
#include "ptx.h"
#endif

// Activations are float32, or bf16 where the kernel's last argument is not 0. bf16 is the upper half of a float32,
// rounded to nearest, ties to even. Integers do the rounding, because compute capability 7.5 has no instruction for it.
typedef unsigned short Half;

static __device__ __forceinline__ float widened(Half half) {
  return __uint_as_float((u32)half << 16);
}

static __device__ __forceinline__ Half rounded(float value) {
  u32 bits = __float_as_uint(value);
  bool nan = (bits & 0x7fffffffu) > 0x7f800000u;
  return nan ? 0x7fffu : (bits + 0x7fffu + (bits >> 16 & 1)) >> 16;
}

// Two bf16 in a register, each rounded as by rounded(); a single instruction from sm_80 on.
static __device__ __forceinline__ u32 pack_halves(float low, float high) {
#if !defined(CHARLSTM_SIMULATED) && __CUDA_ARCH__ >= 800
  u32 halves;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(halves) : "f"(high), "f"(low));
  return halves;
#else
  return (u32)rounded(low) | (u32)rounded(high) << 16;
#endif
}

// Indices have 32 bits, and count from a base such as a row's beginning, whose own offset may need 64 bits.
static __device__ __forceinline__ const void* place(const void* x, long long i, int bf16) {
  return (const char*)x + i * (bf16 ? sizeof(Half) : sizeof(float));
}

static __device__ __forceinline__ float load(const void* x, int i, int bf16) {
  return bf16 ? widened(((const Half*)x)[i]) : ((const float*)x)[i];
}

static __device__ __forceinline__ void store(void* x, int i, float value, int bf16) {
  if (bf16) {
    ((Half*)x)[i] = rounded(value);
  } else {
    ((float*)x)[i] = value;
  }
}

// A recurrent gate's value for a sum z. NaN stays NaN.
static __device__ __forceinline__ float gate_of(float z, int kind) {
  if (kind == HARD_SIGMOID) {
    float value = 0.2f * z + 0.5f;
    return value < 0.0f ? 0.0f : value > 1.0f ? 1.0f : value;
  }
  return 1.0f / (1.0f + expf(-z));
}

// The derivative of a gate, computed from the gate's value.
static __device__ __forceinline__ float gate_slope(float gate, int kind) {
  float hard = gate > 0.0f && gate < 1.0f ? 0.2f : 0.0f;
  return kind == HARD_SIGMOID ? hard : gate * (1.0f - gate);
}

// A dense layer's output for a sum z. NaN stays NaN.
static __device__ __forceinline__ float activated(float z, int activation) {
  if (activation == RELU) {
    return z < 0.0f ? 0.0f : z;
  }
  return activation == TANH ? tanhf(z) : z;
}

// dL/dz from dL/dy, where y = activation(z).
static __device__ __forceinline__ float before_activation(float dy, float y, int activation) {
  if (activation == RELU) {
    return y <= 0.0f ? 0.0f : dy;
  }
  return activation == TANH ? dy * (1.0f - y * y) : dy;
}

// Four elements that are read and written in one access of 16 bytes, or 8 of bf16.
struct alignas(16) Four {
  typedef float Element;
  Element at[4];
};

struct alignas(8) FourHalves {
  typedef Half Element;
  Element at[4];
};

static __device__ __forceinline__ Four widened(const Four& four) {
  return four;
}

static __device__ __forceinline__ Four widened(const FourHalves& halves) {
  Four four;
  for (int k = 0; k < 4; k++) {
    four.at[k] = widened(halves.at[k]);
  }
  return four;
}

static __device__ __forceinline__ void round_to(Four& to, const Four& four) {
  to = four;
}

static __device__ __forceinline__ void round_to(FourHalves& to, const Four& four) {
  for (int k = 0; k < 4; k++) {
    to.at[k] = rounded(four.at[k]);
  }
}

// Reads four of n elements from i on, a multiple of 4; zeros beyond n. x is aligned to 16 bytes, or 8 for bf16.
template <typename T>
static __device__ __forceinline__ T read_four(const void* x, int i, int n) {
  const typename T::Element* from = (const typename T::Element*)x + i;
  if (i + 4 <= n) {
    return *(const T*)from;
  }
  T four;
  for (int k = 0; k < 4; k++) {
    four.at[k] = i + k < n ? from[k] : 0;
  }
  return four;
}

// Writes the elements of the four whose index is below n.
template <typename T>
static __device__ __forceinline__ void write_four(void* x, int i, int n, const T& four) {
  typename T::Element* to = (typename T::Element*)x + i;
  if (i + 4 <= n) {
    *(T*)to = four;
  } else {
    for (int k = 0; k < 4 && i + k < n; k++) {
      to[k] = four.at[k];
    }
  }
}

// Reads four elements of a row of any alignment, from column c on, a multiple of four.
static __device__ __forceinline__ Four read_columns(const float* __restrict__ row, int c, int columns) {
  if (columns % 4 == 0) {
    return read_four<Four>(row, c, columns);
  }
  Four four;
  for (int k = 0; k < 4; k++) {
    four.at[k] = c + k < columns ? row[c + k] : 0.0f;
  }
  return four;
}

static __device__ __forceinline__ Four load_four(const void* x, int i, int n, int bf16) {
  return bf16 ? widened(read_four<FourHalves>(x, i, n)) : read_four<Four>(x, i, n);
}

static __device__ __forceinline__ void store_four(void* x, int i, int n, const Four& four, int bf16) {
  if (bf16) {
    FourHalves halves;
    round_to(halves, four);
    write_four(x, i, n, halves);
  } else {
    write_four(x, i, n, four);
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

// Returns a value (>= 0) with a false dependency on the others. The compiler then computes the others here, which frees
// the registers of their operands.
template <typename... Floats>
static __device__ __forceinline__ int once_known(int value, Floats... others) {
  return min((u32)value, (__float_as_uint(others) ^ ...) | 0x80000000u);
}
