// The way back through an Elman layer over T steps for B sequences and H <= 128 units in one launch, 8
// sequences a block, by bf16 products on tensor cores: what a product and elman_backward.cu compute for each step, from
// output_gradient (T,B,H), the gradient of h by way of the layer above, to sum_gradients (T,B,H), that of its sum, both
// in bf16. hidden (T,B,H) is as elman_tensor_forward.cu left it, recurrent (H,H) is its kernel. Steps can be gone
// through in parts, the last first: where follows is not 0, the step after the last has sum_gradients behind those of
// these steps.
// Launch ceil(B / 8) blocks of 32 ceil(H / 16) threads. Elements are counted in 32 bits. sm_80 and newer.
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
