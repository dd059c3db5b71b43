// What every kernel includes, and the only place of inline PTX and of the macros for shared memory. No CUDA header is
// needed: nvcc and NVRTC know their built-ins, and the simulated GPU brings twins of them.
#pragma once

#ifndef SHARED_ARRAY
#define SHARED_ARRAY(type, name, count) __shared__ type name[count]
// What the launch gives beyond those.
#define DYNAMIC_SHARED(type, name) extern __shared__ type name[]
#endif

#define WARP 32
#define FULL_MASK 0xffffffffu

// What follows a dense layer's sums; 0 is nothing.
#define RELU 1
#define TANH 2

// What makes an LSTM's gates; 0 is 1 / (1 + exp(-z)).
#define HARD_SIGMOID 1

typedef unsigned int u32;
typedef unsigned long long u64;

// Activations are float32, or bf16 where the kernel's last argument is not 0: the upper half of a float32, rounded to
// nearest, ties to even, by integers, since compute capability 7.5 has no instruction for it.
typedef unsigned short Half;

static __device__ __forceinline__ float widened(Half half) {
  return __uint_as_float((u32)half << 16);
}

static __device__ __forceinline__ Half rounded(float value) {
  u32 bits = __float_as_uint(value);
  bool nan = (bits & 0x7fffffffu) > 0x7f800000u;
  return nan ? 0x7fffu : (bits + 0x7fffu + (bits >> 16 & 1)) >> 16;
}

// Elements are counted in 32 bits, from a place that may be further away, for example where a row begins.
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

// A gate of an LSTM by its sum. NaN stays NaN.
static __device__ __forceinline__ float gate_of(float z, int kind) {
  if (kind == HARD_SIGMOID) {
    float value = 0.2f * z + 0.5f;
    return value < 0.0f ? 0.0f : value > 1.0f ? 1.0f : value;
  }
  return 1.0f / (1.0f + expf(-z));
}

// Its derivative, by its value.
static __device__ __forceinline__ float gate_slope(float gate, int kind) {
  float hard = gate > 0.0f && gate < 1.0f ? 0.2f : 0.0f;
  return kind == HARD_SIGMOID ? hard : gate * (1.0f - gate);
}

// Four elements, which are read and written at once: 16 bytes, or 8 of bf16.
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

// The four elements from i on, a multiple of four, of n; zeros for those that are not there. Where x begins 16 bytes
// must, or 8 of bf16.
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

// Writes those of the four that are there.
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

// Of four sums' parts, which four lanes hold that differ in two bits of their number, each lane gets one sum: the one
// that those bits say, the upper first. Always in the same order.
static __device__ __forceinline__ float scatter_sum(const float (&part)[4], int lane, int upper, int lower) {
  bool up = lane & upper;
  float even = up ? part[2] : part[0];
  float odd = up ? part[3] : part[1];
  even += __shfl_xor_sync(FULL_MASK, up ? part[0] : part[2], upper);
  odd += __shfl_xor_sync(FULL_MASK, up ? part[1] : part[3], upper);
  bool low = lane & lower;
  return (low ? odd : even) + __shfl_xor_sync(FULL_MASK, low ? even : odd, lower);
}

// The other way: what four such lanes hold, in the order that the two bits say, in each of them.
static __device__ __forceinline__ Four gather_lanes(float value, int lane, int upper, int lower) {
  float beside = __shfl_xor_sync(FULL_MASK, value, lower);
  float across = __shfl_xor_sync(FULL_MASK, value, upper);
  float opposite = __shfl_xor_sync(FULL_MASK, value, upper | lower);
  bool up = lane & upper;
  bool low = lane & lower;
  float even = low ? beside : value;
  float odd = low ? value : beside;
  float even_across = low ? opposite : across;
  float odd_across = low ? across : opposite;
  return {{up ? even_across : even, up ? odd_across : odd, up ? even : even_across, up ? odd : odd_across}};
}

// A recurrent kernel (H,4H) in one block, for lstm_fused_forward and lstm_fused_backward: a warp for 8 units, of each
// of which four lanes take part. Of each chunk of 16 units that sums go over a thread has 4 x 4 weights: of the first
// KEPT_CHUNKS in registers, which leaves 32 of its 128 for all else, of the others in shared memory.
#define LANES_OF_UNITS 8
#define UNITS_OF_CHUNK 16
#define MOST_UNITS 128
#define KEPT_CHUNKS 6
#define FUSED_THREADS (4 * MOST_UNITS)

static __device__ __forceinline__ int chunks_of(int units) {
  return (units + UNITS_OF_CHUNK - 1) / UNITS_OF_CHUNK;
}

// Row k of a thread's 4 x 4 of a chunk in shared memory, beside that of the next thread, so that no banks conflict; as
// far apart in every block as in the largest, so that no address has to be computed.
static __device__ __forceinline__ Four* stored_row(Four* stored, int chunk, int k) {
  return stored + ((chunk - KEPT_CHUNKS) * 4 + k) * FUSED_THREADS + threadIdx.x;
}

// The weights of a unit's four gates in a row of a recurrent kernel (H,4H); zeros where there is no such row or unit.
// What is read is not left out, so that no branch stands in the way of the next.
static __device__ __forceinline__ Four weights_from(const float* __restrict__ recurrent, int row, int unit, int units) {
  bool there = row < units && unit < units;
  const float* from = recurrent + (there ? row * 4 * units + unit : 0);
  Four weights;
#pragma unroll
  for (int g = 0; g < 4; g++) {
    float weight = from[g * units];
    weights.at[g] = there ? weight : 0.0f;
  }
  return weights;
}
