// The elementwise part and the bias gradient of the backward pass of y = activation(x kernel + bias), in one pass over
// dy (M,N):
//   dy = the gradient before the activation, in place: 0 where y (M,N) <= 0 after a ReLU, dy (1 - y^2) after tanh;
//        without an activation dy stays as it is, and y may be null
//   partials = sums over the rows, in one order, for bias_sum.cu: (S,N), of S slices of the rows, where N <= 256, else
//        (4S,N), because rows of a slice whose numbers differ modulo 4 are summed separately
// A band is four rows: 4 N elements, four for each of N threads. A thread's elements thus begin at a multiple of 16
// bytes for every N, and lie in the same columns in every band. A block of (W,H) threads takes W threads' elements of
// one slice; thread (x, y) takes the bands y, y + H, ..., and adds up each column in the order of the elements. Up to N
// = 256, W is N and the block sums whole rows; beyond, H is 1. Launch S ceil(N / W) blocks. Bytes: 12 M N + 4 S N,
// without an activation 4 M N + 4 S N; bf16 halves the first term, and the second is fourfold where N > 256. FLOPs: M
// N, with tanh 4 M N.
#include "device.h"

#define THREADS 256

// The sums of one thread's elements; a band's elements are read before any is used.
template <typename T>
static __device__ __forceinline__ Four add_bands(void* dy, const void* y, int from, int end, int columns, int quad,
                                                 int n, int activation) {
  Four sum = {};
  for (int band = from; band < end; band += blockDim.y) {
    int i = 4 * (band * columns + quad);
    T gradients = read_four<T>(dy, i, n);
    T results = activation ? read_four<T>(y, i, n) : gradients;
    Four four = widened(gradients);
    Four result = widened(results);
    if (activation == RELU) {
      for (int k = 0; k < 4; k++) {
        bool stopped = result.at[k] <= 0.0f;
        gradients.at[k] = stopped ? 0 : gradients.at[k];
        four.at[k] = stopped ? 0.0f : four.at[k];
      }
      write_four(dy, i, n, gradients);
    } else if (activation == TANH) {
      for (int k = 0; k < 4; k++) {
        four.at[k] *= 1.0f - result.at[k] * result.at[k];
      }
      round_to(gradients, four);
      write_four(dy, i, n, gradients);
    }
    for (int k = 0; k < 4; k++) {
      sum.at[k] += four.at[k];
    }
  }
  return sum;
}

extern "C" __global__ void bias_backward(void* __restrict__ dy, const void* __restrict__ y,
                                         float* __restrict__ partials, int rows, int columns, int slices,
                                         int activation, int bf16) {
  wait_for_launch_before();
  let_next_launch_begin();
  SHARED_ARRAY(Four, sums, THREADS);
  int slice = blockIdx.x % slices;
  int first = blockIdx.x / slices * blockDim.x;
  int bands = (rows + 3) / 4;
  int length = (bands + slices - 1) / slices;
  int from = slice * length + threadIdx.y;
  int end = first + threadIdx.x < columns ? min((slice + 1) * length, bands) : 0;
  int thread = threadIdx.y * blockDim.x + threadIdx.x;
  int n = rows * columns;
  sums[thread] = bf16 ? add_bands<FourHalves>(dy, y, from, end, columns, first + threadIdx.x, n, activation)
                      : add_bands<Four>(dy, y, from, end, columns, first + threadIdx.x, n, activation);
  __syncthreads();
  int threads = blockDim.x * blockDim.y;
  int period = columns <= THREADS ? columns : 4 * threads;
  int width = columns <= THREADS ? columns : 4 * columns;
  for (int x = thread; x < period && 4 * first + x < width; x += threads) {
    float total = 0.0f;
    for (u32 i = x; i < 4 * threads; i += period) {
      total += sums[i / 4].at[i % 4];
    }
    partials[(long long)slice * width + 4 * first + x] = total;
  }
}
