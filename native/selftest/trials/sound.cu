// Kernels with nothing wrong in them: the checks must let them pass, and their results must be right.

extern "C" __global__ void fill_with(float* x, float value, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    x[i] = value;
  }
}

// In place, so that a second order of blocks must start from the first one's beginning.
extern "C" __global__ void add_one(float* x, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    x[i] += 1.0f;
  }
}

extern "C" __global__ void add_both(const float* x, const float* y, float* z) {
  z[threadIdx.x] = x[threadIdx.x] + y[threadIdx.x];
}

extern "C" __global__ void block_sum(const float* x, float* sums, int n) {
  SHARED_ARRAY(float, partial, 1024);
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  partial[threadIdx.x] = i < n ? x[i] : 0.0f;
  for (int half = blockDim.x / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) {
      partial[threadIdx.x] += partial[threadIdx.x + half];
    }
  }
  if (threadIdx.x == 0) {
    sums[blockIdx.x] = partial[0];
  }
}

extern "C" __global__ void warp_rows(const float* x, float* sums, int columns) {
  float sum = 0.0f;
  for (int j = threadIdx.x; j < columns; j += 32) {
    sum += x[threadIdx.y * columns + j];
  }
  for (int distance = 16; distance > 0; distance /= 2) {
    sum += __shfl_down_sync(0xffffffffu, sum, distance);
  }
  if (threadIdx.x == 0) {
    sums[threadIdx.y] = sum;
  }
}

// A warp's own piece of shared memory needs no more than the warp's barrier.
extern "C" __global__ void warp_reversal(const float* x, float* y) {
  SHARED_ARRAY(float, piece, 64);
  int first = threadIdx.x / 32 * 32;
  piece[threadIdx.x] = x[threadIdx.x];
  __syncwarp();
  y[threadIdx.x] = piece[first + 31 - threadIdx.x % 32];
}

extern "C" __global__ void dynamic_reversal(const float* x, float* y) {
  DYNAMIC_SHARED(float, all);
  all[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  y[threadIdx.x] = all[blockDim.x - 1 - threadIdx.x];
}

// Arguments of every size, so that none is taken for its neighbour.
extern "C" __global__ void mixed_arguments(double* out, char a, double b, short c, float d, unsigned long long e) {
  static const double weights[] = {1.0, 10.0, 100.0};
  out[threadIdx.x] = weights[threadIdx.x] * (a + b + c + d + (double)e);
}

// Threads may write bytes of one word that lie apart, also after the word was touched as one.
extern "C" __global__ void bytes_of_words(float* y) {
  SHARED_ARRAY(unsigned int, words, 16);
  if (threadIdx.x < 16) {
    words[threadIdx.x] = 0;
  }
  __syncthreads();
  ((unsigned char*)words)[threadIdx.x] = (unsigned char)threadIdx.x;
  __syncthreads();
  y[threadIdx.x] = (float)(words[threadIdx.x / 4] >> (8 * (threadIdx.x % 4)) & 255);
}

// Half return early; the others do not wait for them.
extern "C" __global__ void barrier_after_return(float* y) {
  y[threadIdx.x] = 0.0f;
  if (threadIdx.x < 32) {
    return;
  }
  __syncthreads();
  y[threadIdx.x] = 1.0f;
}
