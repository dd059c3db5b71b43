// An Elman layer over T steps for B sequences and H <= 128 units in one launch by bf16 products on tensor
// cores, as rnn_tensor_forward.h has them, 8 sequences a block: h = a(input + h before times recurrent + bias), a being
// ReLU or tanh. The input's row is that of the sequence's id in ids (T,B), where that is not null, and below 0 there is
// none, which counts as zeros; else its own of (T,B,H). It, recurrent (H,H) and bias (H) are float32. first_hidden
// (B,H) in bf16 is null for zeros. hidden (T,B,H) receives h in bf16. tanh is the quick one of ptx.h. NaN stays NaN.
// Launch ceil(B / 8) blocks of 32 ceil(H / 8) threads. Elements are counted in 32 bits. sm_80 and newer.
// Bytes: 4 ceil(B / 8) H H + T B (6 H + 4), less 4 T B without ids, and 2 B H more for a first state.
// FLOPs: T B (2 H H + about 5 H).
#include "elman_cell.h"
#include "rnn_block_forward.h"

extern "C" __global__ void __launch_bounds__(THREADS) elman_tensor_forward(
    const ElmanCell::Input* __restrict__ input, const int* __restrict__ ids, const float* __restrict__ recurrent,
    const float* __restrict__ bias, const Half* __restrict__ first_hidden, Half* __restrict__ hidden, int steps,
    int batch, int units, int activation) {
  run<ElmanCell>({input, ids, recurrent, bias, first_hidden, nullptr, nullptr, nullptr, hidden, steps, batch, units},
                 activation == RELU);
}
