// A histogram and a scan.
constexpr int BINS = 16;

extern "C" __global__ void histogram(int n, const int* x, int* bins) {
  __shared__ int mine[BINS];
  if (threadIdx.x < BINS) {
    mine[threadIdx.x] = 0;
  }
  __syncthreads();
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
    atomicAdd(&mine[x[i] & (BINS - 1)], 1);
  }
  __syncthreads();
  if (threadIdx.x < BINS) {
    atomicAdd(&bins[threadIdx.x], mine[threadIdx.x]);
  }
}

// Of one block, in place, in memory that the launch has asked for.
extern "C" __global__ void inclusive_scan(int* x) {
  extern __shared__ int held[];
  int i = threadIdx.x;
  held[i] = x[i];
  __syncthreads();
  for (int distance = 1; distance < blockDim.x; distance *= 2) {
    int before = i >= distance ? held[i - distance] : 0;
    __syncthreads();
    held[i] += before;
    __syncthreads();
  }
  x[i] = held[i];
}

// How many of a warp's values come before each that are as large.
extern "C" __global__ void ranks_among_equals(const int* x, int* rank, int* votes) {
  int lane = threadIdx.x;
  unsigned before = (1u << lane) - 1;
#if __CUDA_ARCH__ >= 700
  unsigned equal = __match_any_sync(0xffffffffu, x[lane]);
  rank[lane] = __popc(equal & before);
#endif
  unsigned odd = __ballot_sync(0xffffffffu, x[lane] & 1);
  int all = __all_sync(0xffffffffu, x[lane] >= 0), any = __any_sync(0xffffffffu, x[lane] > 5);
  votes[lane] = lane == 0 ? int(odd) : all + 2 * any;
}
