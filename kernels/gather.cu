// Takes a batch from the resident corpus: row b is row r = order[*cursor + b], and
//   inputs (T,B)[t,b]  = corpus (N,T+1)[r,t]
//   targets (T,B)[t,b] = corpus (N,T+1)[r,t+1]
// The cursor lives on the device, so that a recorded step moves on by itself. One thread an element; launch T*B.
// Bytes: 16 T B (each id is read twice and written twice). FLOPs: 0.
#include "device.h"

extern "C" __global__ void gather(const int* corpus, const int* order, const int* cursor, int* inputs, int* targets,
                                  int steps, int batch) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < steps * batch) {
    int t = i / batch;
    int b = i % batch;
    const int* row = corpus + (long long)order[*cursor + b] * (steps + 1);
    inputs[i] = row[t];
    targets[i] = row[t + 1];
  }
}
