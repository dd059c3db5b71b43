// A program as nvcc compiles it, unchanged: kernels by <<<>>> and all that goes with them.
#include <cuda_runtime.h>

#include <cstdio>
#include <cstring>
#include <thread>
#include <vector>

#define HOLDS(condition)                                                     \
  do {                                                                       \
    if (!(condition)) {                                                      \
      std::printf("line %d: not so: %s\n", __LINE__, #condition);            \
      failures++;                                                            \
    }                                                                        \
  } while (0)
#define DONE(call) HOLDS((call) == cudaSuccess)

static int failures;

__device__ int offset = 5;
__constant__ float factors[4];
__managed__ int counted;

// In the other file.
__device__ int of_the_other_file(int value);

template <typename T>
__global__ void scale(T* to, const T* from, int n) {
  extern __shared__ char bytes[];
  T* shared = reinterpret_cast<T*>(bytes);
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  shared[threadIdx.x] = i < n ? from[i] : T(0);
  __syncthreads();
  if (i < n) {
    to[i] = shared[threadIdx.x] * T(factors[1]) + T(of_the_other_file(offset));
    atomicAdd(&counted, 1);
  }
}

template <typename T>
static void chevrons(cudaStream_t stream) {
  const int n = 100;
  std::vector<T> values(n), results(n);
  for (int i = 0; i < n; i++) {
    values[i] = T(i);
  }
  const float set[4] = {1, 3, 5, 7};
  const int more = 6;
  DONE(cudaMemcpyToSymbol(factors, set, sizeof set));
  DONE(cudaMemcpyToSymbol(offset, &more, sizeof more));
  counted = 0;
  T *from, *to;
  DONE(cudaMalloc(&from, n * sizeof(T)));
  DONE(cudaMalloc(&to, n * sizeof(T)));
  DONE(cudaMemcpyAsync(from, values.data(), n * sizeof(T), cudaMemcpyHostToDevice, stream));
  scale<<<4, 32, 32 * sizeof(T), stream>>>(to, from, n);
  DONE(cudaGetLastError());
  DONE(cudaMemcpyAsync(results.data(), to, n * sizeof(T), cudaMemcpyDeviceToHost, stream));
  DONE(cudaStreamSynchronize(stream));
  for (int i = 0; i < n; i++) {
    HOLDS(results[i] == T(3 * i + 12));
  }
  HOLDS(counted == n);
  DONE(cudaFree(from));
  DONE(cudaFree(to));
}

static void device() {
  cudaDeviceProp all;
  DONE(cudaGetDeviceProperties(&all, 0));
  int value = 0;
  DONE(cudaDeviceGetAttribute(&value, cudaDevAttrMaxThreadsPerMultiProcessor, 0));
  HOLDS(!std::strcmp(all.name, "charlstm simulated GPU") && all.maxThreadsPerMultiProcessor == value);
  HOLDS(all.major == 9 && all.warpSize == 32 && all.maxGridSize[1] == 65535 && all.sharedMemPerBlockOptin == 227 << 10);
  HOLDS(all.cooperativeLaunch == 1 && all.clusterLaunch == 1 && all.concurrentKernels == 1);
  HOLDS(all.l2CacheSize == 50 << 20);
  int grid = 0, block = 0;
  DONE(cudaOccupancyMaxPotentialBlockSize(&grid, &block, scale<int>, 0, 0));
  HOLDS(block == 1024 && grid == 8);
  scale<int><<<1, 2048>>>(nullptr, nullptr, 0);
  HOLDS(cudaGetLastError() == cudaErrorInvalidConfiguration);
  scale<int><<<1, 32, 100000>>>(nullptr, nullptr, 0);
  HOLDS(cudaGetLastError() == cudaErrorInvalidValue);
  DONE(cudaFuncSetAttribute(scale<int>, cudaFuncAttributeMaxDynamicSharedMemorySize, 100000));
  scale<int><<<1, 32, 100000>>>(nullptr, nullptr, 0);
  DONE(cudaGetLastError());
}

static void graphs() {
  cudaStream_t stream;
  DONE(cudaStreamCreate(&stream));
  int *memory, found = 0;
  DONE(cudaMallocAsync(&memory, 4, stream));
  cudaGraph_t graph;
  cudaGraphExec_t executable;
  DONE(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
  DONE(cudaMemsetAsync(memory, 1, 4, stream));
  DONE(cudaStreamEndCapture(stream, &graph));
  DONE(cudaGraphInstantiate(&executable, graph, 0));
  DONE(cudaGraphLaunch(executable, stream));
  DONE(cudaMemcpyAsync(&found, memory, 4, cudaMemcpyDefault, stream));
  DONE(cudaFreeAsync(memory, stream));
  DONE(cudaStreamSynchronize(stream));
  HOLDS(found == 0x01010101);
  DONE(cudaGraphExecDestroy(executable));
  DONE(cudaGraphDestroy(graph));
  DONE(cudaStreamDestroy(stream));
}

int main() {
  chevrons<float>(nullptr);
  std::thread([] { chevrons<int>(cudaStreamPerThread); }).join();
  device();
  graphs();
  DONE(cudaDeviceReset());
  chevrons<double>(nullptr);
  std::printf(failures ? "wrong\n" : "right\n");
  return failures != 0;
}
