// Copies the weights of L recurrent layers of G gates from Keras' tensors, in float32 in flat, to cuDNN's weight space,
// in float32 or bf16. The space holds each gate's columns of a kernel (inputs, width), where width is G H, as their
// transpose, a matrix (H, inputs). Biases that Keras does not have become zeros. Where back is not 0, copies gradients
// from the space to flat, without these biases. places (2 G L,5) has a row for each matrix, in elements: the gate's
// first column in flat, the matrix in the space, the number of inputs, the gate's bias in flat, or -1 if Keras has
// none, and the bias in the space. A block of (32,8) threads transposes a tile of 32 x 32 in shared memory, so accesses
// to both matrices are coalesced. Launch 2 G L tiles blocks, where tiles = ceil(most inputs / 32) ceil(H / 32); some
// have no work. Bytes: 8 n for n parameters and 4 for each of m zeros, or 8 n back; in bf16 6 n and 2 m, or 6 n back; m
// is G L H, or 0 where Keras has all biases. FLOPs: 0.
#include "device.h"

#define PLACES 5
#define SIDE WARP
// A row has one element of padding, so a column's elements lie in different banks.
#define PITCH (SIDE + 1)

extern "C" __global__ void rnn_weights(float* flat, void* space, const int* __restrict__ places, int units,
                                       int width, int tiles, int back, int bf16) {
  wait_for_launch_before();
  let_next_launch_begin();
  SHARED_ARRAY(float, tile, SIDE * PITCH);
  const int* place = places + (int)blockIdx.x / tiles * PLACES;
  int columns = place[0];
  int matrix = place[1];
  int inputs = place[2];
  int across = (units + SIDE - 1) / SIDE;
  int number = (int)blockIdx.x % tiles;
  int first_input = number / across * SIDE;
  int first_unit = number % across * SIDE;
  if (first_input >= inputs) {
    return;
  }
  for (int line = threadIdx.y; line < SIDE; line += blockDim.y) {
    int input = first_input + (back ? threadIdx.x : line);
    int unit = first_unit + (back ? line : threadIdx.x);
    if (input < inputs && unit < units) {
      tile[line * PITCH + threadIdx.x] =
          back ? load(space, matrix + unit * inputs + input, bf16) : flat[columns + input * width + unit];
    }
  }
  __syncthreads();
  for (int line = threadIdx.y; line < SIDE; line += blockDim.y) {
    int input = first_input + (back ? line : threadIdx.x);
    int unit = first_unit + (back ? threadIdx.x : line);
    if (input < inputs && unit < units) {
      float value = tile[threadIdx.x * PITCH + line];
      if (back) {
        flat[columns + input * width + unit] = value;
      } else {
        store(space, matrix + unit * inputs + input, value, bf16);
      }
    }
  }
  int unit = first_unit + threadIdx.x;
  if (first_input == 0 && threadIdx.y == 0 && unit < units) {
    int bias = place[3];
    int bias_there = place[4];
    if (!back) {
      store(space, bias_there + unit, bias < 0 ? 0.0f : flat[bias + unit], bf16);
    } else if (bias >= 0) {
      flat[bias + unit] = load(space, bias_there + unit, bf16);
    }
  }
}
