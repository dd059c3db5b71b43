// One step of an LSTM layer for B sequences and H units, except for its products. With z (B,4H) = input + recurrent +
// bias for the gates i, f, c~, o, and s, gate_of in device.h for the given kind of gates,
//   cell (B,H)   = s(z_f) cell_before + s(z_i) tanh(z_c)
//   hidden (B,H) = s(z_o) tanh(cell)
// Where ids (B) is null, input has a row per sequence; otherwise the sequence's id chooses the row, and a negative id
// means zeros. recurrent and cell_before are null at a first step from zeros. gates (B,4H) receives s(z) and tanh(z_c);
// gates may be input, or null. cell_before may be cell. All are float32; in bf16 hidden is bf16, while gates stay
// float32, because bf16 would round a gate near 1 to a clipped one. NaN stays NaN. One thread per unit of a sequence;
// launch B*H. Bytes: 60 B H + 16 H, with ids 4 B more, less 20 B H at a first step from zeros, less 16 B H without
// gates, less 2 B H in bf16. FLOPs: about 90 B H, or 60 B H with hard sigmoids.
#include "device.h"

extern "C" __global__ void lstm_forward(const float* input, const int* __restrict__ ids,
                                        const float* __restrict__ recurrent, const float* __restrict__ bias,
                                        const float* cell_before, float* gates, float* cell,
                                        void* __restrict__ hidden, int batch, int units, int gate_kind, int bf16) {
  wait_for_launch_before();
  let_next_launch_begin();
  int n = blockIdx.x * blockDim.x + threadIdx.x;
  if (n >= batch * units) {
    return;
  }
  int b = (u32)n / units;
  int unit = n - b * units;
  int width = 4 * units;
  int row = ids ? ids[b] : b;
  float z[4];
  for (int g = 0; g < 4; g++) {
    int column = g * units + unit;
    z[g] = bias[column];
    if (row >= 0) {
      z[g] += input[(long long)row * width + column];
    }
    if (recurrent) {
      z[g] += recurrent[(long long)b * width + column];
    }
  }
  float i = gate_of(z[0], gate_kind);
  float f = gate_of(z[1], gate_kind);
  float o = gate_of(z[3], gate_kind);
  float candidate = tanhf(z[2]);
  float c = i * candidate;
  if (cell_before) {
    c += f * cell_before[n];
  }
  cell[n] = c;
  store(hidden, n, o * tanhf(c), bf16);
  if (gates) {
    float* kept = gates + (long long)b * width + unit;
    kept[0] = i;
    kept[units] = f;
    kept[2 * units] = candidate;
    kept[3 * units] = o;
  }
}
