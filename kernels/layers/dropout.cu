// output (M,C) = scale input (M,C) where an element is kept, else 0, even if the input is not finite; output may be
// input. Thread i takes eight elements of a row, or the rest of the row: columns c = 8 (i mod O), c + 1, ... of row i /
// O, with O = ceil(C / 8). Element k is kept if the k-th 16 bits of the Philox block at key seed and counter (j,
// DROPOUT, *batch, layer), the lower half of a word first, are at least the threshold. There j = i + skip floor(i /
// part) + first: in a larger matrix, `part` groups are taken, then `skip` are left out, and so on. Where C is a
// multiple of 8 a thread reads and writes 16 bytes at once. n = M O; launch n.
// Bytes: 8 M C, half in bf16. FLOPs: M C, and 40 32-bit products per thread.
#include "philox.h"

#define GROUP 8

static __device__ __forceinline__ float dropped(float x, const Words& words, int k, int threshold, float scale) {
  return (int)(words.at[k / 2] >> 16 * (k % 2) & 0xffff) >= threshold ? scale * x : 0.0f;
}

extern "C" __global__ void dropout(const void* input, void* output, const int* __restrict__ batch, u64 seed, int layer,
                                   int threshold, float scale, int columns, int n, int bf16, int part,
                                   int skip, int first) {
  wait_for_launch_before();
  let_next_launch_begin();
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) {
    return;
  }
  Words words = philox(seed, i + (u32)i / part * skip + first, DROPOUT, *batch, layer);
  if (columns % GROUP) {
    int groups = (columns + GROUP - 1) / GROUP;
    int row = (u32)i / groups;
    int column = GROUP * (i - row * groups);
    for (int k = 0; k < GROUP && column + k < columns; k++) {
      int at = row * columns + column + k;
      store(output, at, dropped(load(input, at, bf16), words, k, threshold, scale), bf16);
    }
  } else if (bf16) {
    // A word has two elements, the first in the lower half.
    struct alignas(16) Pairs {
      u32 at[GROUP / 2];
    };
    Pairs pairs = ((const Pairs*)input)[i];
    for (int k = 0; k < GROUP / 2; k++) {
      float low = widened((Half)pairs.at[k]);
      float high = widened((Half)(pairs.at[k] >> 16));
      pairs.at[k] = pack_halves(dropped(low, words, 2 * k, threshold, scale),
                                dropped(high, words, 2 * k + 1, threshold, scale));
    }
    ((Pairs*)output)[i] = pairs;
  } else {
    Four fours[] = {((const Four*)input)[2 * i], ((const Four*)input)[2 * i + 1]};
    for (int k = 0; k < GROUP; k++) {
      float& x = fours[k / 4].at[k % 4];
      x = dropped(x, words, k, threshold, scale);
    }
    ((Four*)output)[2 * i] = fours[0];
    ((Four*)output)[2 * i + 1] = fours[1];
  }
}
