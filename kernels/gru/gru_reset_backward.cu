// The elementwise part of one step of the backward pass of gru_reset.cu, for B sequences and H units, from
// reset_gradient (B,H) = dL/d(r hidden_before), the product of h~'s gradients with its transposed recurrent kernel:
//   sum_gradients (B,3H)  = reset_gradient hidden_before s'(r), in the second H columns, with gate_slope of device.h
//   hidden_gradient (B,H) += reset_gradient r, for the previous step
// hidden_before is null for zeros. gates (B,3H) has r in the second H columns. All are float32; in bf16 hidden_before
// and sum_gradients are bf16. One thread per unit of a sequence; launch B*H. Bytes: 24 B H, less 4 B H without
// hidden_before, less 4 B H in bf16. FLOPs: 6 B H.
#include "device.h"

extern "C" __global__ void gru_reset_backward(const float* __restrict__ gates, const void* __restrict__ hidden_before,
                                              const float* __restrict__ reset_gradient,
                                              float* __restrict__ hidden_gradient, void* __restrict__ sum_gradients,
                                              int batch, int units, int gate_kind, int bf16) {
  wait_for_launch_before();
  let_next_launch_begin();
  int n = blockIdx.x * blockDim.x + threadIdx.x;
  if (n >= batch * units) {
    return;
  }
  int b = (u32)n / units;
  long long at = ((long long)b * 3 + 1) * units + n - b * units;
  float r = gates[at];
  float p = reset_gradient[n];
  float before = hidden_before ? load(hidden_before, n, bf16) : 0.0f;
  store((void*)place(sum_gradients, at, bf16), 0, p * before * gate_slope(r, gate_kind), bf16);
  hidden_gradient[n] += p * r;
}
