// The elementwise part of one step of the backward pass of lstm_forward.cu, for B sequences and H units. dL/dhidden is
// output_gradient (B,H) from the layer above + hidden_gradient (B,H) from the next step; cell_gradient (B,H) is
// dL/dcell from the next step. With dc = cell_gradient + dL/dhidden o (1 - tanh(cell)^2)
//   sum_gradients (B,4H) = dc c~ s'(i), dc cell_before s'(f), dc i (1 - c~^2), dL/dhidden tanh(cell) s'(o)
//   cell_gradient (B,H)  = dc f, for the previous step
// where s' is gate_slope of device.h. At the last step hidden_gradient is null and cell_gradient is not read.
// cell_before is null for zeros. All are float32; in bf16 output_gradient and sum_gradients are bf16. One thread per
// unit of a sequence; launch B*H. Bytes: 56 B H, less 8 B H at the last step, less 4 B H without cell_before, less 10 B
// H in bf16. FLOPs: about 40 B H.
#include "device.h"

extern "C" __global__ void lstm_backward(const float* __restrict__ gates, const float* __restrict__ cell_before,
                                         const float* __restrict__ cell, const void* __restrict__ output_gradient,
                                         const float* __restrict__ hidden_gradient,
                                         float* __restrict__ cell_gradient, void* __restrict__ sum_gradients,
                                         int batch, int units, int gate_kind, int bf16) {
  wait_for_launch_before();
  let_next_launch_begin();
  int n = blockIdx.x * blockDim.x + threadIdx.x;
  if (n >= batch * units) {
    return;
  }
  int b = (u32)n / units;
  long long first = (long long)b * 4 * units + n - b * units;
  const float* gate = gates + first;
  void* sums = (void*)place(sum_gradients, first, bf16);
  float i = gate[0];
  float f = gate[units];
  float candidate = gate[2 * units];
  float o = gate[3 * units];
  float tanh_cell = tanhf(cell[n]);
  float before = cell_before ? cell_before[n] : 0.0f;
  float dh = load(output_gradient, n, bf16);
  float dc = 0.0f;
  if (hidden_gradient) {
    dh += hidden_gradient[n];
    dc = cell_gradient[n];
  }
  dc += dh * o * (1.0f - tanh_cell * tanh_cell);
  cell_gradient[n] = dc * f;
  store(sums, 0, dc * candidate * gate_slope(i, gate_kind), bf16);
  store(sums, units, dc * before * gate_slope(f, gate_kind), bf16);
  store(sums, 2 * units, dc * i * (1.0f - candidate * candidate), bf16);
  store(sums, 3 * units, dh * tanh_cell * gate_slope(o, gate_kind), bf16);
}
