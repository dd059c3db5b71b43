// The way back through one step of lstm_forward.cu, beside its products, for B sequences and H units, from dL/dhidden =
// output_gradient (B,H), the layer above's, + hidden_gradient (B,H), the next step's, and from cell_gradient (B,H),
// dL/dcell by way of the next step: with dc = cell_gradient + dL/dhidden o (1 - tanh(cell)^2)
//   sum_gradients (B,4H) = dc c~ s'(i), dc cell_before s'(f), dc i (1 - c~^2), dL/dhidden tanh(cell) s'(o)
//   cell_gradient (B,H)  = dc f, for the step before
// where s' is 0.2, and 0 for a gate that is 0 or 1. hidden_gradient is null at the last step: nothing comes from a next
// one, and cell_gradient is not read. cell_before is null where it was zeros. All float32, but for output_gradient and
// sum_gradients in bf16. One thread a unit of a sequence; launch B*H. Bytes: 56 B H, less 8 B H at the last step, less
// 4 B H without cell_before, less 10 B H in bf16. FLOPs: about 40 B H.
#include "device.h"

static __device__ __forceinline__ float slope(float gate) {
  return gate > 0.0f && gate < 1.0f ? 0.2f : 0.0f;
}

extern "C" __global__ void lstm_backward(const float* gates, const float* cell_before, const float* cell,
                                         const void* output_gradient, const float* hidden_gradient,
                                         float* cell_gradient, void* sum_gradients, int batch, int units, int bf16) {
  long long n = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (n >= (long long)batch * units) {
    return;
  }
  long long first = n / units * 4 * units + n % units;
  float i = gates[first];
  float f = gates[first + units];
  float candidate = gates[first + 2LL * units];
  float o = gates[first + 3LL * units];
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
  store(sum_gradients, first, dc * candidate * slope(i), bf16);
  store(sum_gradients, first + units, dc * before * slope(f), bf16);
  store(sum_gradients, first + 2LL * units, dc * i * (1.0f - candidate * candidate), bf16);
  store(sum_gradients, first + 3LL * units, dh * tanh_cell * slope(o), bf16);
}
