// The head of a training step and all of its gradients in one pass, like head.cu, but with bf16 products on tensor
// cores of compute capability 8.0 and newer. x (M,H) and dx are bf16; W1, W2, a, dlogits and da are rounded to bf16 as
// factors. Weights, partials, logits and all sums are float32. Block b takes `share` rows (at least one) from row b
// share on, in tiles of `tile` <= 64 rows, a multiple of 16. H, D and V are at most 128. Shared memory holds both
// kernels, the biases and a tile: x, twice, because the next x is copied meanwhile; a, later overwritten by da; logits
// and dlogits. Columns are padded with zeros to a multiple of 16; rows of halves and of logits have 8 more elements of
// padding, so the 8 rows of a small matrix have no bank conflicts. In a tile's rows beyond the last, dlogits are zero,
// so these rows add nothing to a sum. Warp w takes 32 rows and 32 columns of a, da and dx at (w / 4, w % 4), 32 rows
// and 64 columns of dW1 at (w / 2, w % 2), 16 rows of dW2, and every eighth 16 x 16 of the logits. Launch G = ceil(M /
// share) blocks of 256 threads with dynamic shared memory for 1024 bytes, W1, W2, biases and a tile. Bytes: 4 M H + 4 M
// + 8 G (H D + D + D V + V) + 40 G. FLOPs: 6 M (H D + D V), and about 6 M V of the loss.
#include "losses.h"

#define WARPS 8
#define THREADS (WARPS * WARP)
#define ROWS_AT_ONCE (THREADS / ROW_LANES)
#define SMALL 16

// A lane's sums of M x N small matrices (16 x 16): in each half, columns 2 t and 2 t + 1 of rows g and g + 8.
template <int M, int N>
struct Sums {
  float at[M][2 * N][4];
};

// The place where a lane begins to load a factor that is N small matrices wide, the distances of these matrices, and
// the distance of the next 16 elements along the sum.
template <int N>
struct Factor {
  const Half* at;
  int next[N];
  int step;
};

static __device__ __forceinline__ int small_ones(int n) {
  return (n + SMALL - 1) / SMALL;
}

static __device__ __forceinline__ int stride_of(int columns) {
  return small_ones(columns) * SMALL + 8;
}

// Places small matrices from row or column 16 first on; matrices beyond `many` repeat the last.
template <int N>
static __device__ __forceinline__ Factor<N> factor(const Half* x, int stride, bool rows, bool left, int first,
                                                   int many) {
  int lane = threadIdx.x % WARP;
  // The second quarter of a left factor is the next 8 rows of the product; of a right factor, the next 8 elements of
  // the sum.
  bool straight = rows == left;
  int row = straight ? lane % 16 : lane % 8 + lane / 16 * 8;
  int column = straight ? lane / 16 * 8 : lane / 8 % 2 * 8;
  int distance = rows ? SMALL * stride : SMALL;
  Factor<N> factor = {x + row * stride + column + first * distance, {}, rows ? SMALL : SMALL * stride};
#pragma unroll
  for (int j = 0; j < N; j++) {
    factor.next[j] = min(j, many - first - 1) * distance;
  }
  return factor;
}

// left_rows multiplies along the rows of x, left_columns down the columns of x.
template <int N>
static __device__ __forceinline__ Factor<N> left_rows(const Half* x, int stride, int first, int many) {
  return factor<N>(x, stride, true, true, first, many);
}

template <int N>
static __device__ __forceinline__ Factor<N> left_columns(const Half* x, int stride, int first, int many) {
  return factor<N>(x, stride, false, true, first, many);
}

template <int N>
static __device__ __forceinline__ Factor<N> right_rows(const Half* x, int stride, int first, int many) {
  return factor<N>(x, stride, true, false, first, many);
}

template <int N>
static __device__ __forceinline__ Factor<N> right_columns(const Half* x, int stride, int first, int many) {
  return factor<N>(x, stride, false, false, first, many);
}

template <bool COLUMNS>
static __device__ __forceinline__ void load_small(u32 (&to)[4], const Half* from) {
  if (COLUMNS) {
    load_matrices_transposed(to, from);
  } else {
    load_matrices(to, from);
  }
}

template <bool LEFT_COLUMNS, bool RIGHT_COLUMNS, int M, int N>
static __device__ __forceinline__ void multiply(Sums<M, N>& sums, Factor<M> left, Factor<N> right, int steps) {
  for (int k = 0; k < steps; k++) {
    u32 l[M][4];
#pragma unroll
    for (int i = 0; i < M; i++) {
      load_small<LEFT_COLUMNS>(l[i], left.at + left.next[i]);
    }
#pragma unroll
    for (int j = 0; j < N; j++) {
      u32 r[4];
      load_small<RIGHT_COLUMNS>(r, right.at + right.next[j]);
      u32 low[2] = {r[0], r[1]};
      u32 high[2] = {r[2], r[3]};
#pragma unroll
      for (int i = 0; i < M; i++) {
        multiply_add(sums.at[i][2 * j], l[i], low);
        multiply_add(sums.at[i][2 * j + 1], l[i], high);
      }
    }
    left.at += left.step;
    right.at += right.step;
  }
}

// Calls `use` for each pair of neighbouring sums in the small matrices that exist.
template <int M, int N, typename Use>
static __device__ __forceinline__ void each_pair(const Sums<M, N>& sums, int first_row, int many_rows, int first_column,
                                                 int many_columns, Use use) {
  int lane = threadIdx.x % WARP;
#pragma unroll
  for (int i = 0; i < M; i++) {
#pragma unroll
    for (int j = 0; j < 2 * N; j++) {
      if (first_row + i < many_rows && first_column + j / 2 < many_columns) {
        int row = (first_row + i) * SMALL + lane / 4;
        int column = first_column * SMALL + j * 8 + lane % 4 * 2;
        use(row, column, sums.at[i][j][0], sums.at[i][j][1]);
        use(row + 8, column, sums.at[i][j][2], sums.at[i][j][3]);
      }
    }
  }
}

// Rounds parameters (rows,columns) to shared memory, with zeros up to the next multiple of 16 in both directions.
static __device__ __forceinline__ void round_rows(Half* to, int stride, const float* __restrict__ from, int rows,
                                                  int columns) {
  int c = threadIdx.x % WARP * 4;
  int all = small_ones(rows) * SMALL;
  if (c < small_ones(columns) * SMALL) {
#pragma unroll 4
    for (int row = threadIdx.x / WARP; row < all; row += WARPS) {
      Four four = {};
      if (row < rows) {
        four = read_columns(from + row * columns, c, columns);
      }
      FourHalves halves;
      round_to(halves, four);
      *(FourHalves*)(to + row * stride + c) = halves;
    }
  }
}

// Starts to copy a tile's rows; rows whose length is no multiple of 16 bytes are copied at once.
static __device__ __forceinline__ void copy_tile(Half* to, int stride, const Half* __restrict__ from, int rows,
                                                 int columns) {
  if (columns % 8 == 0) {
    int c = threadIdx.x % SMALL * 8;
    for (int row = threadIdx.x / SMALL; row < rows && c < columns; row += THREADS / SMALL) {
      copy_ahead(to + row * stride + c, from + row * columns + c);
    }
  } else {
    for (int row = threadIdx.x / WARP; row < rows; row += WARPS) {
      for (int c = threadIdx.x % WARP; c < columns; c += WARP) {
        to[row * stride + c] = from[row * columns + c];
      }
    }
  }
  commit_copies();
}

template <int M, int N>
static __device__ __forceinline__ void write_gradient(float* __restrict__ to, const Sums<M, N>& sums, int first_row,
                                                      int rows, int first_column, int columns) {
  each_pair(sums, first_row, small_ones(rows), first_column, small_ones(columns),
            [&](int row, int column, float low, float high) {
              if (row < rows && column < columns) {
                float* at = to + row * columns + column;
                at[0] = low;
                if (column + 1 < columns) {
                  at[1] = high;
                }
              }
            });
}

// The whole kernel, for at most 16 N symbols.
template <int N>
static __device__ __forceinline__ void run(const Half* __restrict__ input, const float* __restrict__ weights,
                                           const int* __restrict__ targets, const double* __restrict__ count,
                                           Half* __restrict__ input_gradient, float* __restrict__ partials,
                                           double* __restrict__ losses, int rows, int inputs, int units, int symbols,
                                           int first_bias, int second, int second_bias, int width, int share, int tile,
                                           int activation) {
  DYNAMIC_SHARED(Four, shared);
  int x_stride = stride_of(inputs);
  int a_stride = stride_of(units);
  int z_stride = stride_of(symbols);
  int h_small = small_ones(inputs);
  int d_small = small_ones(units);
  int v_small = small_ones(symbols);
  Losses* parts = (Losses*)shared;
  float* b1 = (float*)(parts + 2 * ROWS_AT_ONCE);
  float* b2 = b1 + d_small * SMALL;
  float* z = b2 + v_small * SMALL;
  Half* w1 = (Half*)(z + tile * z_stride);
  Half* w2 = w1 + h_small * SMALL * a_stride;
  Half* dz = w2 + d_small * SMALL * z_stride;
  Half* a = dz + tile * z_stride;
  Half* x = a + tile * a_stride;
  Half* next = x + tile * x_stride;

  int lane = threadIdx.x % WARP;
  int warp = threadIdx.x / WARP;
  for (int i = threadIdx.x; i < 2 * tile * x_stride / 2; i += THREADS) {
    ((u32*)x)[i] = 0;
  }
  round_rows(w1, a_stride, weights, inputs, units);
  round_rows(w2, z_stride, weights + second, units, symbols);
  for (int d = threadIdx.x; d < d_small * SMALL; d += THREADS) {
    b1[d] = d < units ? weights[first_bias + d] : 0.0f;
  }
  for (int v = threadIdx.x; v < v_small * SMALL; v += THREADS) {
    b2[v] = v < symbols ? weights[second_bias + v] : 0.0f;
  }
  __syncthreads();

  float scale = 1.0f / (float)*count;
  Losses seen = {};
  Sums<2, 4> dw1 = {};
  Sums<1, N> dw2 = {};
  // The lower half of the threads sums for b1, the upper for b2.
  float bias_sum = 0.0f;
  int column = threadIdx.x % (THREADS / 2);
  bool upper = threadIdx.x >= THREADS / 2;
  int first_row = warp / 4 * 2;
  int first_column = warp % 4 * 2;
  int end = min((int)(blockIdx.x + 1) * share, rows);
  int first = blockIdx.x * share;
  copy_tile(x, x_stride, input + (long long)first * inputs, min(tile, end - first), inputs);
  for (; first < end; first += tile) {
    int there = min(tile, end - first);
    int r_small = small_ones(there);
    wait_for_copies<0>();
    __syncthreads();
    if (first + tile < end) {
      copy_tile(next, x_stride, input + (long long)(first + tile) * inputs, min(tile, end - first - tile), inputs);
    }
    if (first_row < r_small && first_column < d_small) {
      Sums<2, 2> sums = {};
      multiply<false, true>(sums, left_rows<2>(x, x_stride, first_row, r_small),
                            right_columns<2>(w1, a_stride, first_column, d_small), h_small);
      each_pair(sums, first_row, r_small, first_column, d_small, [&](int row, int d, float low, float high) {
        *(u32*)(a + row * a_stride + d) =
            pack_halves(activated(low + b1[d], activation), activated(high + b1[d + 1], activation));
      });
    }
    __syncthreads();
    for (int i = warp; i < r_small * v_small; i += WARPS) {
      Sums<1, 1> sums = {};
      multiply<false, true>(sums, left_rows<1>(a, a_stride, i % r_small, r_small),
                            right_columns<1>(w2, z_stride, i / r_small, v_small), d_small);
      each_pair(sums, i % r_small, r_small, i / r_small, v_small, [&](int row, int v, float low, float high) {
        z[row * z_stride + v] = low + b2[v];
        z[row * z_stride + v + 1] = high + b2[v + 1];
      });
    }
    __syncthreads();
    for (int warps_row = warp * (WARP / ROW_LANES); warps_row < r_small * SMALL; warps_row += ROWS_AT_ONCE) {
      int row = warps_row + lane / ROW_LANES;
      float gradient[HELD_OF_ROW];
      add_row(seen, gradient, z + row * z_stride, symbols, row < there ? targets[first + row] : -1, scale);
#pragma unroll
      for (int k = 0; k < HELD_OF_ROW; k++) {
        int v = k * ROW_LANES + lane % ROW_LANES;
        if (v < v_small * SMALL) {
          dz[row * z_stride + v] = rounded(gradient[k]);
        }
      }
    }
    __syncthreads();
    if (warp < d_small) {
      multiply<true, true>(dw2, left_columns<1>(a, a_stride, warp, d_small),
                           right_columns<N>(dz, z_stride, 0, v_small), r_small);
    }
    {
      bool present = first_row < r_small && first_column < d_small;
      Sums<2, 2> sums = {};
      if (present) {
        multiply<false, false>(sums, left_rows<2>(dz, z_stride, first_row, r_small),
                               right_rows<2>(w2, z_stride, first_column, d_small), v_small);
      }
      // da overwrites a.
      __syncthreads();
      if (present) {
        each_pair(sums, first_row, r_small, first_column, d_small, [&](int row, int d, float low, float high) {
          u32* at = (u32*)(a + row * a_stride + d);
          u32 before = *at;
          *at = pack_halves(before_activation(low, widened((Half)before), activation),
                            before_activation(high, widened((Half)(before >> 16)), activation));
        });
      }
    }
    __syncthreads();
    if (warp / 2 * 2 < h_small && warp % 2 * 4 < d_small) {
      multiply<true, true>(dw1, left_columns<2>(x, x_stride, warp / 2 * 2, h_small),
                           right_columns<4>(a, a_stride, warp % 2 * 4, d_small), r_small);
    }
    if (column < (upper ? symbols : units)) {
      for (int row = 0; row < there; row++) {
        bias_sum += widened(upper ? dz[row * z_stride + column] : a[row * a_stride + column]);
      }
    }
    if (first_row < r_small && first_column < h_small) {
      Sums<2, 2> sums = {};
      multiply<false, false>(sums, left_rows<2>(a, a_stride, first_row, r_small),
                             right_rows<2>(w1, a_stride, first_column, h_small), d_small);
      Half* to = input_gradient + (long long)first * inputs;
      each_pair(sums, first_row, r_small, first_column, h_small, [&](int row, int h, float low, float high) {
        if (row < there && h < inputs) {
          Half* at = to + row * inputs + h;
          if (inputs % 2 == 0) {
            *(u32*)at = pack_halves(low, high);
          } else {
            at[0] = rounded(low);
            if (h + 1 < inputs) {
              at[1] = rounded(high);
            }
          }
        }
      });
    }
    Half* done = x;
    x = next;
    next = done;
  }

  let_next_launch_begin();
  float* to = partials + (long long)blockIdx.x * width;
  write_gradient(to, dw1, warp / 2 * 2, inputs, warp % 2 * 4, units);
  write_gradient(to + second, dw2, warp, units, 0, symbols);
  if (column < (upper ? symbols : units)) {
    to[(upper ? second_bias : first_bias) + column] = bias_sum;
  }
  keep_losses(parts, threadIdx.x / ROW_LANES, lane % ROW_LANES, seen);
  __syncthreads();
  if (threadIdx.x == 0) {
    write_losses(losses + TOTALS * blockIdx.x, parts, ROWS_AT_ONCE);
  }
}

extern "C" __global__ void __launch_bounds__(THREADS) head_tensor(
    const Half* __restrict__ input, const float* __restrict__ weights, const int* __restrict__ targets,
    const double* __restrict__ count, Half* __restrict__ input_gradient, float* __restrict__ partials,
    double* __restrict__ losses, int rows, int inputs, int units, int symbols, int first_bias, int second,
    int second_bias, int width, int share, int tile, int activation) {
  wait_for_launch_before();
  if (!TENSOR_CORES) {
    return;
  }
  if (symbols <= 3 * SMALL) {
    run<3>(input, weights, targets, count, input_gradient, partials, losses, rows, inputs, units, symbols, first_bias,
           second, second_bias, width, share, tile, activation);
  } else {
    run<8>(input, weights, targets, count, input_gradient, partials, losses, rows, inputs, units, symbols, first_bias,
           second, second_bias, width, share, tile, activation);
  }
}
