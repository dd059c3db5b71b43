// Launches: their sizes, what they must ask for, and the device that they go to.
#include <cooperative_groups.h>

#include "planted.h"

template <bool MENDED>
__global__ void put(int* x) {
  x[blockIdx.x * blockDim.x + threadIdx.x] = 1;  // told
}

template <bool MENDED>
void block_too_large() {
  Counted<int> x(2048);
  put<MENDED><<<MENDED ? 2 : 1, MENDED ? 1024 : 2048>>>(x);
}
PLANT(block_too_large);

// 100 by 256 is 0.
template <bool MENDED>
void grid_of_no_blocks() {
  Counted<int> x(256);
  put<MENDED><<<MENDED ? (100 + 255) / 256 : 100 / 256, 256>>>(x);
}
PLANT(grid_of_no_blocks);

template <bool MENDED>
void grid_too_high() {
  Counted<int> x(32);
  put<MENDED><<<dim3(1, MENDED ? 1 : 65536), 32>>>(x);
}
PLANT(grid_too_high);

template <bool MENDED>
__global__ void large(int* x) {
  extern __shared__ int held[];
  held[threadIdx.x] = 1;
  x[threadIdx.x] = held[threadIdx.x];
}

template <bool MENDED>
void shared_memory_unasked() {
  Counted<int> x(32);
  if (MENDED) {
    cudaFuncSetAttribute(large<MENDED>, cudaFuncAttributeMaxDynamicSharedMemorySize, 64 << 10);
  }
  large<MENDED><<<1, 32, 64 << 10>>>(x);
}
PLANT(shared_memory_unasked);

template <bool MENDED>
__global__ void __launch_bounds__(128) bounded(int* x) {
  x[threadIdx.x] = 1;
}

template <bool MENDED>
void more_than_its_launch_bounds() {
  Counted<int> x(256);
  bounded<MENDED><<<1, MENDED ? 128 : 256>>>(x);
}
PLANT(more_than_its_launch_bounds);

template <bool MENDED>
__global__ void across_the_grid(int* x) {
  x[blockIdx.x] = blockIdx.x;
  cooperative_groups::this_grid().sync();  // told
  x[4 + blockIdx.x] = x[3 - blockIdx.x];
}

template <bool MENDED>
void grid_sync_of_an_ordinary_launch() {
  Counted<int> x(8);
  int* address = x;
  void* arguments[] = {&address};
  if (MENDED) {
    cudaLaunchCooperativeKernel(across_the_grid<MENDED>, 4, 1, arguments);
  } else {
    across_the_grid<MENDED><<<4, 1>>>(x);
  }
}
PLANT(grid_sync_of_an_ordinary_launch);

template <bool MENDED>
__global__ void grid_barrier_for_some(int* x) {
  if (MENDED || blockIdx.x > 0) {
    cooperative_groups::this_grid().sync();  // told
  }
  x[blockIdx.x] = 1;
}

template <bool MENDED>
void grid_sync_that_a_block_skips() {
  Counted<int> x(4);
  int* address = x;
  void* arguments[] = {&address};
  cudaLaunchCooperativeKernel(grid_barrier_for_some<MENDED>, 4, 1, arguments);
}
PLANT(grid_sync_that_a_block_skips);

template <bool MENDED>
void cooperative_grid_too_large() {
  Counted<int> x(2);
  int* address = x;
  void* arguments[] = {&address};
  if (MENDED) {
    cudaLaunchCooperativeKernel(put<MENDED>, 2, 1, arguments);
  } else {
    cudaLaunchCooperativeKernel(put<MENDED>, 1 << 20, 1, arguments);
  }
}
PLANT(cooperative_grid_too_large);

constexpr int DEPTH = 100;

template <bool MENDED>
__device__ int deep(int n, const int* x) {
  volatile int held[64];
  held[n % 64] = x[0] + n;
  return n == 0 ? held[0] : deep<MENDED>(n - 1, x) + held[n % 64];  // told
}

template <bool MENDED>
__global__ void recurse(int n, const int* x, int* y) {
  *y = deep<MENDED>(n, x);
}

template <bool MENDED>
void recursion_too_deep() {
  Counted<int> x(1), y(1);
  if (MENDED) {
    cudaDeviceSetLimit(cudaLimitStackSize, 64 << 10);
  }
  recurse<MENDED><<<1, 1>>>(DEPTH, x, y);
}
PLANT(recursion_too_deep);

template <bool MENDED>
__global__ void wait_for_another(int* flag) {
  if (threadIdx.x == 0) {
    while (atomicAdd(flag, 0) == 0) {  // told
    }
  }
  if (MENDED ? threadIdx.x == 1 : threadIdx.x == 64) {
    atomicExch(flag, 1);
  }
}

// The thread that would set the flag isn't there.
template <bool MENDED>
void wait_for_nobody() {
  Counted<int> flag(1);
  wait_for_another<MENDED><<<1, 64>>>(flag);
}
PLANT(wait_for_nobody);

template <bool MENDED>
void device_that_is_not_there() {
  Counted<int> x(32);
  cudaSetDevice(MENDED ? 0 : 5);
  put<MENDED><<<1, 32>>>(x);
}
PLANT(device_that_is_not_there);

// Nobody has let the second device reach the first one's memory.
template <bool MENDED>
void memory_of_another_device() {
  Counted<int> x(32);
  cudaSetDevice(1);
  if (MENDED) {
    cudaDeviceEnablePeerAccess(0, 0);
  }
  put<MENDED><<<1, 32>>>(x);
  cudaDeviceSynchronize();
  cudaSetDevice(0);
}
PLANT(memory_of_another_device);

template <bool MENDED>
void stream_of_another_device() {
  cudaStream_t stream;
  cudaStreamCreate(&stream);
  cudaSetDevice(MENDED ? 0 : 1);
  Counted<int> x(32);
  put<MENDED><<<1, 32, 0, stream>>>(x);
  cudaDeviceSynchronize();
  cudaSetDevice(0);
  cudaStreamDestroy(stream);
}
PLANT(stream_of_another_device);

template <bool MENDED>
__global__ void may_fail(const int* x, int* y) {
  y[threadIdx.x] = x[MENDED ? threadIdx.x : threadIdx.x + 1];  // told
}

// The kernel failed, and its result is used; all later calls fail too.
template <bool MENDED>
void failure_that_nobody_looks_at() {
  Counted<int> x(32), y(32);
  may_fail<MENDED><<<1, 32>>>(x, y);
  std::printf("the result is %d\n", first_of(y.at));
}
PLANT(failure_that_nobody_looks_at);

template <bool MENDED>
__global__ void scaled(float* x, double factor) {
  x[threadIdx.x] *= factor;
}

// The array of arguments has one too few.
template <bool MENDED>
void argument_that_is_missing() {
  Counted<float> x(32);
  float* address = x;
  double factor = 2;
  void* arguments[] = {&address, MENDED ? &factor : nullptr};
  cudaLaunchKernel(scaled<MENDED>, 1, 32, arguments);
}
PLANT(argument_that_is_missing);

// A float stands where the kernel has a double.
template <bool MENDED>
void argument_of_another_type() {
  Counted<float> x(32);
  float* address = x;
  double factor = 2;
  float narrow[2] = {2, 0};
  void* arguments[] = {&address, MENDED ? static_cast<void*>(&factor) : narrow};
  cudaLaunchKernel(scaled<MENDED>, 1, 32, arguments);
}
PLANT(argument_of_another_type);
