// The same as lstm_tensor_forward.cu for H <= 256 units, by a cluster of 8 blocks for 8 sequences;
// rnn_cluster_forward.h describes the cluster. Launch 8 ceil(B / 8) blocks of 128 threads. sm_90 and newer. Bytes: as
// lstm_tensor_forward.cu. FLOPs: T B (8 H H + about 30 H).
#define MOST_UNITS 256
#define BLOCKS 8
#define SHARES 1
#include "lstm_cell.h"
#include "rnn_cluster_forward.h"

extern "C" __global__ void CLUSTER_OF(BLOCKS) __launch_bounds__(THREADS, 2) lstm_cluster8_forward(
    const Four* __restrict__ input, const int* __restrict__ ids, const float* __restrict__ recurrent,
    const float* __restrict__ bias, const Half* __restrict__ first_hidden, const float* __restrict__ first_cell,
    KeptGates* __restrict__ gates, float* __restrict__ cells, Half* __restrict__ hidden, int steps, int batch,
    int units, int gate_kind) {
  run<LstmCell>({input, ids, recurrent, bias, first_hidden, first_cell, gates, cells, hidden, steps, batch, units},
                gate_kind == HARD_SIGMOID);
}
