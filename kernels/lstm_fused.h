// A recurrent kernel in float32 in one block, for lstm_fused_forward and lstm_fused_backward, and gates without
// branches: of two lanes on one path, one may compute the candidate and the other a gate.
#pragma once
#include "device.h"

// A warp has 16 units; sums go over chunks of 16 units.
#define MOST_UNITS 128
#define UNITS_OF_WARP 16
#define UNITS_OF_CHUNK 16
#define FUSED_THREADS (2 * MOST_UNITS)

struct alignas(8) Two {
  float at[2];
};

struct Eight {
  Four at[2];
};

// A thread adds to eight sums, for each chunk four rows of eight weights times a factor each. Up to 96 units it has all
// its rows in registers: with 255 of them a thread, a scheduler has two threads, and fewer threads issue the
// instructions around the products. With more units, STORED rows are in shared memory, spread over the chunks, and read
// between products of the others. The registers that are left have to hide that latency: two sequences have twice the
// sums, and keep fewer rows.
template <int CHUNKS, int SEQUENCES>
struct Weights {
  static const int STORED = CHUNKS < MOST_UNITS / UNITS_OF_CHUNK ? 0 : SEQUENCES == 1 ? 7 : 9;
  Eight kept[4 * CHUNKS - STORED];
  // Where this thread's first four are. The next thread's lie beside them, so no banks conflict.
  Four* stored;

  // Takes what `read` gives for a chunk, one of its rows and one of eight; zeros for chunks that are not there.
  template <typename Read>
  __device__ __forceinline__ Weights(Four* shared, int units, const Read& read) : stored(shared + threadIdx.x) {
#pragma unroll
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      Eight rows[4] = {};
      if (chunk * UNITS_OF_CHUNK < units) {
        // Loads stay behind those of the chunk before: for the addresses of all there would be no registers.
        __syncwarp();
#pragma unroll
        for (int k = 0; k < 4; k++) {
#pragma unroll
          for (int i = 0; i < 8; i++) {
            rows[k].at[i / 4].at[i % 4] = read(chunk, k, i);
          }
        }
      }
#pragma unroll
      for (int k = 0; k < 4; k++) {
        int place = place_of(chunk, k);
        if (place < STORED) {
          stored[2 * place * FUSED_THREADS] = rows[k].at[0];
          stored[(2 * place + 1) * FUSED_THREADS] = rows[k].at[1];
        } else {
          kept[place - STORED] = rows[k];
        }
      }
    }
  }

  // Adds to each sequence's sums its four factors times the rows of a chunk.
  __device__ __forceinline__ void multiply(float (&sums)[SEQUENCES][8], const Four (&factors)[SEQUENCES],
                                           int chunk) const {
#pragma unroll
    for (int k = 0; k < 4; k++) {
      int place = place_of(chunk, k);
      Eight row = place < STORED ? Eight{{stored[2 * place * FUSED_THREADS], stored[(2 * place + 1) * FUSED_THREADS]}}
                                 : kept[place - STORED];
#pragma unroll
      for (int s = 0; s < SEQUENCES; s++) {
#pragma unroll
        for (int i = 0; i < 8; i++) {
          sums[s][i] += factors[s].at[k] * row.at[i / 4].at[i % 4];
        }
      }
    }
  }

 private:
  // The third rows of all chunks come first, then the fourth ones.
  static __device__ __forceinline__ int place_of(int chunk, int k) {
    return (k + 2) % 4 * CHUNKS + chunk;
  }
};

#define LOG2_E 1.44269504f

// 1 / (1 + exp(-z)) as of a z that is rounded once more: to 5 units in the last place where z is about 1.
static __device__ __forceinline__ float sigmoid(float z) {
  return quick_reciprocal(1.0f + quick_exp2(-LOG2_E * z));
}

// tanh(x) of |x| <= NEAR_ZERO by a polynomial, since 1 less what is nearly 1 would lose what is small. A loop keeps the
// last factor in a register.
#define NEAR_ZERO 0.55f
#define TANH_NINTH 0.016437583f

static __device__ __forceinline__ float tanh_near_zero(float x, float ninth) {
  float square = x * x;
  float sum = ninth * square - 0.052671812f;
  sum = sum * square + 0.13320725f;
  sum = sum * square - 0.33332947f;
  return sum * square * x + x;
}

// tanh(x) to 5 units in the last place. NaN stays NaN.
static __device__ __forceinline__ float tanh_of(float x, float ninth) {
  float far = 1.0f - 2.0f * quick_reciprocal(1.0f + quick_exp2(2.0f * LOG2_E * fabsf(x)));
  return fabsf(x) <= NEAR_ZERO ? tanh_near_zero(x, ninth) : copysignf(far, x);
}

// The candidate's tanh(z) in some lanes, the same as tanh_of gives, and a gate's sigmoid(z) in others.
struct TanhOrSigmoid {
  float scale;
  float factor;
  float offset;
  float limit;
  u32 negative;

  __device__ __forceinline__ explicit TanhOrSigmoid(bool gate) {
    scale = gate ? -LOG2_E : -2.0f * LOG2_E;
    factor = gate ? 1.0f : 2.0f;
    offset = gate ? 0.0f : -1.0f;
    limit = gate ? -1.0f : NEAR_ZERO;
    negative = gate ? 0 : 0x80000000;
    scale = opaque(scale);
    factor = opaque(factor);
    offset = opaque(offset);
    limit = opaque(limit);
    negative = opaque(negative);
  }

  __device__ __forceinline__ float of(float z, float ninth) const {
    // tanh of -|z|, whose reciprocal is small, and the sign after that.
    u32 bits = __float_as_uint(z);
    float far = factor * quick_reciprocal(1.0f + quick_exp2(scale * __uint_as_float(bits | negative))) + offset;
    far = __uint_as_float(__float_as_uint(far) ^ (~bits & negative));
    return fabsf(z) <= limit ? tanh_near_zero(z, ninth) : far;
  }
};
