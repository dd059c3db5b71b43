// Indices: past the ends of device, shared, local and constant memory, and those that overflow.
#include "planted.h"

template <bool MENDED>
__global__ void twice(int n, int* x) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (!MENDED || i < n) {
    x[i] *= 2;  // told
  }
}

template <bool MENDED>
void grid_rounded_up() {
  Counted<int> x(100);
  twice<MENDED><<<2, 64>>>(100, x);
}
PLANT(grid_rounded_up);

// Rows and columns of a matrix that is not square.
template <bool MENDED>
__global__ void transpose(int rows, int columns, const int* x, int* y) {
  int row = threadIdx.y, column = threadIdx.x;
  y[column * rows + row] = x[MENDED ? row * columns + column : column * columns + row];  // told
}

template <bool MENDED>
void rows_for_columns() {
  Counted<int> x(32), y(32);
  transpose<MENDED><<<1, dim3(8, 4)>>>(4, 8, x, y);
}
PLANT(rows_for_columns);

template <bool MENDED>
__global__ void through_dynamic(int* x) {
  extern __shared__ int held[];
  held[threadIdx.x] = x[threadIdx.x];  // told
  __syncthreads();
  x[threadIdx.x] = held[63 - threadIdx.x];
}

template <bool MENDED>
void dynamic_memory_in_elements() {
  Counted<int> x(64);
  through_dynamic<MENDED><<<1, 64, MENDED ? 64 * sizeof(int) : 64>>>(x);
}
PLANT(dynamic_memory_in_elements);

template <bool MENDED>
__global__ void local_bins(const int* x, int* y) {
  int bins[4] = {};
  for (int i = 0; i < 8; i++) {
    bins[MENDED ? x[i] % 4 : x[i] % 5]++;  // told
  }
  for (int i = 0; i < 4; i++) {
    y[i] = bins[i];
  }
}

template <bool MENDED>
void local_array_too_small() {
  Counted<int> x(8), y(4);
  local_bins<MENDED><<<1, 1>>>(x, y);
}
PLANT(local_array_too_small);

__constant__ float taps[5] = {1, 2, 3, 2, 1};

template <bool MENDED>
__global__ void filter(int width, const float* x, float* y) {
  float sum = 0;
  for (int i = 0; MENDED ? i < width : i <= width; i++) {
    sum += taps[i] * x[threadIdx.x + i];  // told
  }
  y[threadIdx.x] = sum;
}

template <bool MENDED>
void constant_one_too_many() {
  Counted<float> x(40), y(32);
  filter<MENDED><<<1, 32>>>(5, x, y);
}
PLANT(constant_one_too_many);

// The compiler knows the place; the kernel beside it in the module is right.
template <bool MENDED>
__global__ void last_tap(float* y) {
  y[threadIdx.x] = taps[MENDED ? 4 : 5];  // told
}

template <bool MENDED>
void constant_past_its_end() {
  Counted<float> y(32);
  last_tap<MENDED><<<1, 32>>>(y);
}
PLANT(constant_past_its_end);

__device__ int table[16];

template <bool MENDED>
__global__ void fill_table() {
  if (!MENDED || threadIdx.x < 16) {
    table[threadIdx.x] = threadIdx.x;  // told
  }
}

template <bool MENDED>
void device_variable_too_small() {
  fill_table<MENDED><<<1, 32>>>();
}
PLANT(device_variable_too_small);

// 40,000 times 60,000 is more than an int holds.
template <bool MENDED>
__global__ void far_row(const char* x, int row, int width, char* y) {
  if constexpr (MENDED) {
    *y = x[size_t(row - 39999) * width];
  } else {
    *y = x[row * width];  // told
  }
}

template <bool MENDED>
void index_overflows() {
  Counted<char> x(60001), y(1);
  far_row<MENDED><<<1, 1>>>(x, 40000, 60000, y);
}
PLANT(index_overflows);

template <bool MENDED>
__global__ void differences(unsigned n, const int* x, int* y) {
  for (unsigned i = threadIdx.x; i < n; i += blockDim.x) {
    y[i] = x[i] - (MENDED && i == 0 ? 0 : x[i - 1]);  // told
  }
}

template <bool MENDED>
void unsigned_below_zero() {
  Counted<int> x(64), y(64);
  differences<MENDED><<<1, 32>>>(64, x, y);
}
PLANT(unsigned_below_zero);

template <bool MENDED>
__global__ void shift(int n, const int* x, int* y) {
  int i = threadIdx.x;
  y[i] = x[MENDED ? (i - 3 + n) % n : (i - 3) % n];  // told
}

template <bool MENDED>
void remainder_of_a_negative() {
  Counted<int> x(32), y(32);
  shift<MENDED><<<1, 32>>>(32, x, y);
}
PLANT(remainder_of_a_negative);

template <bool MENDED>
__global__ void by_fours(int n, float4* x) {
  int i = threadIdx.x;
  if (i < (MENDED ? n / 4 : n)) {
    x[i].w = 0;  // told
  }
}

template <bool MENDED>
void vectors_counted_as_floats() {
  Counted<float> x(64);
  by_fours<MENDED><<<1, 64>>>(64, reinterpret_cast<float4*>(x.at));
}
PLANT(vectors_counted_as_floats);

template <bool MENDED>
__global__ void clear_rows(float* x, size_t pitch, int rows) {
  int row = threadIdx.x;
  if (row < rows) {
    float* start = MENDED ? reinterpret_cast<float*>(reinterpret_cast<char*>(x) + row * pitch) : x + row * pitch;
    start[0] = 0;  // told
  }
}

template <bool MENDED>
void pitch_in_elements() {
  float* x;
  size_t pitch;
  cudaMallocPitch(&x, &pitch, 100 * sizeof(float), 8);
  clear_rows<MENDED><<<1, 32>>>(x, pitch, 8);
  cudaFree(x);
}
PLANT(pitch_in_elements);

template <bool MENDED>
__global__ void sum_rows(const float* x, size_t pitch, float* y) {
  float sum = 0;
  for (int i = 0; i < 10; i++) {
    sum += x[threadIdx.x * pitch / sizeof(float) + i];  // told
  }
  y[threadIdx.x] = sum;
}

// The host's rows are 40 bytes apart, the device's 512; the copy of four rows filled little of the first.
template <bool MENDED>
void pitch_of_the_host() {
  std::vector<float> rows(40, 1);
  float* x;
  size_t pitch;
  cudaMallocPitch(&x, &pitch, 40, 4);
  cudaMemcpy2D(x, pitch, rows.data(), 40, 40, 4, cudaMemcpyHostToDevice);
  Counted<float> y(4);
  sum_rows<MENDED><<<1, 4>>>(x, MENDED ? pitch : 40, y);
  cudaFree(x);
}
PLANT(pitch_of_the_host);

template <bool MENDED>
__global__ void own_heap() {
  int* mine = new int[8];
  for (int i = 0; MENDED ? i < 8 : i <= 8; i++) {
    mine[i] = i;  // told
  }
  delete[] mine;
}

template <bool MENDED>
void heap_of_the_kernel() {
  own_heap<MENDED><<<1, 1>>>();
}
PLANT(heap_of_the_kernel);

// Two arrays of shared memory lie side by side.
template <bool MENDED>
__global__ void neighbours(int* x) {
  __shared__ int low[32], high[32];
  int i = threadIdx.x;
  low[i] = x[i];
  high[i] = 2 * x[i];
  __syncthreads();
  x[i] = low[MENDED ? 31 - i : 32 + i % 2] + high[i];  // told
}

template <bool MENDED>
void shared_array_into_the_next() {
  Counted<int> x(32);
  neighbours<MENDED><<<1, 32>>>(x);
}
PLANT(shared_array_into_the_next);

// One allocation holds two arrays.
template <bool MENDED>
__global__ void parts(const int* first, int n, int* y) {
  y[threadIdx.x] = first[MENDED ? threadIdx.x % n : threadIdx.x];
}

template <bool MENDED>
void part_of_an_allocation() {
  Counted<int> x(64), y(32);
  parts<MENDED><<<1, 32>>>(x, 16, y);
}
PLANT(part_of_an_allocation);

template <bool MENDED>
__global__ void by_bytes(int n, int* x) {
  for (int i = threadIdx.x; i < (MENDED ? n / int(sizeof(int)) : n); i += blockDim.x) {
    x[i] = 0;  // told
  }
}

template <bool MENDED>
void bytes_for_elements() {
  Counted<int> x(64);
  by_bytes<MENDED><<<1, 32>>>(64 * sizeof(int), x);
}
PLANT(bytes_for_elements);
