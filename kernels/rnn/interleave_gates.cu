// to (R,H,4) = from (R,G H), a unit's four slots side by side, rounded to bf16 if bf16 is not 0. slots names the gate
// of each slot in 4 bits, the first slot in the lowest; a number from G on is no gate, and the slot gets 0. One thread
// takes a unit of a row; launch R H. Bytes: 4 (G + 4) R H, or 4 (G + 2) R H to bf16, less 4 R H for each gate without a
// slot. FLOPs: 0.
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
