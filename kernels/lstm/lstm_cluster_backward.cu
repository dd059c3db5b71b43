// The same as lstm_tensor_backward.cu by a cluster of 4 blocks for 8 sequences; rnn_cluster_backward.h describes the
// cluster. The kernel also computes the weights' gradients from
//   hidden (T,B,H)           h of all steps in bf16, and first_hidden (B,H) before the first, or null for zeros
//   ids (T,B)                the symbols, if V, symbols, is not 0; V <= 127; a negative id is no symbol
// into
//   partials (C,M,4H)        each cluster's sums, over steps and its sequences, of the previous step's h times the
//                            sums' gradients, a unit's four side by side. If V is not 0, the kernel's V rows stand
//                            before these H rows, and the bias' row behind them
// sum_gradients may be null where one launch covers all steps and nothing else reads them.
// Launch C = ceil(B / 8) times 4 blocks of 384 threads. sm_90 and newer. Bytes: as lstm_tensor_backward.cu, less 8 T B
// H without sum_gradients, and 2 T B H + 4 C M 4H; and ids once for each of 32 warps.
// FLOPs: T B (8 H H + 8 M H + about 30 H).
#include "lstm_cell.h"
#include "rnn_cluster_backward.h"

extern "C" __global__ void CLUSTER_OF(BLOCKS) __launch_bounds__(BLOCK_THREADS, 1) lstm_cluster_backward(
    const KeptGates* __restrict__ gates, const float* __restrict__ cells, const float* __restrict__ first_cell,
    const float* __restrict__ recurrent, const Half* __restrict__ output_gradient, PackedFour* sum_gradients,
    float* __restrict__ cell_gradient, const Half* __restrict__ hidden, const Half* __restrict__ first_hidden,
    const int* __restrict__ ids, float* __restrict__ partials, int steps, int batch, int units, int gate_kind,
    int follows, int symbols) {
  run<LstmCell>({gates, cells, first_cell, recurrent, output_gradient, sum_gradients, cell_gradient, steps, batch,
                 units, follows != 0},
                {hidden, first_hidden, ids, partials, steps, batch, units, symbols}, gate_kind == HARD_SIGMOID);
}
