// Shuffles between the lanes of a warp.

// Gives each thread another's value: by kind 0 that of a lane, by 1 of the lane so many below, by 2 of the one so many
// above, by 3 of the one that differs in these bits.
extern "C" __global__ void shuffle(const int* x, int* y, int kind, int lane, int width) {
  int value = x[threadIdx.x];
  y[threadIdx.x] = kind == 0   ? __shfl_sync(0xffffffffu, value, lane, width)
                   : kind == 1 ? __shfl_up_sync(0xffffffffu, value, lane, width)
                   : kind == 2 ? __shfl_down_sync(0xffffffffu, value, lane, width)
                               : __shfl_xor_sync(0xffffffffu, value, lane, width);
}

// Each lane asks for another: the next, around the end of its segment.
extern "C" __global__ void shuffle_around(const double* x, double* y, int width) {
  y[threadIdx.x] = __shfl_sync(0xffffffffu, x[threadIdx.x], threadIdx.x + 1, width);
}

// Of all lanes, and of the odd ones alone, while the even ones do something else.
extern "C" __global__ void votes(const int* x, unsigned* y) {
  unsigned* mine = y + 6 * threadIdx.x;
  int value = x[threadIdx.x];
  mine[0] = __ballot_sync(0xffffffffu, value);
  mine[1] = __any_sync(0xffffffffu, value);
  mine[2] = __all_sync(0xffffffffu, value);
  unsigned half = threadIdx.x % 2 == 0 ? 0x55555555u : 0xaaaaaaaau;
  if (threadIdx.x % 2 == 1) {
    mine[3] = __ballot_sync(half, value);
    mine[4] = __any_sync(half, value);
    mine[5] = __all_sync(half, value);
  } else {
    mine[5] = __all_sync(half, value);
    mine[4] = __any_sync(half, value);
    mine[3] = __ballot_sync(half, value);
  }
}

// Lanes that have returned are not waited for.
extern "C" __global__ void vote_of_the_rest(const int* x, unsigned* y) {
  if (threadIdx.x < 4) {
    y[threadIdx.x] = 7;
    return;
  }
  unsigned all = __all_sync(0xffffffffu, x[threadIdx.x]);
  y[threadIdx.x] = __ballot_sync(0xffffffffu, x[threadIdx.x]) * all;
}

extern "C" __global__ void different_operations(const int* x, int* y) {
  if (threadIdx.x < 16) {
    y[threadIdx.x] = __shfl_xor_sync(0xffffffffu, x[threadIdx.x], 1);
  } else {
    y[threadIdx.x] = __any_sync(0xffffffffu, x[threadIdx.x]);
  }
}

extern "C" __global__ void different_masks(const int* x, int* y) {
  unsigned mask = threadIdx.x == 31 ? 0xffffffffu : 0xfffffff0u | 1u << threadIdx.x;
  y[threadIdx.x] = __shfl_xor_sync(mask, x[threadIdx.x], 1);
}
