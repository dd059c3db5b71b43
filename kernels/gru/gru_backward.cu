// The elementwise part of one step of the backward pass of gru_forward.cu, for B sequences and H units. dL/dhidden is
// output_gradient (B,H) from the layer above + hidden_gradient (B,H) from the next step, its products included. The
// gradients of the input's and of the recurrent sums are
//   input_gradients (B,3H)     = dL/dhidden (hidden_before - h~) s'(z), dh~ scaled s'(r), dh~
//   recurrent_gradients (B,3H) = the same two,                                            dh~ r
//   hidden_gradient (B,H)      = dL/dhidden z, for the previous step, whose products are to be added
// where dh~ = dL/dhidden (1 - z) (1 - h~^2), and s' is gate_slope of device.h. With the reset before the product,
// scaled and recurrent_gradients are null, and gru_reset_backward.cu writes r's columns. At the last step
// hidden_gradient is not read. hidden_before is null for zeros. All are float32; in bf16 hidden_before,
// output_gradient, input_gradients and recurrent_gradients are bf16. One thread per unit of a sequence; launch B*H.
// Bytes: 56 B H, less 4 B H at the last step, less 4 B H without hidden_before, less 16 B H in bf16; with the reset
// before 32 B H, less 8 B H in bf16. FLOPs: about 20 B H.
#include "device.h"

extern "C" __global__ void gru_backward(const float* __restrict__ gates, const float* __restrict__ scaled,
                                        const void* __restrict__ hidden_before,
                                        const void* __restrict__ output_gradient, float* __restrict__ hidden_gradient,
                                        void* __restrict__ input_gradients, void* __restrict__ recurrent_gradients,
                                        int batch, int units, int gate_kind, int last, int bf16) {
  wait_for_launch_before();
  let_next_launch_begin();
  int n = blockIdx.x * blockDim.x + threadIdx.x;
  if (n >= batch * units) {
    return;
  }
  int b = (u32)n / units;
  long long first = (long long)b * 3 * units + n - b * units;
  const float* gate = gates + first;
  void* of_input = (void*)place(input_gradients, first, bf16);
  float z = gate[0];
  float candidate = gate[2 * units];
  float before = hidden_before ? load(hidden_before, n, bf16) : 0.0f;
  float dh = load(output_gradient, n, bf16);
  if (!last) {
    dh += hidden_gradient[n];
  }
  float dz = dh * (before - candidate) * gate_slope(z, gate_kind);
  float dc = dh * (1.0f - z) * (1.0f - candidate * candidate);
  hidden_gradient[n] = dh * z;
  store(of_input, 0, dz, bf16);
  store(of_input, 2 * units, dc, bf16);
  if (recurrent_gradients) {
    void* of_recurrence = (void*)place(recurrent_gradients, first, bf16);
    float r = gate[units];
    float dr = dc * scaled[n] * gate_slope(r, gate_kind);
    store(of_input, units, dr, bf16);
    store(of_recurrence, 0, dz, bf16);
    store(of_recurrence, units, dr, bf16);
    store(of_recurrence, 2 * units, dc * r, bf16);
  }
}
