// The same as elman_tensor_forward.cu by a cluster of 4 blocks for 8 sequences; rnn_cluster_forward.h describes the
// cluster. Launch 4 ceil(B / 8) blocks of 128 threads. sm_90 and newer. Bytes: as elman_tensor_forward.cu. FLOPs: T B
// (2 H H + about 5 H).
#include "elman_cell.h"
#include "rnn_cluster_forward.h"

extern "C" __global__ void CLUSTER_OF(BLOCKS) __launch_bounds__(THREADS, 3) elman_cluster_forward(
    const ElmanCell::Input* __restrict__ input, const int* __restrict__ ids, const float* __restrict__ recurrent,
    const float* __restrict__ bias, const Half* __restrict__ first_hidden, Half* __restrict__ hidden, int steps,
    int batch, int units, int activation) {
  run<ElmanCell>({input, ids, recurrent, bias, first_hidden, nullptr, nullptr, nullptr, hidden, steps, batch, units},
                 activation == RELU);
}
