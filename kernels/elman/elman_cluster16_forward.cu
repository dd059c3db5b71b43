// The same as elman_tensor_forward.cu for H <= 512 units, by a cluster of 16 blocks for 8 sequences;
// rnn_cluster_forward.h describes the cluster. Launch 16 ceil(B / 8) blocks of 256 threads, after the larger size of
// clusters is allowed. sm_90 and newer. Bytes: as elman_tensor_forward.cu. FLOPs: T B (2 H H + about 5 H).
#define MOST_UNITS 512
#define BLOCKS 16
#define SHARES 2
#include "elman_cell.h"
#include "rnn_cluster_forward.h"

extern "C" __global__ void CLUSTER_OF(BLOCKS) __launch_bounds__(THREADS) elman_cluster16_forward(
    const ElmanCell::Input* __restrict__ input, const int* __restrict__ ids, const float* __restrict__ recurrent,
    const float* __restrict__ bias, const Half* __restrict__ first_hidden, Half* __restrict__ hidden, int steps,
    int batch, int units, int activation) {
  run<ElmanCell>({input, ids, recurrent, bias, first_hidden, nullptr, nullptr, nullptr, hidden, steps, batch, units},
                 activation == RELU);
}
