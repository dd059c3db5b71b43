// The same as elman_tensor_backward.cu for H <= 128 units, by a cluster of 4 blocks for 8 sequences;
// rnn_cluster_backward.h describes the cluster, here without warps for the weights' gradients. Launch 4 ceil(B / 8)
// blocks of 128 threads. sm_90 and newer. Bytes: as elman_tensor_backward.cu. FLOPs: T B (2 H H + about 5 H).
#define ADDS_UP 0
#include "elman_cell.h"
#include "rnn_cluster_backward.h"

extern "C" __global__ void CLUSTER_OF(BLOCKS) __launch_bounds__(BLOCK_THREADS, 2) elman_cluster4_backward(
    const Half* __restrict__ hidden, const float* __restrict__ recurrent, const Half* __restrict__ output_gradient,
    Half* sum_gradients, int steps, int batch, int units, int activation, int follows) {
  run<ElmanCell>({nullptr, hidden, nullptr, recurrent, output_gradient, sum_gradients, nullptr, steps, batch, units,
                  follows != 0},
                 activation == RELU);
}
