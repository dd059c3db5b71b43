// The same as elman_tensor_backward.cu by a cluster of 4 blocks for 8 sequences; rnn_cluster_backward.h describes the
// cluster. The kernel also computes the weights' gradients, as lstm_cluster_backward.cu does, from first_hidden and ids
// into partials (C,M,H). Launch 4 ceil(B / 8) blocks of 384 threads. sm_90 and newer.
// Bytes: as elman_tensor_backward.cu, less 2 T B H without sum_gradients, and 4 C M H; and ids once for each of 32
// warps. FLOPs: T B (2 H H + 2 M H + about 5 H).
#include "elman_cell.h"
#include "rnn_cluster_backward.h"

extern "C" __global__ void CLUSTER_OF(BLOCKS) __launch_bounds__(BLOCK_THREADS, 1) elman_cluster_backward(
    const Half* __restrict__ hidden, const float* __restrict__ recurrent, const Half* __restrict__ output_gradient,
    Half* sum_gradients, const Half* __restrict__ first_hidden, const int* __restrict__ ids,
    float* __restrict__ partials, int steps, int batch, int units, int activation, int follows, int symbols) {
  run<ElmanCell>({nullptr, hidden, nullptr, recurrent, output_gradient, sum_gradients, nullptr, steps, batch, units,
                  follows != 0},
                 {hidden, first_hidden, ids, partials, steps, batch, units, symbols}, activation == RELU);
}
