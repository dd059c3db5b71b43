// Copies the state of L layers from columns (B,width) to the recurrent layers' hidden and cell (L B,H). In columns, a
// layer's H columns of hidden and then of cell follow each other, from column `first` on:
//   hidden[l B + b,u] = columns[b, first + 2 l H + u], cell[l B + b,u] = columns[b, first + (2 l + 1) H + u]
// If back is not 0, copies in the other direction. cell is null for layers without a cell, whose hidden begins at l H
// in place of 2 l H. All float32 or all bf16. One thread per unit of a row of the state; launch L B H.
// Bytes: 16 L B H, or 8 L B H in bf16. FLOPs: 0.
#include "device.h"

extern "C" __global__ void move_state(void* columns, void* hidden, void* cell, int rows, int batch, int units,
                                      int width, int first, int back, int bf16) {
  wait_for_launch_before();
  let_next_launch_begin();
  int n = blockIdx.x * blockDim.x + threadIdx.x;
  if (n >= rows * units) {
    return;
  }
  int row = (u32)n / units;
  int layer = (u32)row / batch;
  int column = first + (cell ? 2 : 1) * layer * units + n - row * units;
  long long of_hidden = (long long)(row - layer * batch) * width + column;
  void* at = (void*)place(columns, of_hidden, bf16);
  if (back) {
    store(at, 0, load(hidden, n, bf16), bf16);
    if (cell) {
      store(at, units, load(cell, n, bf16), bf16);
    }
  } else {
    store(hidden, n, load(at, 0, bf16), bf16);
    if (cell) {
      store(cell, n, load(at, units, bf16), bf16);
    }
  }
}
