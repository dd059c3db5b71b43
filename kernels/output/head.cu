// The head of a training step and all of its gradients in one pass over x (M,H), all float32:
//   a (M,D) = activation(x W1 + b1), logits (M,V) = a W2 + b2, a row's loss, hit and dlogits as in cross_entropy.cu,
//   dW2 = a^T dlogits, da = dlogits W2^T through the activation, dW1 = x^T da, dx = da W1^T
// The flat weights have W1 (H,D), b1 (D), W2 (D,V), b2 (V) at 0, first_bias, second and second_bias. Block b takes
// `share` rows (at least one) from row b share on, in tiles of `tile` <= 64 rows, and writes, all in one order,
//   partials (G,width) = the sums over its rows for the gradients of weights, laid out like weights, for bias_sum.cu;
//                        gaps between them are not written
//   losses (G,5)       = sums of losses, hits and rows, as in cross_entropy.cu, for totals.cu
// dx (M,H) receives the gradient of x. Targets are as in cross_entropy.cu. H, D and V are at most 128. Shared memory
// holds both kernels and a tile: x; a, later overwritten by da; logits, later overwritten by dlogits. The sums over all
// tiles stay in registers. Thread (x, y) of 16 x 16 takes rows y + 16 i of a tile, or rows 4 y + 64 i + (0..3) of a
// kernel's gradient, and columns 4 x + 64 j + (0..3), or x + 16 j where sums go along rows of both factors; a warp has
// 8 x 4 of the threads. A thread beyond the last row or column repeats the work of the last, and writes nothing. Launch
// G = ceil(M / share) blocks of 256 threads. Dynamic shared memory has 1024 bytes, the rows of W1, W2 and a tile, and
// the biases; stride_of gives each row's stride.
// Bytes: 8 M H + 4 M + 8 G (H D + D + D V + V) + 40 G. FLOPs: 6 M (H D + D V), and about 6 M V of the loss.
#include "losses.h"

#define WARPS 8
#define THREADS (WARPS * WARP)
#define ROWS_AT_ONCE (THREADS / ROW_LANES)
#define SIDE 16
#define FOURS (4 * SIDE)
#define MOST (2 * FOURS)

// The sums of a thread: of 4 rows of a tile and 8 columns, or of 8 rows and columns of a gradient.
template <int ROWS, int COLUMNS>
struct Sums {
  float at[ROWS][COLUMNS];
};

// The stride of a row in shared memory: an odd number of fours, so lanes that read fours of different rows have no bank
// conflicts.
static __device__ __forceinline__ int stride_of(int columns) {
  return 4 * ((columns + 3) / 4 | 1);
}

static __device__ __forceinline__ Four four_at(const float* x) {
  return *(const Four*)x;
}

// Maps threads to (x, y) of 16 x 16 without bank conflicts: half a warp reads two or eight different fours at once, and
// each lane reads the same four as the next lane, or the next but one.
static __device__ __forceinline__ int x_of(u32 thread) {
  return thread / 2 % 8 + thread / WARP % 2 * 8;
}

static __device__ __forceinline__ int y_of(u32 thread) {
  return thread % 2 + thread / 16 % 2 * 2 + thread / (2 * WARP) * 4;
}

// The k-th four of a thread, or the last four if the thread has no k-th.
static __device__ __forceinline__ int four_of(int thread, int k, int end) {
  return min(4 * thread + k * FOURS, end - 4);
}

// Adds rows of left times columns of right.
template <int N>
static __device__ __forceinline__ void multiply(Sums<4, 4 * N>& sums, const float* left, const int (&rows)[4],
                                                int left_stride, const float* right, int stride,
                                                int x, int end, int length) {
  const float* row[4];
#pragma unroll
  for (int i = 0; i < 4; i++) {
    row[i] = left + rows[i] * left_stride;
  }
  const float* column[N];
#pragma unroll
  for (int j = 0; j < N; j++) {
    column[j] = right + four_of(x, j, end);
  }
#pragma unroll 1
  for (int k = 0; k < length; k += 4) {
    Four l[4];
#pragma unroll
    for (int i = 0; i < 4; i++) {
      l[i] = four_at(row[i]);
      row[i] += 4;
    }
#pragma unroll
    for (int q = 0; q < 4; q++) {
#pragma unroll
      for (int j = 0; j < N; j++) {
        Four r = four_at(column[j]);
        column[j] += stride;
#pragma unroll
        for (int i = 0; i < 4; i++) {
#pragma unroll
          for (int c = 0; c < 4; c++) {
            sums.at[i][4 * j + c] += l[i].at[q] * r.at[c];
          }
        }
      }
    }
  }
}

// Adds rows of left times rows of right.
static __device__ __forceinline__ void multiply_by_rows(Sums<4, 8>& sums, const float* left, const int (&rows)[4],
                                                        int left_stride, const float* right, int stride, int first,
                                                        int end, int length) {
  const float* row[4];
#pragma unroll
  for (int i = 0; i < 4; i++) {
    row[i] = left + rows[i] * left_stride;
  }
  const float* right_row[8];
#pragma unroll
  for (int j = 0; j < 8; j++) {
    right_row[j] = right + min(first + j * SIDE, end - 1) * stride;
  }
#pragma unroll 1
  for (int k = 0; k < length; k += 4) {
    Four l[4];
#pragma unroll
    for (int i = 0; i < 4; i++) {
      l[i] = four_at(row[i]);
      row[i] += 4;
    }
#pragma unroll
    for (int j = 0; j < 8; j++) {
      Four r = four_at(right_row[j]);
      right_row[j] += 4;
#pragma unroll
      for (int i = 0; i < 4; i++) {
#pragma unroll
        for (int c = 0; c < 4; c++) {
          sums.at[i][j] += l[i].at[c] * r.at[c];
        }
      }
    }
  }
}

// Adds columns of left times columns of right, over the rows of a tile.
template <int N>
static __device__ __forceinline__ void multiply_columns(Sums<8, 4 * N>& sums, const float* left, int left_stride,
                                                        int y, int left_end, const float* right, int stride, int x,
                                                        int end, int rows) {
  const float* left_column[2];
#pragma unroll
  for (int i = 0; i < 2; i++) {
    left_column[i] = left + four_of(y, i, left_end);
  }
  const float* column[N];
#pragma unroll
  for (int j = 0; j < N; j++) {
    column[j] = right + four_of(x, j, end);
  }
#pragma unroll 2
  for (int r = 0; r < rows; r++) {
    Four l[2];
#pragma unroll
    for (int i = 0; i < 2; i++) {
      l[i] = four_at(left_column[i]);
      left_column[i] += left_stride;
    }
#pragma unroll
    for (int j = 0; j < N; j++) {
      Four four = four_at(column[j]);
      column[j] += stride;
#pragma unroll
      for (int i = 0; i < 8; i++) {
#pragma unroll
        for (int c = 0; c < 4; c++) {
          sums.at[i][4 * j + c] += l[i / 4].at[i % 4] * four.at[c];
        }
      }
    }
  }
}

// Adds a column of a tile to a sum.
static __device__ __forceinline__ float add_column(float sum, const float* column, int stride, int rows) {
  for (int r = 0; r < rows; r++) {
    sum += column[r * stride];
  }
  return sum;
}

// Copies rows of global memory to shared memory, a warp per row, with zeros up to the next multiple of four.
static __device__ __forceinline__ void copy_rows(float* to, int stride, const float* __restrict__ from, int rows,
                                                 int columns) {
  int c = threadIdx.x % WARP * 4;
  if (c < columns) {
#pragma unroll 2
    for (int row = threadIdx.x / WARP; row < rows; row += WARPS) {
      *(Four*)(to + row * stride + c) = read_columns(from + row * columns, c, columns);
    }
  }
}

// Fills a row with zeros.
static __device__ __forceinline__ void clear_row(float* row, int columns) {
  for (int c = threadIdx.x; c < columns; c += THREADS) {
    row[c] = 0.0f;
  }
}

// Writes a thread's part of a kernel's gradient.
template <int N>
static __device__ __forceinline__ void write_sums(float* __restrict__ to, const Sums<8, 4 * N>& sums, int y, int x,
                                                  int rows, int columns) {
#pragma unroll
  for (int i = 0; i < 8; i++) {
    int row = 4 * y + i / 4 * FOURS + i % 4;
#pragma unroll
    for (int j = 0; j < N; j++) {
      int column = 4 * x + j * FOURS;
      if (row < rows && column < columns) {
        float* at = to + row * columns + column;
        if (columns % 4 == 0) {
          *(Four*)at = {{sums.at[i][4 * j], sums.at[i][4 * j + 1], sums.at[i][4 * j + 2], sums.at[i][4 * j + 3]}};
        } else {
#pragma unroll
          for (int c = 0; c < 4; c++) {
            if (column + c < columns) {
              at[c] = sums.at[i][4 * j + c];
            }
          }
        }
      }
    }
  }
}

// The whole kernel, for at most 64 N symbols. FULL means that H and D are at most 128 but padded with zeros to 128, so
// the compiler knows the layout of x, a and W1.
template <int N, bool FULL>
static __device__ __forceinline__ void run(const float* __restrict__ input, const float* __restrict__ weights,
                                           const int* __restrict__ targets, const double* __restrict__ count,
                                           float* __restrict__ input_gradient, float* __restrict__ partials,
                                           double* __restrict__ losses, int rows, int inputs, int units, int symbols,
                                           int first_bias, int second, int second_bias, int width, int share, int tile,
                                           int activation) {
  DYNAMIC_SHARED(Four, shared);
  Losses* parts = (Losses*)shared;
  int x_stride = stride_of(FULL ? MOST : inputs);
  int a_stride = stride_of(FULL ? MOST : units);
  int z_stride = stride_of(symbols);
  int h_end = FULL ? MOST : (inputs + 3) / 4 * 4;
  int d_end = FULL ? MOST : (units + 3) / 4 * 4;
  int v_end = (symbols + 3) / 4 * 4;
  float* w1 = (float*)(parts + 2 * ROWS_AT_ONCE);
  float* w2 = w1 + h_end * a_stride;
  float* b1 = w2 + d_end * z_stride;
  float* b2 = b1 + a_stride;
  float* x = b2 + z_stride;
  float* a = x + tile * x_stride;
  float* z = a + tile * a_stride;

  copy_rows(w1, a_stride, weights, inputs, units);
  for (int h = inputs; h < h_end; h++) {
    clear_row(w1 + h * a_stride, d_end);
  }
  copy_rows(w2, z_stride, weights + second, units, symbols);
  for (int d = units; d < d_end; d++) {
    clear_row(w2 + d * z_stride, v_end);
  }
  for (int d = threadIdx.x; d < d_end; d += THREADS) {
    b1[d] = d < units ? weights[first_bias + d] : 0.0f;
  }
  for (int v = threadIdx.x; v < v_end; v += THREADS) {
    b2[v] = v < symbols ? weights[second_bias + v] : 0.0f;
  }

  float scale = 1.0f / (float)*count;
  Losses seen = {};
  Sums<8, 8> dw1 = {};
  Sums<8, 4 * N> dw2 = {};
  // The lower half of the threads sums for b1, the upper for b2.
  float bias_sum = 0.0f;
  int end = min((int)(blockIdx.x + 1) * share, rows);
  for (int first = blockIdx.x * share; first < end; first += tile) {
    int there = min(tile, end - first);
    // opaque() makes each tile compute these indices anew, because the sums over all tiles leave few registers.
    u32 thread = opaque(threadIdx.x) % THREADS;
    int lane = thread % WARP;
    int warp = thread / WARP;
    int tx = x_of(thread);
    int ty = y_of(thread);
    int rows_at[4];
#pragma unroll
    for (int i = 0; i < 4; i++) {
      rows_at[i] = min(ty + i * SIDE, there - 1);
    }
    copy_rows(x, x_stride, input + (long long)first * inputs, there, inputs);
    __syncthreads();
    {
      Sums<4, 8> sums = {};
      multiply<2>(sums, x, rows_at, x_stride, w1, a_stride, tx, d_end, h_end);
#pragma unroll
      for (int i = 0; i < 4; i++) {
#pragma unroll
        for (int j = 0; j < 2; j++) {
          if (ty + i * SIDE < there && 4 * tx + j * FOURS < d_end) {
            int d = four_of(tx, j, d_end);
            Four four = four_at(b1 + d);
#pragma unroll
            for (int c = 0; c < 4; c++) {
              four.at[c] = activated(sums.at[i][4 * j + c] + four.at[c], activation);
            }
            *(Four*)(a + rows_at[i] * a_stride + d) = four;
          }
        }
      }
    }
    __syncthreads();
    {
      Sums<4, 4 * N> sums = {};
      multiply<N>(sums, a, rows_at, a_stride, w2, z_stride, tx, v_end, d_end);
#pragma unroll
      for (int i = 0; i < 4; i++) {
#pragma unroll
        for (int j = 0; j < N; j++) {
          if (ty + i * SIDE < there && 4 * tx + j * FOURS < v_end) {
            int v = four_of(tx, j, v_end);
            Four four = four_at(b2 + v);
#pragma unroll
            for (int c = 0; c < 4; c++) {
              four.at[c] += sums.at[i][4 * j + c];
            }
            *(Four*)(z + rows_at[i] * z_stride + v) = four;
          }
        }
      }
    }
    __syncthreads();
    for (int warps_row = warp * (WARP / ROW_LANES); warps_row < there; warps_row += ROWS_AT_ONCE) {
      int row = warps_row + lane / ROW_LANES;
      float* at = z + min(row, there - 1) * z_stride;
      float gradient[HELD_OF_ROW];
      add_row(seen, gradient, at, symbols, row < there ? targets[first + row] : -1, scale);
      // All lanes must read the logits before any lane writes.
      __syncwarp();
#pragma unroll
      for (int k = 0; k < HELD_OF_ROW; k++) {
        int v = k * ROW_LANES + lane % ROW_LANES;
        if (row < there && v < v_end) {
          at[v] = gradient[k];
        }
      }
    }
    __syncthreads();
    multiply_columns<N>(dw2, a, a_stride, ty, d_end, z, z_stride, tx, v_end, there);
    {
      Sums<4, 8> sums = {};
      multiply_by_rows(sums, z, rows_at, z_stride, w2, z_stride, tx, d_end, v_end);
      // da overwrites a.
      __syncthreads();
#pragma unroll
      for (int i = 0; i < 4; i++) {
#pragma unroll
        for (int j = 0; j < 8; j++) {
          if (ty + i * SIDE < there && tx + j * SIDE < d_end) {
            float* at = a + rows_at[i] * a_stride + tx + j * SIDE;
            *at = before_activation(sums.at[i][j], *at, activation);
          }
        }
      }
    }
    __syncthreads();
    multiply_columns<2>(dw1, x, x_stride, ty, h_end, a, a_stride, tx, d_end, there);
    int column = thread % (THREADS / 2);
    bool upper = thread >= THREADS / 2;
    if (column < (upper ? symbols : units)) {
      bias_sum = add_column(bias_sum, (upper ? z : a) + column, upper ? z_stride : a_stride, there);
    }
    {
      Sums<4, 8> sums = {};
      multiply_by_rows(sums, a, rows_at, a_stride, w1, a_stride, tx, h_end, d_end);
      float* to = input_gradient + (long long)first * inputs;
#pragma unroll
      for (int i = 0; i < 4; i++) {
#pragma unroll
        for (int j = 0; j < 8; j++) {
          if (ty + i * SIDE < there && tx + j * SIDE < inputs) {
            to[(ty + i * SIDE) * inputs + tx + j * SIDE] = sums.at[i][j];
          }
        }
      }
    }
    __syncthreads();
  }

  let_next_launch_begin();
  float* to = partials + (long long)blockIdx.x * width;
  write_sums<2>(to, dw1, y_of(threadIdx.x), x_of(threadIdx.x), inputs, units);
  write_sums<N>(to + second, dw2, y_of(threadIdx.x), x_of(threadIdx.x), units, symbols);
  int column = threadIdx.x % (THREADS / 2);
  bool upper = threadIdx.x >= THREADS / 2;
  if (column < (upper ? symbols : units)) {
    to[(upper ? second_bias : first_bias) + column] = bias_sum;
  }
  keep_losses(parts, threadIdx.x / ROW_LANES, threadIdx.x % ROW_LANES, seen);
  __syncthreads();
  if (threadIdx.x == 0) {
    write_losses(losses + TOTALS * blockIdx.x, parts, ROWS_AT_ONCE);
  }
}

extern "C" __global__ void __launch_bounds__(THREADS) head(
    const float* __restrict__ input, const float* __restrict__ weights, const int* __restrict__ targets,
    const double* __restrict__ count, float* __restrict__ input_gradient, float* __restrict__ partials,
    double* __restrict__ losses, int rows, int inputs, int units, int symbols, int first_bias, int second,
    int second_bias, int width, int share, int tile, int activation) {
  wait_for_launch_before();
  if (symbols > FOURS) {
    run<2, false>(input, weights, targets, count, input_gradient, partials, losses, rows, inputs, units, symbols,
                  first_bias, second, second_bias, width, share, tile, activation);
  } else if (inputs > MOST - 4 && units > MOST - 4) {
    run<1, true>(input, weights, targets, count, input_gradient, partials, losses, rows, inputs, units, symbols,
                 first_bias, second, second_bias, width, share, tile, activation);
  } else {
    run<1, false>(input, weights, targets, count, input_gradient, partials, losses, rows, inputs, units, symbols,
                  first_bias, second, second_bias, width, share, tile, activation);
  }
}
