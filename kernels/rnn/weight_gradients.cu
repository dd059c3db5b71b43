// The gradients of a recurrent layer's weights from partials (C,M,H,S) of rnn_weight_gradients.h: adds up the C
// clusters' in one order, and writes each matrix in Keras' layout, gate by gate:
//   kernel (V,G H), recurrent (H,G H), bias (R,G H); V is 0 for the recurrent kernel alone
// An `order` names the gate of each of a unit's slots, in 4 bits each, the first slot lowest; there is an order for the
// input's sums and one for the recurrent sums. A slot whose gate does not exist is dropped. The second row of the bias
// belongs to the recurrent sums. A thread takes one number of each cluster; launch M H S. Bytes: 4 C M H S + 4 G H (V +
// H + R). FLOPs: C M H S.
#include "device.h"

// Writes a slot's number to its gate; `row` is the place of the unit's first gate.
static __device__ __forceinline__ void write_gate(float* row, float number, int slot, int order, int gates, int units) {
  int gate = order >> 4 * slot & 15;
  if (gate < gates) {
    row[gate * units] = number;
  }
}

extern "C" __global__ void weight_gradients(const float* __restrict__ partials, float* __restrict__ kernel,
                                            float* __restrict__ recurrent, float* __restrict__ bias, int clusters,
                                            int symbols, int units, int slots, int gates, int input_order,
                                            int recurrent_order, int bias_rows) {
  wait_for_launch_before();
  let_next_launch_begin();
  int n = blockIdx.x * blockDim.x + threadIdx.x;
  int count = (symbols ? symbols + units + 1 : units) * units * slots;
  if (n >= count) {
    return;
  }
  float sum = 0.0f;
#pragma unroll 8
  for (int c = 0; c < clusters; c++) {
    sum += partials[(long long)c * count + n];
  }
  int slot = (u32)n % (u32)slots;
  int unit = (u32)n / (u32)slots % (u32)units;
  int row = (u32)n / (u32)(slots * units);
  if (row < symbols) {
    write_gate(kernel + row * gates * units + unit, sum, slot, input_order, gates, units);
  } else if (row < symbols + units) {
    write_gate(recurrent + (row - symbols) * gates * units + unit, sum, slot, recurrent_order, gates, units);
  } else {
    write_gate(bias + unit, sum, slot, input_order, gates, units);
    if (bias_rows > 1) {
      write_gate(bias + gates * units + unit, sum, slot, recurrent_order, gates, units);
    }
  }
}
