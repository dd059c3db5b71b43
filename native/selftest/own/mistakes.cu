// A program's own kernels that err by themselves. All values of y are 0.

extern "C" __global__ void divides(int* y) {
  y[threadIdx.x] = 7 / (y[threadIdx.x] + 16 - int(threadIdx.x));
}

extern "C" __global__ void takes_a_remainder(unsigned long long* y) {
  y[0] = threadIdx.x % y[0];
}

extern "C" __global__ void divides_the_lowest(int* y) {
  y[0] = (y[0] - 2147483647 - 1) / (y[0] - 1);
}

__device__ int element(int i) {
  int values[4] = {1, 2, 3, 4};
  values[i & 1]++;
  return values[i];
}

extern "C" __global__ void past_a_local_array(int* y) {
  y[threadIdx.x] = element(threadIdx.x);
}

extern "C" __global__ void before_a_local_array(int* y) {
  y[0] = element(y[0] - 1);
}

extern "C" __global__ void past_a_shared_row(float* y) {
  __shared__ float tile[2][32];
  tile[0][threadIdx.x + 1] = 1.0f;
  y[threadIdx.x] = 1.0f;
}

__device__ int depth(int n, int* y) {
  return y[0] == 1 ? n : 3 * depth(n + 1, y) + 1;
}

extern "C" __global__ void calls_itself(int* y) {
  y[threadIdx.x] = depth(0, y);
}

// Each call holds nearly what a thread may have.
__device__ int wide(int n, int* y) {
  int values[130000];
  values[n] = y[0];
  return y[0] == 1 ? n : 3 * wide(n + 1 + values[n], y) + values[n / 2 * 2];
}

extern "C" __global__ void calls_itself_widely(int* y) {
  y[threadIdx.x] = wide(0, y);
}

extern "C" __global__ void waits(volatile int* y) {
  while (y[threadIdx.x] == 0) {
  }
}

extern "C" __global__ void meets_for_ever(volatile int* y) {
  do {
    __syncthreads();
  } while (y[threadIdx.x] == 0);
}

extern "C" __global__ void counts_for_ever(unsigned* y) {
  unsigned n = threadIdx.x;
  while (n != 1) {
    n = n * n + 3;
  }
  y[0] = n;
}

// No mistakes: 400 KB of local memory in each of many threads at once, and sums that wrap around.
extern "C" __global__ void large_array(int* y) {
  int values[100000];
  for (int i = 0; i < 100000; i += 50) {
    values[i] = i * int(threadIdx.x);
  }
  __syncthreads();
  int sum = y[threadIdx.x];
  for (int i = 0; i < 100000; i += 50) {
    sum ^= values[i];
  }
  y[threadIdx.x] = sum;
}

extern "C" __global__ void wraps_around(int* y) {
  int hash = 2147483647 + int(threadIdx.x) * 0x7fffffff;
  y[threadIdx.x] = (hash + 1 < hash) + hash % 10 + (-7) / 2;
}
