// The elementwise part of one step of the backward pass of elman_forward.cu, for n = B H units. dL/dhidden is
// output_gradient (B,H) from the layer above + hidden_gradient (B,H) from the next step;
//   sum_gradients (B,H) = dL/dhidden a'                    before_activation of device.h, from the gates (B,H)
// At the last step hidden_gradient is null. All are float32; in bf16 output_gradient and sum_gradients are bf16. One
// thread per unit of a sequence; launch B*H. Bytes: 16 B H, less 4 B H at the last step, less 4 B H in bf16. FLOPs: B
// H, with tanh 4 B H.
#include "device.h"

extern "C" __global__ void elman_backward(const float* __restrict__ gates, const void* __restrict__ output_gradient,
                                        const float* __restrict__ hidden_gradient, void* __restrict__ sum_gradients,
                                        int n, int activation, int bf16) {
  wait_for_launch_before();
  let_next_launch_begin();
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) {
    return;
  }
  float dh = load(output_gradient, i, bf16);
  if (hidden_gradient) {
    dh += hidden_gradient[i];
  }
  store(sum_gradients, i, before_activation(dh, gates[i], activation), bf16);
}
