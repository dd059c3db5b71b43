// One step of an Elman layer for B sequences and H units, except for its products:
//   hidden (B,H) = a(input + recurrent + bias)             a is activated of device.h, ReLU or tanh
// Where ids (B) is null, input has a row per sequence; otherwise the sequence's id chooses the row, and a negative id
// means zeros. recurrent (B,H) is null at a first step from zeros. gates (B,H) receives hidden in float32; gates may be
// input, or null. All are float32; in bf16 hidden is bf16. NaN stays NaN. One thread per unit of a sequence; launch
// B*H. Bytes: 16 B H + 4 H, with ids 4 B more, less 4 B H at a first step from zeros, less 4 B H without gates, less 2
// B H in bf16. FLOPs: 3 B H, with tanh about 20 B H.
#include "step.h"

extern "C" __global__ void elman_forward(const float* input, const int* __restrict__ ids,
                                       const float* __restrict__ recurrent, const float* __restrict__ bias,
                                       float* gates, void* __restrict__ hidden, int batch, int units, int activation,
                                       int bf16) {
  wait_for_launch_before();
  let_next_launch_begin();
  int n = blockIdx.x * blockDim.x + threadIdx.x;
  if (n >= batch * units) {
    return;
  }
  int b = (u32)n / units;
  float h = activated(sum_of(input, recurrent, bias, ids ? ids[b] : b, b, units, n - b * units), activation);
  store(hidden, n, h, bf16);
  if (gates) {
    gates[n] = h;
  }
}
