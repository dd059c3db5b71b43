// to (R,H,4) = from (R,G H), four gates' numbers of a unit side by side, in bf16 if that is not 0. Which gate each of
// the four is of, slots tells, the first in the lowest 4 bits; one from G on is none, and the number 0. One thread
// takes a unit of a row; launch R H. Bytes: 4 (G + 4) R H, or 4 (G + 2) R H to bf16, and as much less as gates have no
// slot.
// FLOPs: 0.
#include "device.h"

extern "C" __global__ void interleave_gates(const float* __restrict__ from, void* __restrict__ to, int rows, int units,
                                            int gates, int slots, int bf16) {
  wait_for_launch_before();
  let_next_launch_begin();
  int n = blockIdx.x * blockDim.x + threadIdx.x;
  if (n >= rows * units) {
    return;
  }
  int row = (u32)n / units;
  const float* first = from + (long long)row * gates * units + n - row * units;
  Four four;
  for (int k = 0; k < 4; k++) {
    int gate = slots >> 4 * k & 15;
    four.at[k] = gate < gates ? first[gate * units] : 0.0f;
  }
  if (bf16) {
    round_to(((FourHalves*)to)[n], four);
  } else {
    ((Four*)to)[n] = four;
  }
}
