// A histogram over the shared memory of a cluster.
#include <cooperative_groups.h>

namespace cg = cooperative_groups;

#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 900
constexpr int OF_A_BLOCK = 8;

extern "C" __global__ void histogram_of_cluster(int n, const int* x, int* bins) {
  __shared__ int mine[OF_A_BLOCK];
  cg::cluster_group cluster = cg::this_cluster();
  int rank = cluster.block_rank(), blocks = cluster.num_blocks();
  if (threadIdx.x < OF_A_BLOCK) {
    mine[threadIdx.x] = 0;
  }
  cluster.sync();
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
    int bin = x[i] % (OF_A_BLOCK * blocks);
    atomicAdd(cluster.map_shared_rank(mine, bin / OF_A_BLOCK) + bin % OF_A_BLOCK, 1);
  }
  cluster.sync();
  if (threadIdx.x < OF_A_BLOCK) {
    atomicAdd(&bins[rank * OF_A_BLOCK + threadIdx.x], mine[threadIdx.x]);
  }
}
#endif
