// Products and loads of small matrices by a warp. Registers of a lane lie side by side.
#include "kernels/device.h"

extern "C" __global__ void multiply_once(const u32* a, const u32* b, float* d) {
  u32 mine[4], other[2];
  float sums[4];
  for (int i = 0; i < 4; i++) {
    mine[i] = a[4 * threadIdx.x + i];
    sums[i] = d[4 * threadIdx.x + i];
  }
  for (int i = 0; i < 2; i++) {
    other[i] = b[2 * threadIdx.x + i];
  }
  multiply_add(sums, mine, other);
  for (int i = 0; i < 4; i++) {
    d[4 * threadIdx.x + i] = sums[i];
  }
}

// Four matrices of 8 x 8 that lie one after the other, each row by itself, which a lane asks for by its number.
extern "C" __global__ void load_once(const Four* rows, u32* plain, u32* transposed) {
  SHARED_ARRAY(Four, all, 33);
  all[32 - threadIdx.x] = rows[threadIdx.x];
  __syncwarp();
  u32 got[4];
  load_matrices(got, &all[32 - threadIdx.x]);
  for (int i = 0; i < 4; i++) {
    plain[4 * threadIdx.x + i] = got[i];
  }
  load_matrices_transposed(got, &all[32 - threadIdx.x]);
  for (int i = 0; i < 4; i++) {
    transposed[4 * threadIdx.x + i] = got[i];
  }
}

extern "C" __global__ void transpose_once(const u32* x, u32* y) {
  y[threadIdx.x] = transposed(x[threadIdx.x]);
}

extern "C" __global__ void transpose_without_one(u32* y) {
  if (threadIdx.x != 3) {
    y[threadIdx.x] = transposed(threadIdx.x);
  }
}

// z (16,16) = x (16,16) y (16,16) by eight warps, each for itself, as kernels use all this.
extern "C" __global__ void tile_product(const Four* x, const Four* y, float* z) {
  SHARED_ARRAY(Half, left, 8 * 256);
  SHARED_ARRAY(Half, right, 8 * 256);
  int warp = threadIdx.x / WARP, lane = threadIdx.x % WARP;
  ((Four*)left)[threadIdx.x] = x[threadIdx.x];
  ((Four*)right)[threadIdx.x] = y[threadIdx.x];
  __syncthreads();
  int at = warp * 256 + lane % 16 * 16 + lane / 16 * 8;
  u32 a[4], b[4];
  load_matrices(a, left + at);
  load_matrices_transposed(b, right + at);
  for (int part = 0; part < 2; part++) {
    float d[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    u32 columns[2] = {b[2 * part], b[2 * part + 1]};
    multiply_add(d, a, columns);
    float* to = z + warp * 256 + lane / 4 * 16 + 8 * part + lane % 4 * 2;
    to[0] = d[0];
    to[1] = d[1];
    to[128] = d[2];
    to[129] = d[3];
  }
}

extern "C" __global__ void pack(const float* low, const float* high, u32* y) {
  y[threadIdx.x] = pack_halves(low[threadIdx.x], high[threadIdx.x]);
}

extern "C" __global__ void tanh_of(const float* x, float* y) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  y[i] = quick_tanh(x[i]);
}

// As a kernel of many products does it: the sums stay in registers.
extern "C" __global__ void multiply_often(const u32* a, float* d, int times) {
  u32 mine[4] = {a[0], a[1], a[2], a[3]}, other[2] = {a[4], a[5]};
  float sums[4] = {0.0f, 0.0f, 0.0f, 0.0f};
  for (int i = 0; i < times; i++) {
    multiply_add(sums, mine, other);
  }
  d[threadIdx.x] = sums[0] + sums[1] + sums[2] + sums[3];
}

extern "C" __global__ void multiply_without_one(float* d, int stays_away) {
  u32 a[4] = {0, 0, 0, 0}, b[2] = {0, 0};
  float sums[4] = {0.0f, 0.0f, 0.0f, 0.0f};
  if (threadIdx.x == 7) {
    if (stays_away == 0) {
      return;
    }
    if (stays_away == 1) {
      __syncthreads();
    } else if (stays_away == 2) {
      __syncwarp();
    }
  }
  multiply_add(sums, a, b);
  d[threadIdx.x] = sums[0];
}

extern "C" __global__ void load_without_one(float* y) {
  SHARED_ARRAY(Four, rows, 32);
  rows[threadIdx.x] = {{1.0f, 2.0f, 3.0f, 4.0f}};
  __syncwarp();
  u32 got[4] = {0, 0, 0, 0};
  if (threadIdx.x != 31) {
    load_matrices(got, &rows[threadIdx.x]);
  }
  y[threadIdx.x] = got[0];
}

extern "C" __global__ void load_both_ways(float* y) {
  SHARED_ARRAY(Four, rows, 32);
  rows[threadIdx.x] = {{1.0f, 2.0f, 3.0f, 4.0f}};
  __syncwarp();
  u32 got[4];
  if (threadIdx.x < 16) {
    load_matrices(got, &rows[threadIdx.x]);
  } else {
    load_matrices_transposed(got, &rows[threadIdx.x]);
  }
  y[threadIdx.x] = got[0];
}

extern "C" __global__ void load_misaligned(float* y) {
  SHARED_ARRAY(Four, rows, 32);
  rows[threadIdx.x] = {{1.0f, 2.0f, 3.0f, 4.0f}};
  __syncwarp();
  u32 got[4];
  load_matrices(got, (const char*)&rows[threadIdx.x] + (threadIdx.x == 5 ? -8 : 0));
  y[threadIdx.x] = got[0];
}

extern "C" __global__ void load_from_global(float* y) {
  u32 got[4];
  load_matrices(got, y);
  y[threadIdx.x] = got[0];
}

extern "C" __global__ void load_past_end(float* y) {
  SHARED_ARRAY(Four, rows, 32);
  rows[threadIdx.x] = {{1.0f, 2.0f, 3.0f, 4.0f}};
  __syncwarp();
  u32 got[4];
  load_matrices(got, &rows[threadIdx.x + 1]);
  y[threadIdx.x] = got[0];
}

extern "C" __global__ void load_unwritten(float* y) {
  SHARED_ARRAY(Four, rows, 32);
  if (threadIdx.x != 9) {
    rows[threadIdx.x] = {{1.0f, 2.0f, 3.0f, 4.0f}};
  }
  __syncwarp();
  u32 got[4];
  load_matrices_transposed(got, &rows[threadIdx.x]);
  y[threadIdx.x] = got[0];
}

extern "C" __global__ void load_without_barrier(float* y) {
  SHARED_ARRAY(Four, rows, 32);
  rows[threadIdx.x] = {{1.0f, 2.0f, 3.0f, 4.0f}};
  u32 got[4];
  load_matrices(got, &rows[threadIdx.x]);
  y[threadIdx.x] = got[0];
}
