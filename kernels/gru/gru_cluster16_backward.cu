// The same as gru_tensor_backward.cu for H <= 512 units, by a cluster of 16 blocks for 8 sequences;
// rnn_cluster_backward.h describes the cluster. Launch 16 ceil(B / 8) blocks of 256 threads, after the larger size of
// clusters is allowed. sm_90 and newer. Bytes: as gru_tensor_backward.cu. FLOPs: T B (6 H H + about 25 H).
#define MOST_UNITS 512
#define BLOCKS 16
#define SHARES 2
#include "gru_cell.h"
#include "rnn_cluster_backward.h"

extern "C" __global__ void CLUSTER_OF(BLOCKS) __launch_bounds__(BLOCK_THREADS) gru_cluster16_backward(
    const KeptGates* __restrict__ gates, const Half* __restrict__ hidden, const Half* __restrict__ first_hidden,
    const float* __restrict__ recurrent, const Half* __restrict__ output_gradient, PackedFour* sum_gradients,
    float* __restrict__ hidden_gradient, int steps, int batch, int units, int gate_kind, int follows) {
  run<GruCell>({gates, hidden, first_hidden, recurrent, output_gradient, sum_gradients, hidden_gradient, steps, batch,
                units, follows != 0},
               gate_kind == HARD_SIGMOID);
}
