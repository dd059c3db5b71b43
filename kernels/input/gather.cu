// Takes a batch of T <= S steps from the resident corpus. Row b is the corpus' row r = order[*cursor + b]:
//   inputs (T,B)[t,b]  = corpus (N,S+1)[r,t]
//   targets (T-F,B)[t-F,b] = corpus (N,S+1)[r,t+1] for t >= F. Where the input is the end symbol (-1: none), the
//                            target is padding: -2 - symbol, or -1 if padding is left out
// The cursor is in device memory, so a replayed step moves on without the host. One thread per element; launch T*B.
// Bytes: 16 T B (each id is read twice and written twice). FLOPs: 0.
#include "device.h"

extern "C" __global__ void gather(const int* corpus, const int* order, const int* cursor, int* inputs, int* targets,
                                  int width, int steps, int first, int batch, int end,
                                  int left_out) {
  wait_for_launch_before();
  let_next_launch_begin();
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < steps * batch) {
    int t = i / batch;
    int b = i % batch;
    const int* row = corpus + (long long)order[*cursor + b] * width;
    int id = row[t];
    int next = row[t + 1];
    inputs[i] = id;
    if (t >= first) {
      targets[i - first * batch] = id != end ? next : left_out ? -1 : -2 - next;
    }
  }
}
