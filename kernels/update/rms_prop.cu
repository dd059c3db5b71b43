// RMSprop over the flat buffers (n), epsilon outside the root:
//   g += weight_decay w;  a = decay a + (1 - decay) g g;  w -= rate g / (sqrt(a) + epsilon)
// rate = rates[*step] is in device memory; later updates use the last rate. One thread takes four elements, 16 bytes of
// each buffer; the last thread takes the rest; launch ceil(n / 4). Bytes: 20 n. FLOPs: 11 n.
#include "device.h"

static __device__ __forceinline__ void update(float& w, float g, float& a, float rate, float decay, float epsilon,
                                              float weight_decay) {
  g += weight_decay * w;
  a = decay * a + (1.0f - decay) * g * g;
  w -= rate * g / (sqrtf(a) + epsilon);
}

extern "C" __global__ void rms_prop(float* __restrict__ weights, const float* __restrict__ gradients,
                                    float* __restrict__ mean_squares, const double* __restrict__ rates,
                                    const int* __restrict__ step, int updates, float decay, float epsilon,
                                    float weight_decay, int n) {
  wait_for_launch_before();
  let_next_launch_begin();
  int i = 4 * (blockIdx.x * blockDim.x + threadIdx.x);
  float r = (float)rates[*step < updates ? *step : updates - 1];
  if (i + 4 <= n) {
    Four w = *(const Four*)(weights + i);
    Four g = *(const Four*)(gradients + i);
    Four a = *(const Four*)(mean_squares + i);
    for (int k = 0; k < 4; k++) {
      update(w.at[k], g.at[k], a.at[k], r, decay, epsilon, weight_decay);
    }
    *(Four*)(weights + i) = w;
    *(Four*)(mean_squares + i) = a;
  } else {
    for (; i < n; i++) {
      update(weights[i], gradients[i], mean_squares[i], r, decay, epsilon, weight_decay);
    }
  }
}
