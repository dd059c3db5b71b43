// Shared memory, block barriers, and asynchronous copies to shared memory.
#include <cuda_pipeline.h>

#include "planted.h"

template <bool MENDED>
__global__ void sum_plainly(const int* x, int* y) {
  __shared__ int sum;
  if (threadIdx.x == 0) {
    sum = 0;
  }
  __syncthreads();
  if constexpr (MENDED) {
    atomicAdd(&sum, x[threadIdx.x]);
  } else {
    sum += x[threadIdx.x];  // told
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    *y = sum;
  }
}

template <bool MENDED>
void sum_without_an_atomic() {
  Counted<int> x(64), y(1);
  sum_plainly<MENDED><<<1, 64>>>(x, y);
}
PLANT(sum_without_an_atomic);

// The tile of the next turn is written while others still read this one.
template <bool MENDED>
__global__ void tiles(const int* x, int* y) {
  __shared__ int tile[64];
  int sum = 0, i = threadIdx.x;
  for (int turn = 0; turn < 4; turn++) {
    tile[i] = x[64 * turn + i];  // told
    __syncthreads();
    for (int k = 0; k < 64; k++) {
      sum += tile[k];  // told
    }
    if constexpr (MENDED) {
      __syncthreads();
    }
  }
  y[i] = sum;
}

template <bool MENDED>
void tile_without_second_barrier() {
  Counted<int> x(256), y(64);
  tiles<MENDED><<<1, 64>>>(x, y);
}
PLANT(tile_without_second_barrier);

template <bool MENDED>
__global__ void halve(const int* x, int* y) {
  __shared__ int held[64];
  int i = threadIdx.x;
  held[i] = x[i];
  __syncthreads();
  for (int stride = 32; stride > 0; stride /= 2) {
    if (i < stride) {
      held[i] += held[i + stride];
      if constexpr (!MENDED) {
        __syncthreads();  // told
      }
    }
    if constexpr (MENDED) {
      __syncthreads();
    }
  }
  if (i == 0) {
    *y = held[0];
  }
}

template <bool MENDED>
void barrier_within_the_reduction() {
  Counted<int> x(64), y(1);
  halve<MENDED><<<1, 64>>>(x, y);
}
PLANT(barrier_within_the_reduction);

template <bool MENDED>
__global__ void scan(int* x) {
  __shared__ int held[64];
  int i = threadIdx.x;
  held[i] = x[i];
  __syncthreads();
  for (int by = 1; by < 64; by *= 2) {
    int before = i >= by ? held[i - by] : 0;  // told
    if constexpr (MENDED) {
      __syncthreads();
    }
    held[i] += before;  // told
    __syncthreads();
  }
  x[i] = held[i];
}

template <bool MENDED>
void scan_in_place() {
  Counted<int> x(64);
  scan<MENDED><<<1, 64>>>(x);
}
PLANT(scan_in_place);

// As it was written before Volta.
template <bool MENDED>
__global__ void last_warp(const int* x, int* y) {
  __shared__ int held[64];
  int i = threadIdx.x;
  held[i] = x[i];
  __syncthreads();
  if (i < 32) {
    volatile int* open = held;
    for (int by = 32; by > 0; by /= 2) {
      int sum = open[i] + open[i + by];  // told
      if constexpr (MENDED) {
        __syncwarp();
      }
      open[i] = sum;  // told
      if constexpr (MENDED) {
        __syncwarp();
      }
    }
  }
  if (i == 0) {
    *y = held[0];
  }
}

template <bool MENDED>
void volatile_in_the_last_warp() {
  Counted<int> x(64), y(1);
  last_warp<MENDED><<<1, 64>>>(x, y);
}
PLANT(volatile_in_the_last_warp);

template <bool MENDED>
__global__ void trade(int* x) {
  __shared__ int held[32];
  int i = threadIdx.x;
  held[i] = x[i];  // told
  if constexpr (MENDED) {
    __syncwarp();
  }
  x[i] = held[i ^ 1];  // told
}

template <bool MENDED>
void lanes_trade_without_syncwarp() {
  Counted<int> x(32);
  trade<MENDED><<<1, 32>>>(x);
}
PLANT(lanes_trade_without_syncwarp);

// 36 threads come once more than the others.
template <bool MENDED>
__global__ void uneven(int n, int* x) {
  for (int i = threadIdx.x; MENDED ? i - threadIdx.x < n : i < n; i += 64) {
    if (i < n) {
      x[i]++;
    }
    __syncthreads();  // told
  }
}

template <bool MENDED>
void barrier_in_an_uneven_loop() {
  Counted<int> x(100);
  uneven<MENDED><<<1, 64>>>(100, x);
}
PLANT(barrier_in_an_uneven_loop);

template <bool MENDED>
__global__ void leave_between(int n, int* x) {
  __shared__ int held[64];
  int i = threadIdx.x;
  held[i] = x[i];
  __syncthreads();
  if (!MENDED && i >= n) {
    return;
  }
  int next = held[(i + 1) % 64];
  __syncthreads();  // told
  held[i] = next;
  if (i < n) {
    x[i] = held[i];
  }
}

template <bool MENDED>
void return_between_barriers() {
  Counted<int> x(64);
  leave_between<MENDED><<<1, 64>>>(40, x);
}
PLANT(return_between_barriers);

template <bool MENDED>
__global__ void either(int* x) {
  int i = threadIdx.x;
  if (MENDED || i < 40) {
    x[i] += 1;
    __syncthreads();  // told
  } else {
    x[i] += 2;
    __syncthreads();  // told
  }
}

template <bool MENDED>
void barrier_in_either_branch() {
  Counted<int> x(64);
  either<MENDED><<<1, 64>>>(x);
}
PLANT(barrier_in_either_branch);

template <bool MENDED>
__global__ void numbered(int* x) {
  x[threadIdx.x]++;
  asm volatile("bar.sync 1, %0;" ::"r"(MENDED ? 64 : 96) : "memory");  // told
}

template <bool MENDED>
void named_barrier_of_too_many() {
  Counted<int> x(64);
  numbered<MENDED><<<1, 64>>>(x);
}
PLANT(named_barrier_of_too_many);

template <bool MENDED>
__global__ void count_even(const int* x, int* y) {
  __shared__ int even;
  if (threadIdx.x == 0) {
    even = 0;  // told
  }
  if constexpr (MENDED) {
    __syncthreads();
  }
  if (x[threadIdx.x] % 2 == 0) {
    atomicAdd(&even, 1);  // told
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    *y = even;
  }
}

template <bool MENDED>
void count_zeroed_without_barrier() {
  Counted<int> x(64), y(1);
  count_even<MENDED><<<1, 64>>>(x, y);
}
PLANT(count_zeroed_without_barrier);

template <bool MENDED>
__global__ void queue(const int* x, int* y) {
  __shared__ int count, taken[64];
  if (threadIdx.x == 0) {
    count = 0;
  }
  __syncthreads();
  if (x[threadIdx.x] % 3 == 0) {
    taken[atomicAdd(&count, 1)] = x[threadIdx.x];  // told
  }
  if constexpr (MENDED) {
    __syncthreads();
  }
  if (threadIdx.x == 0) {
    *y = count;  // told
  }
}

template <bool MENDED>
void queue_read_before_it_is_full() {
  Counted<int> x(64), y(1);
  queue<MENDED><<<1, 64>>>(x, y);
}
PLANT(queue_read_before_it_is_full);

// Each thread waits for its own copy, and none for the others'.
template <bool MENDED>
__global__ void copied(const int* x, int* y) {
  __shared__ int held[64];
  int i = threadIdx.x;
  __pipeline_memcpy_async(&held[i], &x[i], sizeof(int));  // told
  __pipeline_commit();
  __pipeline_wait_prior(0);
  if constexpr (MENDED) {
    __syncthreads();
  }
  y[i] = held[63 - i];  // told
}

template <bool MENDED>
void async_copy_without_barrier() {
  Counted<int> x(64), y(64);
  copied<MENDED><<<1, 64>>>(x, y);
}
PLANT(async_copy_without_barrier);

// Of two copies under way, the first is used while both may still run.
template <bool MENDED>
__global__ void staged(const int* x, int* y) {
  __shared__ int held[2][64];
  int i = threadIdx.x;
  for (int stage = 0; stage < 2; stage++) {
    __pipeline_memcpy_async(&held[stage][i], &x[64 * stage + i], sizeof(int));
    __pipeline_commit();
  }
  __pipeline_wait_prior(MENDED ? 1 : 2);
  y[i] = held[0][i];  // told
  __pipeline_wait_prior(0);
  y[i] += held[1][i];
}

template <bool MENDED>
void async_copy_waits_for_too_few() {
  Counted<int> x(128), y(64);
  staged<MENDED><<<1, 64>>>(x, y);
}
PLANT(async_copy_waits_for_too_few);
