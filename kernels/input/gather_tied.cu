// Adds the transpose of a tied kernel's gradient (E,V) to the gradient of its table (V,E), and sets the kernel's
// gradient to 0. A block of (32,8) threads transposes a tile of 32 x 32 in shared memory, so accesses to both matrices
// are coalesced; launch ceil(V / 32) ceil(E / 32) blocks. Bytes: 16 V E. FLOPs: V E.
#include "device.h"

#define SIDE WARP
// A row has one element of padding, so a column's elements lie in different banks.
#define PITCH (SIDE + 1)

extern "C" __global__ void gather_tied(float* __restrict__ table, float* __restrict__ kernel, int symbols, int units) {
  wait_for_launch_before();
  let_next_launch_begin();
  SHARED_ARRAY(float, tile, SIDE * PITCH);
  int across = (units + SIDE - 1) / SIDE;
  int first_symbol = (int)blockIdx.x / across * SIDE;
  int first_unit = (int)blockIdx.x % across * SIDE;
  for (int line = threadIdx.y; line < SIDE; line += blockDim.y) {
    int unit = first_unit + line;
    int symbol = first_symbol + threadIdx.x;
    if (symbol < symbols && unit < units) {
      tile[line * PITCH + threadIdx.x] = kernel[unit * symbols + symbol];
      kernel[unit * symbols + symbol] = 0.0f;
    }
  }
  __syncthreads();
  for (int line = threadIdx.y; line < SIDE; line += blockDim.y) {
    int symbol = first_symbol + line;
    int unit = first_unit + threadIdx.x;
    if (symbol < symbols && unit < units) {
      table[symbol * units + unit] += tile[threadIdx.x * PITCH + line];
    }
  }
}
