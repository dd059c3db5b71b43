// How the batch_norm_*.cu kernels split a matrix (M,C): its rows into S slices, its columns into tiles of 32. A block
// of 8 x 32 threads takes one tile of one slice; thread (x, y) takes four columns of the slice's rows y, y + 32, ...
// Launch S ceil(C / 32) blocks. Sums over rows have a fixed order: first within a thread, then over the block by
// halves, then over the S slices in the kernel that reads the partial sums. A block leaves its sums in W = 4 ceil(C /
// 4) columns.
#pragma once
#include "columns.h"

#define LANES 8
#define ROWS 32
#define AHEAD 4

struct Tile {
  int width;   // W
  int slice;
  int column;  // the first of the thread's four
  int left;    // how many there are from that on; none if below 1
  int length;  // rows of a slice, but of the last ones
  int from;    // the thread's first row
  int end;     // behind the slice's last row
};

static __device__ __forceinline__ Tile tile_of(int rows, int columns, int slices) {
  Tile tile;
  tile.width = (columns + 3) / 4 * 4;
  tile.slice = blockIdx.x % slices;
  tile.column = 4 * (blockIdx.x / slices * LANES + threadIdx.x);
  tile.left = columns - tile.column;
  tile.length = (rows + slices - 1) / slices;
  tile.from = tile.slice * tile.length + threadIdx.y;
  tile.end = tile.left > 0 ? min((tile.slice + 1) * tile.length, rows) : 0;
  return tile;
}

// Goes over a thread's rows; reads AHEAD rows before using the first.
template <typename Read, typename Use>
static __device__ __forceinline__ void each_row(const Tile& tile, const Read& read, const Use& use) {
  for (int next = tile.from; next < tile.end; next += AHEAD * ROWS) {
    decltype(read(0)) at[AHEAD];
#pragma unroll
    for (int k = 0; k < AHEAD; k++) {
      if (next + k * ROWS < tile.end) {
        at[k] = read(next + k * ROWS);
      }
    }
#pragma unroll
    for (int k = 0; k < AHEAD; k++) {
      if (next + k * ROWS < tile.end) {
        use(next + k * ROWS, at[k]);
      }
    }
  }
}

// Mean and sum of squared deviations over some rows of four columns. Precision is kept where the mean is large: single
// rows are added by Welford's method (1962), and two parts are merged as by Chan, Golub and LeVeque (1979).
struct Moments {
  Four mean;
  Four squares;
  float count;

  __device__ __forceinline__ void add(const Four& x) {
    count += 1.0f;
    float share = 1.0f / count;
    for (int k = 0; k < 4; k++) {
      float apart = x.at[k] - mean.at[k];
      mean.at[k] += apart * share;
      squares.at[k] += apart * (x.at[k] - mean.at[k]);
    }
  }

  __device__ __forceinline__ void merge(const Moments& other) {
    if (other.count == 0.0f) {
      return;
    }
    float share = other.count / (count + other.count);
    for (int k = 0; k < 4; k++) {
      float apart = other.mean.at[k] - mean.at[k];
      mean.at[k] += apart * share;
      squares.at[k] += other.squares.at[k] + apart * apart * (count * share);
    }
    count += other.count;
  }
};

// Sums over some rows of the gradients of four columns, and of these gradients times the normalised columns.
struct Sums {
  Four gamma;
  Four beta;

  __device__ __forceinline__ void merge(const Sums& other) {
    for (int k = 0; k < 4; k++) {
      gamma.at[k] += other.gamma.at[k];
      beta.at[k] += other.beta.at[k];
    }
  }
};

// The sum over the threads of a block that share columns; all these threads get the sum.
template <typename Part>
static __device__ __forceinline__ Part over_block(const Part& own) {
  SHARED_ARRAY(Part, parts, ROWS * LANES);
  Part* at = parts + threadIdx.y * LANES + threadIdx.x;
  *at = own;
  for (int half = ROWS / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.y < half) {
      at->merge(at[half * LANES]);
    }
  }
  __syncthreads();
  return parts[threadIdx.x];
}

// (x - mean) / deviation
static __device__ __forceinline__ Four normalised(const Four& x, const Four& mean, const Four& inverse) {
  Four normal;
  for (int k = 0; k < 4; k++) {
    normal.at[k] = (x.at[k] - mean.at[k]) * inverse.at[k];
  }
  return normal;
}
