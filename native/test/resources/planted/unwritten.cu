// Memory and variables that nobody has written.
#include "planted.h"

template <bool MENDED>
__global__ void add_to(int* sum) {
  *sum += 5;  // told
}

template <bool MENDED>
void sum_without_zero() {
  int* sum;
  cudaMalloc(&sum, sizeof(int));
  if (MENDED) {
    cudaMemset(sum, 0, sizeof(int));
  }
  add_to<MENDED><<<1, 1>>>(sum);
  cudaFree(sum);
}
PLANT(sum_without_zero);

template <bool MENDED>
__global__ void add_atomically(int* bins) {
  atomicAdd(&bins[threadIdx.x % 8], 1);  // told
}

// Memory is set by bytes.
template <bool MENDED>
void memset_of_elements() {
  int* bins;
  cudaMalloc(&bins, 8 * sizeof(int));
  cudaMemset(bins, 0, MENDED ? 8 * sizeof(int) : 8);
  add_atomically<MENDED><<<1, 32>>>(bins);
  cudaFree(bins);
}
PLANT(memset_of_elements);

template <bool MENDED>
__global__ void square(int n, const int* x, int* y) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    y[i] = x[i] * x[i];  // told
  }
}

template <bool MENDED>
void copy_of_elements() {
  std::vector<int> host(64, 3);
  int* x;
  cudaMalloc(&x, 64 * sizeof(int));
  cudaMemcpy(x, host.data(), MENDED ? 64 * sizeof(int) : 64, cudaMemcpyHostToDevice);
  Counted<int> y(64);
  square<MENDED><<<1, 64>>>(64, x, y);
  cudaFree(x);
}
PLANT(copy_of_elements);

// 100 by 64 is 1.
template <bool MENDED>
void grid_rounded_down() {
  Counted<int> x(100);
  int* y;
  cudaMalloc(&y, 100 * sizeof(int));
  square<MENDED><<<MENDED ? 2 : 1, 64>>>(100, x, y);
  std::vector<int> host(100);
  cudaMemcpy(host.data(), y, 100 * sizeof(int), cudaMemcpyDeviceToHost);
  cudaFree(y);
}
PLANT(grid_rounded_down);

template <bool MENDED>
void result_never_computed() {
  Counted<int> x(64);
  int* y;
  cudaMalloc(&y, 64 * sizeof(int));
  if (MENDED) {
    square<MENDED><<<1, 64>>>(64, x, y);
  }
  first_of(y);
  cudaFree(y);
}
PLANT(result_never_computed);

// A larger array takes the place of another, without its content.
template <bool MENDED>
void grown_without_its_content() {
  Counted<int> x(64), y(128);
  int* grown;
  cudaMalloc(&grown, 128 * sizeof(int));
  cudaMemset(grown + 64, 0, 64 * sizeof(int));
  if (MENDED) {
    cudaMemcpy(grown, x, 64 * sizeof(int), cudaMemcpyDeviceToDevice);
  }
  square<MENDED><<<2, 64>>>(128, grown, y);
  cudaFree(grown);
}
PLANT(grown_without_its_content);

template <bool MENDED>
void copy_on_the_device() {
  Counted<int> y(64);
  int* x;
  cudaMalloc(&x, 64 * sizeof(int));
  if (MENDED) {
    cudaMemset(x, 0, 64 * sizeof(int));
  }
  cudaMemcpy(y, x, 64 * sizeof(int), cudaMemcpyDeviceToDevice);
  cudaFree(x);
}
PLANT(copy_on_the_device);

// The halo on the right is nobody's task.
template <bool MENDED>
__global__ void with_halo(const int* x, int* y) {
  __shared__ int tile[66];
  int i = threadIdx.x;
  tile[i + 1] = x[i + 1];
  if (i == 0) {
    tile[0] = x[0];
    if constexpr (MENDED) {
      tile[65] = x[65];
    }
  }
  __syncthreads();
  y[i] = tile[i] + tile[i + 1] + tile[i + 2];  // told
}

template <bool MENDED>
void halo_not_loaded() {
  Counted<int> x(66), y(64);
  with_halo<MENDED><<<1, 64>>>(x, y);
}
PLANT(halo_not_loaded);

template <bool MENDED>
__global__ void sum_of_few(const int* x, int n, int* y) {
  int sum;
  if constexpr (MENDED) {
    sum = 0;
  }
  for (int i = 0; i < n; i++) {
    sum += x[i];  // told
  }
  *y = sum;
}

template <bool MENDED>
void variable_without_zero() {
  Counted<int> x(8), y(1);
  sum_of_few<MENDED><<<1, 1>>>(x, 8, y);
}
PLANT(variable_without_zero);

template <bool MENDED>
__global__ void local_array(const int* x, int n, int* y) {
  int held[8];
  if constexpr (MENDED) {
    for (int& one : held) {
      one = 0;
    }
  }
  for (int i = 0; i < n; i++) {
    held[x[i] % 8] = i;
  }
  y[threadIdx.x] = held[threadIdx.x % 8];  // told
}

template <bool MENDED>
void local_array_in_part() {
  Counted<int> x(8), y(8);
  local_array<MENDED><<<1, 8>>>(x, 5, y);
}
PLANT(local_array_in_part);

template <bool MENDED>
__global__ void from_the_heap(int* y) {
  int* mine = MENDED ? new int[4]() : new int[4];
  mine[0]++;  // told
  *y = mine[0];
  delete[] mine;
}

template <bool MENDED>
void heap_without_zero() {
  Counted<int> y(1);
  from_the_heap<MENDED><<<1, 1>>>(y);
}
PLANT(heap_without_zero);

// The last chunk is shorter than the others, and all are copied whole.
template <bool MENDED>
void last_chunk_whole() {
  Counted<int> x(70);
  int* y;
  cudaMalloc(&y, 96 * sizeof(int));
  square<MENDED><<<3, 32>>>(70, x, y);
  std::vector<int> host(96);
  for (int at = 0; at < 70; at += 32) {
    int count = MENDED && at + 32 > 70 ? 70 - at : 32;
    cudaMemcpy(&host[at], y + at, count * sizeof(int), cudaMemcpyDeviceToHost);
  }
  cudaFree(y);
}
PLANT(last_chunk_whole);
