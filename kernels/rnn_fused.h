// Recurrent layers in float32 in one block, forward and backward, for all cells: the recurrent kernel in registers and
// shared memory, and gates without branches.
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

struct One {
  float at[1];
};

// A thread's columns of a row of weights, in fours.
template <int COLUMNS>
struct Row {
  Four at[(COLUMNS + 3) / 4];
};

// A thread's weights: for each chunk, the thread adds factors times some rows of weights to its sums, one sum per
// column. As many rows as possible are in registers: at 255 registers per thread a scheduler has two warps, and fewer
// threads repeat the instructions around the products. STORED rows are in shared memory, spread over the chunks, and
// read between products of other rows; the remaining registers hide the latency.
template <int ROWS, int COLUMNS, int STORED, int CHUNKS, int SEQUENCES>
struct Weights {
  Row<COLUMNS> kept[ROWS * CHUNKS - STORED];
  // This thread's first four. The next thread's first four lie beside them, so there are no bank conflicts.
  Four* stored;

  // Reads the weights of each chunk, row and column; zeros for chunks that do not exist.
  template <typename Read>
  __device__ __forceinline__ Weights(Four* shared, int units, const Read& read) : stored(shared + threadIdx.x) {
#pragma unroll
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      Row<COLUMNS> rows[ROWS] = {};
      if (chunk * UNITS_OF_CHUNK < units) {
        // Keeps these loads behind the previous chunk's, because the registers cannot hold the addresses of all.
        __syncwarp();
#pragma unroll
        for (int k = 0; k < ROWS; k++) {
#pragma unroll
          for (int i = 0; i < COLUMNS; i++) {
            rows[k].at[i / 4].at[i % 4] = read(chunk, k, i);
          }
        }
      }
#pragma unroll
      for (int k = 0; k < ROWS; k++) {
        int place = place_of(chunk, k);
        if (place < STORED) {
#pragma unroll
          for (int f = 0; f < FOURS; f++) {
            stored[(FOURS * place + f) * FUSED_THREADS] = rows[k].at[f];
          }
        } else {
          kept[place - STORED] = rows[k];
        }
      }
    }
  }

  // Adds to each sequence's sums the last ROWS of its factors times the rows of a chunk.
  template <typename Factors>
  __device__ __forceinline__ void multiply(float (&sums)[SEQUENCES][COLUMNS], const Factors (&factors)[SEQUENCES],
                                           int chunk) const {
    const int skipped = sizeof(Factors) / sizeof(float) - ROWS;
#pragma unroll
    for (int k = 0; k < ROWS; k++) {
      int place = place_of(chunk, k);
      Row<COLUMNS> row;
      if (place < STORED) {
#pragma unroll
        for (int f = 0; f < FOURS; f++) {
          row.at[f] = stored[(FOURS * place + f) * FUSED_THREADS];
        }
      } else {
        row = kept[place - STORED];
      }
#pragma unroll
      for (int s = 0; s < SEQUENCES; s++) {
#pragma unroll
        for (int i = 0; i < COLUMNS; i++) {
          sums[s][i] += factors[s].at[skipped + k] * row.at[i / 4].at[i % 4];
        }
      }
    }
  }

 private:
  static const int FOURS = sizeof(Row<COLUMNS>) / sizeof(Four);

  // The later half of each chunk's rows comes first.
  static __device__ __forceinline__ int place_of(int chunk, int k) {
    return (k + ROWS / 2) % ROWS * CHUNKS + chunk;
  }
};

#define LOG2_E 1.44269504f

// 1 / (1 + exp(-z)), as accurate as for a z rounded once more: to 5 units in the last place where z is about 1.
static __device__ __forceinline__ float sigmoid(float z) {
  return quick_reciprocal(1.0f + quick_exp2(-LOG2_E * z));
}

// tanh(x) for |x| <= NEAR_ZERO by a polynomial, because 1 - 2 / (1 + e^2x) would cancel. A loop keeps the last factor
// in a register.
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

// tanh(z), with the same result as tanh_of, in lanes with a candidate; sigmoid(z) in lanes with a gate.
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
    // Computes tanh(-|z|), whose reciprocal is small, then sets the sign.
    u32 bits = __float_as_uint(z);
    float far = factor * quick_reciprocal(1.0f + quick_exp2(scale * __uint_as_float(bits | negative))) + offset;
    far = __uint_as_float(__float_as_uint(far) ^ (~bits & negative));
    return fabsf(z) <= limit ? tanh_near_zero(z, ninth) : far;
  }
};
