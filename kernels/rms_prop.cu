// RMSprop over the flat buffers (n), epsilon outside the root:
//   a = decay a + (1 - decay) g g;  w -= rate g / (sqrt(a) + epsilon)
// The rate lives on the device. One thread an element; launch n. Bytes: 20 n. FLOPs: 9 n.
#include "device.h"

extern "C" __global__ void rms_prop(float* weights, const float* gradients, float* mean_squares, const double* rate,
                                    float decay, float epsilon, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    float g = gradients[i];
    float a = decay * mean_squares[i] + (1.0f - decay) * g * g;
    mean_squares[i] = a;
    weights[i] -= (float)*rate * g / (sqrtf(a) + epsilon);
  }
}
