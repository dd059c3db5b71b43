// to (R,H,4) = from (R,4H), the four gates' numbers of a unit side by side, in bf16 if that is not 0. One thread takes
// a unit of a row; launch R H. Bytes: 32 R H, or 24 R H to bf16. FLOPs: 0.
#include "device.h"

extern "C" __global__ void interleave_gates(const float* __restrict__ from, void* __restrict__ to, int rows, int units,
                                            int bf16) {
  int n = blockIdx.x * blockDim.x + threadIdx.x;
  if (n >= rows * units) {
    return;
  }
  int row = (u32)n / units;
  const float* first = from + (long long)row * 4 * units + n - row * units;
  Four gates = {{first[0], first[units], first[2 * units], first[3 * units]}};
  if (bf16) {
    round_to(((FourHalves*)to)[n], gates);
  } else {
    ((Four*)to)[n] = gates;
  }
}
