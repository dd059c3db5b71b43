// Gradient descent over the flat buffers (n), with the rate outside the velocity:
//   g += weight_decay w;  v = momentum v + g;  w -= rate v, or with Nesterov's momentum w -= rate (g + momentum v)
// Without velocities (a null pointer) v is g. rate = rates[*step] is in device memory; later updates use the last rate.
// One thread takes four elements, 16 bytes of each buffer; the last thread takes the rest; launch ceil(n / 4).
// Bytes: 20 n, without velocities 12 n. FLOPs: 8 n.
#include "device.h"

static __device__ __forceinline__ void update(float& w, float g, float& v, float rate, float momentum, int nesterov,
                                              float weight_decay) {
  g += weight_decay * w;
  v = momentum * v + g;
  w -= rate * (nesterov ? g + momentum * v : v);
}

extern "C" __global__ void sgd(float* __restrict__ weights, const float* __restrict__ gradients,
                               float* __restrict__ velocities, const double* __restrict__ rates,
                               const int* __restrict__ step, int updates, float momentum, int nesterov,
                               float weight_decay, int n) {
  wait_for_launch_before();
  let_next_launch_begin();
  int i = 4 * (blockIdx.x * blockDim.x + threadIdx.x);
  if (i >= n) {
    return;
  }
  float r = (float)rates[*step < updates ? *step : updates - 1];
  Four w = read_four<Four>(weights, i, n);
  Four g = read_four<Four>(gradients, i, n);
  Four v = velocities ? read_four<Four>(velocities, i, n) : Four{};
  for (int k = 0; k < 4; k++) {
    update(w.at[k], g.at[k], v.at[k], r, momentum, nesterov, weight_decay);
  }
  write_four(weights, i, n, w);
  if (velocities) {
    write_four(velocities, i, n, v);
  }
}
