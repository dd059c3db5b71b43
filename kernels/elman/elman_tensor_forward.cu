// An Elman layer over T steps for B sequences and H <= 128 units in one launch, 8 sequences per block, by bf16 products
// on tensor cores (rnn_tensor_forward.h): h = a(input + previous h times recurrent + bias), where a is ReLU or tanh.
// Where ids (T,B) is null, input (T,B,H) has a row per step and sequence; otherwise the id chooses the row, and a
// negative id means zeros. input, recurrent (H,H) and bias (H) are float32. first_hidden (B,H) in bf16 is null for
// zeros. hidden (T,B,H) receives h in bf16. tanh is quick_tanh of ptx.h. NaN stays NaN. Launch ceil(B / 8) blocks of 32
// ceil(H / 8) threads. Elements are counted in 32 bits. sm_80 and newer.
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
