// An LSTM layer over T steps for B sequences and H <= 128 units in one launch, 8 sequences per block, by bf16 products
// on tensor cores (rnn_tensor_forward.h). Where ids (T,B) is null, input (T,B,H,4) has a row per step and sequence, a
// unit's four sums side by side; otherwise the id chooses the row, and a negative id means zeros. first_hidden (B,H) in
// bf16 and first_cell (B,H) are null for zeros. gates (T,B,H,4) receives s(z) and tanh(z_c), 16 bits each; cells
// (T,B,H) receives the cells. Where gates is null, no gates are kept, and cells (B,H) receives the last cell. hidden
// (T,B,H) receives h in bf16. tanh is quick_tanh of ptx.h. NaN stays NaN, except in gates. A step needs one barrier,
// because h before a step and h after the step have buffers of their own. Launch ceil(B / 8) blocks of 32 ceil(H / 8)
// threads. Elements are counted in 32 bits. sm_80 and newer.
// Bytes: 16 ceil(B / 8) H H + T B (30 H + 4), less 4 T B without ids, less 4 B H (3 T - 1) without gates, and 6 B H
// more for a first state. FLOPs: T B (8 H H + about 30 H).
#include "lstm_cell.h"
#include "rnn_block_forward.h"

extern "C" __global__ void __launch_bounds__(THREADS) lstm_tensor_forward(
    const Four* __restrict__ input, const int* __restrict__ ids, const float* __restrict__ recurrent,
    const float* __restrict__ bias, const Half* __restrict__ first_hidden, const float* __restrict__ first_cell,
    KeptGates* __restrict__ gates, float* __restrict__ cells, Half* __restrict__ hidden, int steps, int batch,
    int units, int gate_kind) {
  run<LstmCell>({input, ids, recurrent, bias, first_hidden, first_cell, gates, cells, hidden, steps, batch, units},
                gate_kind == HARD_SIGMOID);
}
