// One step of a GRU layer for B sequences and H units, except for its products, with the gates z, r, h~ of H columns
// each. The input's sums are a (B,3H) = input + bias, the recurrent sums u (B,3H) = recurrent + the bias' second row; s
// is gate_of in device.h for the given kind of gates:
//   hidden (B,H) = z hidden_before + (1 - z) h~            z = s(a_z + u_z)
//   h~ = tanh(a_h + r u_h)                                 r = s(a_r + u_r), with the reset after the product
//   h~ = tanh(a_h + u_h)                                   with the reset before: these columns of recurrent then have
//                                                          (r h) U, by gru_reset.cu, and bias has one row, (3H)
// Where ids (B) is null, input has a row per sequence; otherwise the sequence's id chooses the row, and a negative id
// means zeros. recurrent and hidden_before are null at a first step from zeros. gates (B,3H) receives z, r, h~; gates
// may be input, or null. scaled (B,H) receives u_h, the factor of r, or is null. All are float32; in bf16 hidden and
// hidden_before are bf16. NaN stays NaN. One thread per unit of a sequence; launch B*H. Bytes: 48 B H + 24 H, with ids
// 4 B more, less 16 B H at a first step from zeros, less 12 B H without gates, less 4 B H without scaled, less 4 B H in
// bf16, less 12 H with the reset before. FLOPs: about 70 B H, or 40 B H with hard sigmoids.
#include "step.h"

extern "C" __global__ void gru_forward(const float* input, const int* __restrict__ ids,
                                       const float* __restrict__ recurrent, const float* __restrict__ bias,
                                       const void* __restrict__ hidden_before, float* gates,
                                       float* __restrict__ scaled, void* __restrict__ hidden, int batch, int units,
                                       int gate_kind, int reset_after, int bf16) {
  wait_for_launch_before();
  let_next_launch_begin();
  int n = blockIdx.x * blockDim.x + threadIdx.x;
  if (n >= batch * units) {
    return;
  }
  int b = (u32)n / units;
  int unit = n - b * units;
  int width = 3 * units;
  int row = ids ? ids[b] : b;
  float sum[3];
  float product[3];
  for (int g = 0; g < 3; g++) {
    int column = g * units + unit;
    sum[g] = sum_of(input, nullptr, bias, row, b, width, column);
    product[g] = reset_after ? bias[width + column] : 0.0f;
    if (recurrent) {
      product[g] += recurrent[(long long)b * width + column];
    }
  }
  float z = gate_of(sum[0] + product[0], gate_kind);
  float r = gate_of(sum[1] + product[1], gate_kind);
  float candidate = tanhf(sum[2] + (reset_after ? r * product[2] : product[2]));
  float h = (1.0f - z) * candidate;
  if (hidden_before) {
    h += z * load(hidden_before, n, bf16);
  }
  store(hidden, n, h, bf16);
  if (gates) {
    float* kept = gates + (long long)b * width + unit;
    kept[0] = z;
    kept[units] = r;
    kept[2 * units] = candidate;
  }
  if (scaled) {
    scaled[n] = product[2];
  }
}
