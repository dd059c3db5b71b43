// The backward pass of a GRU layer with the reset after the product, over T steps for B sequences and H <= 128 units in
// one launch, 8 sequences per block, by bf16 products on tensor cores. It computes per step what a product and
// gru_backward.cu compute: from output_gradient (T,B,H), the gradient of h from the layer above, sum_gradients
// (T,B,H,4), both in bf16; a unit's four side by side are the gradients of z, r, the candidate's recurrent sum and the
// candidate's input sum. gates (T,B,H,4) and hidden (T,B,H) come from gru_tensor_forward.cu; recurrent (H,3H) is the
// layer's recurrent kernel; first_hidden (B,H) in bf16 is null for zeros. A launch may cover a part of the steps; later
// parts run first. hidden_gradient (B,H) receives the gradient of h before the first step, without the products' share;
// if follows is not 0, hidden_gradient holds the later part's on entry, and that part's sum_gradients lie behind this
// part's. Launch ceil(B / 8) blocks of 32 ceil(H / 16) threads. Elements are counted in 32 bits. sm_80 and newer.
// Bytes: 12 ceil(B / 8) H H + 20 T B H + 4 B H, and 2 B H more for a first state, and 12 B H where steps follow.
// FLOPs: T B (6 H H + about 25 H).
#include "gru_cell.h"
#include "rnn_block_backward.h"

extern "C" __global__ void __launch_bounds__(THREADS) gru_tensor_backward(
    const KeptGates* __restrict__ gates, const Half* __restrict__ hidden, const Half* __restrict__ first_hidden,
    const float* __restrict__ recurrent, const Half* __restrict__ output_gradient, PackedFour* sum_gradients,
    float* __restrict__ hidden_gradient, int steps, int batch, int units, int gate_kind, int follows) {
  run<GruCell>({gates, hidden, first_hidden, recurrent, output_gradient, sum_gradients, hidden_gradient, steps, batch,
                units, follows != 0},
               gate_kind == HARD_SIGMOID);
}
