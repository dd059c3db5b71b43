// The same as lstm_tensor_backward.cu for H <= 512 units, by a cluster of 16 blocks for 8 sequences;
// rnn_cluster_backward.h describes the cluster. Launch 16 ceil(B / 8) blocks of 256 threads, after the larger size of
// clusters is allowed. sm_90 and newer. Bytes: as lstm_tensor_backward.cu. FLOPs: T B (8 H H + about 30 H).
#define MOST_UNITS 512
#define BLOCKS 16
#define SHARES 2
#include "lstm_cell.h"
#include "rnn_cluster_backward.h"

extern "C" __global__ void CLUSTER_OF(BLOCKS) __launch_bounds__(BLOCK_THREADS) lstm_cluster16_backward(
    const KeptGates* __restrict__ gates, const float* __restrict__ cells, const float* __restrict__ first_cell,
    const float* __restrict__ recurrent, const Half* __restrict__ output_gradient, PackedFour* sum_gradients,
    float* __restrict__ cell_gradient, int steps, int batch, int units, int gate_kind, int follows) {
  run<LstmCell>({gates, cells, first_cell, recurrent, output_gradient, sum_gradients, cell_gradient, steps, batch,
                 units, follows != 0},
                gate_kind == HARD_SIGMOID);
}
