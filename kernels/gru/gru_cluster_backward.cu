// The same as gru_tensor_backward.cu by a cluster of 4 blocks for 8 sequences; rnn_cluster_backward.h describes the
// cluster. The kernel also computes the weights' gradients, as lstm_cluster_backward.cu does, from ids into partials.
// Launch 4 ceil(B / 8) blocks of 384 threads. sm_90 and newer. Bytes: as gru_tensor_backward.cu, and for the weights as
// lstm_cluster_backward.cu, except for h, which is read already. FLOPs: T B (6 H H + 8 M H + about 25 H).
#include "gru_cell.h"
#include "rnn_cluster_backward.h"

extern "C" __global__ void CLUSTER_OF(BLOCKS) __launch_bounds__(BLOCK_THREADS, 1) gru_cluster_backward(
    const KeptGates* __restrict__ gates, const Half* __restrict__ hidden, const Half* __restrict__ first_hidden,
    const float* __restrict__ recurrent, const Half* __restrict__ output_gradient, PackedFour* sum_gradients,
    float* __restrict__ hidden_gradient, const int* __restrict__ ids, float* __restrict__ partials, int steps,
    int batch, int units, int gate_kind, int follows, int symbols) {
  run<GruCell>({gates, hidden, first_hidden, recurrent, output_gradient, sum_gradients, hidden_gradient, steps, batch,
                units, follows != 0},
               {hidden, first_hidden, ids, partials, steps, batch, units, symbols}, gate_kind == HARD_SIGMOID);
}
