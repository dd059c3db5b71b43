// The backward pass of an Elman layer over T steps for B sequences and H <= 128 units in one launch, 8 sequences per
// block, by bf16 products on tensor cores. It computes per step what a product and elman_backward.cu compute: from
// output_gradient (T,B,H), the gradient of h from the layer above, sum_gradients (T,B,H), both in bf16. hidden (T,B,H)
// comes from elman_tensor_forward.cu; recurrent (H,H) is the layer's recurrent kernel. A launch may cover a part of the
// steps; later parts run first. If follows is not 0, the sum_gradients of the step after the last lie behind this
// part's. Launch ceil(B / 8) blocks of 32 ceil(H / 16) threads. Elements are counted in 32 bits. sm_80 and newer.
// Bytes: 4 ceil(B / 8) H H + 6 T B H, and 2 B H more where steps follow. FLOPs: T B (2 H H + about 5 H).
#include "elman_cell.h"
#include "rnn_block_backward.h"

extern "C" __global__ void __launch_bounds__(THREADS) elman_tensor_backward(
    const Half* __restrict__ hidden, const float* __restrict__ recurrent, const Half* __restrict__ output_gradient,
    Half* sum_gradients, int steps, int batch, int units, int activation, int follows) {
  run<ElmanCell>({nullptr, hidden, nullptr, recurrent, output_gradient, sum_gradients, nullptr, steps, batch, units,
                  follows != 0},
                 activation == RELU);
}
