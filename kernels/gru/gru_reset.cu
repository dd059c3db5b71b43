// The factor of the recurrent kernel of a GRU's candidate, if the reset comes before that product, for B sequences and
// H units:
//   reset (B,H) = r hidden_before          r = s(input + recurrent + bias), of the second H of 3H columns
// where s is gate_of in device.h for the given kind of gates. input, ids and bias are as in gru_forward.cu, which
// computes r again. All are float32; in bf16 hidden_before and reset are bf16. NaN stays NaN. One thread per unit of a
// sequence; launch B*H. Bytes: 16 B H + 4 H, with ids 4 B more, less 4 B H in bf16. FLOPs: about 25 B H, or 7 B H with
// hard sigmoids.
#include "step.h"

extern "C" __global__ void gru_reset(const float* __restrict__ input, const int* __restrict__ ids,
                                     const float* __restrict__ recurrent, const float* __restrict__ bias,
                                     const void* __restrict__ hidden_before, void* __restrict__ reset, int batch,
                                     int units, int gate_kind, int bf16) {
  wait_for_launch_before();
  let_next_launch_begin();
  int n = blockIdx.x * blockDim.x + threadIdx.x;
  if (n >= batch * units) {
    return;
  }
  int b = (u32)n / units;
  float sum = sum_of(input, recurrent, bias, ids ? ids[b] : b, b, 3 * units, units + n - b * units);
  store(reset, n, gate_of(sum, gate_kind) * load(hidden_before, n, bf16), bf16);
}
