// The same as lstm_tensor_backward.cu for H <= 256 units, by a cluster of 8 blocks for 8 sequences;
// rnn_cluster_backward.h describes the cluster. Launch 8 ceil(B / 8) blocks of 128 threads. sm_90 and newer. Bytes: as
// lstm_tensor_backward.cu. FLOPs: T B (8 H H + about 30 H).
#define MOST_UNITS 256
#define BLOCKS 8
#define SHARES 1
#include "lstm_cell.h"
#include "rnn_cluster_backward.h"

extern "C" __global__ void CLUSTER_OF(BLOCKS) __launch_bounds__(BLOCK_THREADS, 2) lstm_cluster8_backward(
    const KeptGates* __restrict__ gates, const float* __restrict__ cells, const float* __restrict__ first_cell,
    const float* __restrict__ recurrent, const Half* __restrict__ output_gradient, PackedFour* sum_gradients,
    float* __restrict__ cell_gradient, int steps, int batch, int units, int gate_kind, int follows) {
  run<LstmCell>({gates, cells, first_cell, recurrent, output_gradient, sum_gradients, cell_gradient, steps, batch,
                 units, follows != 0},
                gate_kind == HARD_SIGMOID);
}
