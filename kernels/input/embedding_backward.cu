// The gradient of an embedding (a kernel with one-hot input): row v of (V,W) is the sum over the rows of dy (M,W) whose
// id (M) is v. Rows whose id names no symbol are left out.
//   partials (S,V,W) = the sums over each of S slices of the rows, in one order, for bias_sum.cu
// A block of 8 x 4 threads takes 32 columns, up to 64 symbols and one slice. Thread (x, y) adds four columns of the
// slice's rows y, y + 4, ... to its own sums; the four threads' sums are added in the order of y. Eight rows are read
// at a time, so loads of rows need not wait for the sums. Launch S ceil(W / 32) ceil(V / 64) blocks.
// Bytes: 4 M W + 4 M + 4 S V W; bf16 halves the first term. FLOPs: M W + 3 S V W.
#include "columns.h"

#define LANES 8
#define ROWS 4
#define SYMBOLS 64
#define AHEAD 8

static __device__ __forceinline__ Four sum_of(const Four& a, const Four& b) {
  Four sum;
  for (int k = 0; k < 4; k++) {
    sum.at[k] = a.at[k] + b.at[k];
  }
  return sum;
}

// Adds one thread's columns of the rows from, from + 4, ... to the sums of their symbols.
template <typename Access>
static __device__ __forceinline__ void add_rows(const int* __restrict__ ids, const void* __restrict__ dy, Four* own,
                                                int from, int end, int width, int column, int first, int count) {
  typedef typename Access::Element Element;
  for (int next = from; next < end; next += AHEAD * ROWS) {
    int symbol[AHEAD];
    typename Access::Fours four[AHEAD];
#pragma unroll
    for (int k = 0; k < AHEAD; k++) {
      int row = next + k * ROWS;
      symbol[k] = row < end ? ids[row] - first : -1;
    }
#pragma unroll
    for (int k = 0; k < AHEAD; k++) {
      if ((u32)symbol[k] < count) {
        four[k] = Access::read((const Element*)dy + (long long)(next + k * ROWS) * width + column, width - column);
      }
    }
#pragma unroll
    for (int k = 0; k < AHEAD; k++) {
      if ((u32)symbol[k] < count) {
        own[symbol[k] * LANES] = sum_of(own[symbol[k] * LANES], widened(four[k]));
      }
    }
  }
}

extern "C" __global__ void embedding_backward(const int* __restrict__ ids, const void* __restrict__ dy,
                                              float* __restrict__ partials, int rows, int width, int symbols,
                                              int slices, int bf16) {
  wait_for_launch_before();
  let_next_launch_begin();
  SHARED_ARRAY(Four, sums, ROWS * SYMBOLS * LANES);
  int tiles = (width + 4 * LANES - 1) / (4 * LANES);
  int slice = blockIdx.x % slices;
  int tile = blockIdx.x / slices;
  int column = 4 * (tile % tiles * LANES + threadIdx.x);
  int first = tile / tiles * SYMBOLS;
  int count = min(symbols - first, SYMBOLS);
  int length = (rows + slices - 1) / slices;
  int from = slice * length + threadIdx.y;
  int end = min((slice + 1) * length, rows);
  Four* own = sums + threadIdx.y * SYMBOLS * LANES + threadIdx.x;
  if (column < width) {
    for (int s = 0; s < count; s++) {
      own[s * LANES] = {};
    }
    by_columns(width, bf16, [&](auto access) {
      add_rows<decltype(access)>(ids, dy, own, from, end, width, column, first, count);
    });
  }
  __syncthreads();
  if (column < width) {
    for (int s = threadIdx.y; s < count; s += ROWS) {
      Four total = sums[s * LANES + threadIdx.x];
      for (int y = 1; y < ROWS; y++) {
        total = sum_of(total, sums[(y * SYMBOLS + s) * LANES + threadIdx.x]);
      }
      float* to = partials + ((long long)slice * symbols + first + s) * width + column;
      if (width % 4 == 0) {
        *(Four*)to = total;
      } else {
        write_anywhere(to, width - column, total);
      }
    }
  }
}
