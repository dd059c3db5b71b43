// The way back through an LSTM layer over T steps for B sequences and H <= 128 units in one launch, 8 sequences a
// block, by bf16 products on tensor cores: what a product and lstm_backward.cu compute for each step, from
// output_gradient (T,B,H), the gradient of h by way of the layer above, to sum_gradients (T,B,H,4), those of the gates'
// sums, a unit's side by side, both in bf16. gates (T,B,H,4) and cells (T,B,H) are as lstm_tensor_forward.cu left them,
// recurrent (H,4H) is its kernel, which is rounded to bf16 and stays in registers; first_cell (B,H) is null for zeros.
// Steps can be gone through in parts, the last first: cell_gradient (B,H) receives what the first step gives back to
// the cell before it; where follows is not 0, it holds what the step after the last gave back, whose sum_gradients
// follow those of these steps.
// Launch ceil(B / 8) blocks of 32 ceil(H / 16) threads. Elements are counted in 32 bits. sm_80 and newer.
// Bytes: 16 ceil(B / 8) H H + 22 T B H + 4 B H, and 4 B H more for a first cell, and 12 B H where steps follow.
// FLOPs: T B (8 H H + about 30 H).
#include "lstm_cell.h"
#include "rnn_block_backward.h"

extern "C" __global__ void __launch_bounds__(THREADS) lstm_tensor_backward(
    const KeptGates* __restrict__ gates, const float* __restrict__ cells, const float* __restrict__ first_cell,
    const float* __restrict__ recurrent, const Half* __restrict__ output_gradient, PackedFour* sum_gradients,
    float* __restrict__ cell_gradient, int steps, int batch, int units, int gate_kind, int follows) {
  run<LstmCell>({gates, cells, first_cell, recurrent, output_gradient, sum_gradients, cell_gradient, steps, batch,
                 units, follows != 0},
                gate_kind == HARD_SIGMOID);
}
