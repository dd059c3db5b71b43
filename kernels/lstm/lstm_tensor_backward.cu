// The backward pass of an LSTM layer over T steps for B sequences and H <= 128 units in one launch, 8 sequences per
// block, by bf16 products on tensor cores. It computes per step what a product and lstm_backward.cu compute: from
// output_gradient (T,B,H), the gradient of h from the layer above, the gradients of the gates' sums, sum_gradients
// (T,B,H,4), a unit's four side by side, both in bf16. gates (T,B,H,4) and cells (T,B,H) come from
// lstm_tensor_forward.cu; recurrent (H,4H) is the layer's recurrent kernel, which is rounded to bf16 and stays in
// registers; first_cell (B,H) is null for zeros. A launch may cover a part of the steps; later parts run first.
// cell_gradient (B,H) receives the gradient of the cell before the first step; if follows is not 0, cell_gradient holds
// the later part's on entry, and that part's sum_gradients lie behind this part's. Launch ceil(B / 8) blocks of 32
// ceil(H / 16) threads. Elements are counted in 32 bits. sm_80 and newer.
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
