// to (n) = from (n): from float32 to bf16 if to_bf16 is not 0, else from bf16 to float32. One thread takes four
// elements, in one access where the addresses are multiples of 16 and 8 bytes; a layer's part of a state may begin
// elsewhere. Launch ceil(n / 4). Bytes: 6 n. FLOPs: 0.
#include "device.h"

extern "C" __global__ void convert(const void* __restrict__ from, void* __restrict__ to, int n, int to_bf16) {
  wait_for_launch_before();
  let_next_launch_begin();
  int i = 4 * (blockIdx.x * blockDim.x + threadIdx.x);
  u64 floats = (u64)(to_bf16 ? from : to);
  u64 halves = (u64)(to_bf16 ? to : from);
  if (floats % sizeof(Four) == 0 && halves % sizeof(FourHalves) == 0) {
    store_four(to, i, n, load_four(from, i, n, !to_bf16), to_bf16);
  } else {
    for (int k = 0; k < 4 && i + k < n; k++) {
      store(to, i + k, load(from, i + k, !to_bf16), to_bf16);
    }
  }
}
