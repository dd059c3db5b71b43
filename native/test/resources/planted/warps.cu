// Shuffles, votes and barriers of a warp.
#include "planted.h"

template <bool MENDED>
__global__ void vote(const int* x, unsigned* y) {
  int i = threadIdx.x;
  if (MENDED || i < 20) {
    unsigned all = __ballot_sync(0xffffffffu, i < 20 && x[i] > 3);  // told
    if (i < 20) {
      y[i] = all;
    }
  }
}

template <bool MENDED>
void ballot_of_all_in_a_branch() {
  Counted<int> x(32);
  Counted<unsigned> y(32);
  vote<MENDED><<<1, 32>>>(x, y);
}
PLANT(ballot_of_all_in_a_branch);

template <bool MENDED>
__global__ void sum_of_warps(const int* x, int* y) {
  int sum = x[threadIdx.x];
  for (int by = 16; by > 0; by /= 2) {
    sum += __shfl_down_sync(0xffffffffu, sum, by);  // told
  }
  if (threadIdx.x % 32 == 0) {
    y[threadIdx.x / 32] = sum;
  }
}

template <bool MENDED>
void shuffle_in_a_warp_of_few() {
  Counted<int> x(64), y(2);
  sum_of_warps<MENDED><<<1, MENDED ? 64 : 40>>>(x, y);
}
PLANT(shuffle_in_a_warp_of_few);

template <bool MENDED>
__global__ void lower_half(int* x) {
  int i = threadIdx.x;
  x[i] = __shfl_xor_sync(MENDED ? 0xffffffffu : 0x0000ffffu, x[i], 1);  // told
}

template <bool MENDED>
void mask_without_its_caller() {
  Counted<int> x(32);
  lower_half<MENDED><<<1, 32>>>(x);
}
PLANT(mask_without_its_caller);

template <bool MENDED>
__global__ void any_turn(const int* x, int* y) {
  int i = threadIdx.x, turns = 0;
  for (bool mine = true; MENDED ? __any_sync(0xffffffffu, mine) : mine; turns++) {
    mine = mine && turns < x[i];
    if constexpr (!MENDED) {
      mine = __any_sync(0xffffffffu, mine) && mine;  // told
    }
  }
  y[i] = turns;
}

template <bool MENDED>
void vote_in_an_uneven_loop() {
  Counted<int> x(32), y(32);
  any_turn<MENDED><<<1, 32>>>(x, y);
}
PLANT(vote_in_an_uneven_loop);

template <bool MENDED>
__global__ void first_lane(const int* x, int* y) {
  int i = threadIdx.x;
  if (!MENDED && i == 0) {
    return;
  }
  y[i] = __shfl_sync(MENDED ? 0xffffffffu : 0xfffffffeu, x[i], 0);  // told
}

template <bool MENDED>
void shuffle_from_a_lane_that_left() {
  Counted<int> x(32), y(32);
  first_lane<MENDED><<<1, 32>>>(x, y);
}
PLANT(shuffle_from_a_lane_that_left);

template <bool MENDED>
__global__ void reduce_in_branch(const int* x, int* y) {
  int i = threadIdx.x;
  if (i % 2 == 0) {
    y[i] = __reduce_add_sync(MENDED ? 0x55555555u : 0xffffffffu, x[i]);  // told
  }
}

template <bool MENDED>
void reduction_of_all_by_half() {
  Counted<int> x(32), y(32);
  reduce_in_branch<MENDED><<<1, 32>>>(x, y);
}
PLANT(reduction_of_all_by_half);

template <bool MENDED>
__global__ void warp_barrier(int* x) {
  int i = threadIdx.x;
  if (i < 16) {
    x[i]++;
    if constexpr (!MENDED) {
      __syncwarp();  // told
    }
    x[i]++;
  }
  __syncwarp(MENDED ? 0xffffffffu : 0xffff0000u);  // told
}

template <bool MENDED>
void barrier_of_the_warp_in_a_branch() {
  Counted<int> x(32);
  warp_barrier<MENDED><<<1, 32>>>(x);
}
PLANT(barrier_of_the_warp_in_a_branch);

// The lanes that happen to be here together are no group.
template <bool MENDED>
__global__ void who_is_here(const int* x, int* y) {
  int i = threadIdx.x, sum = x[i];
  for (int by = 16; by > 0; by /= 2) {
    sum += __shfl_down_sync(MENDED ? 0xffffffffu : __activemask(), sum, by);  // told
  }
  if (i == 0) {
    *y = sum;
  }
}

template <bool MENDED>
void active_mask_for_all_lanes() {
  Counted<int> x(32), y(1);
  who_is_here<MENDED><<<1, 32>>>(x, y);
}
PLANT(active_mask_for_all_lanes);

template <bool MENDED>
__global__ void two_masks(const int* x, int* y) {
  int i = threadIdx.x;
  unsigned mask = MENDED ? 0xffffffffu : i < 16 ? 0xffffffffu : 0xffff0000u;
  y[i] = __shfl_xor_sync(mask, x[i], 1);  // told
}

template <bool MENDED>
void masks_that_differ() {
  Counted<int> x(32), y(32);
  two_masks<MENDED><<<1, 32>>>(x, y);
}
PLANT(masks_that_differ);

// A group is of 1, 2, 4, 8, 16 or 32 lanes.
template <bool MENDED>
__global__ void narrow(const int* x, int* y) {
  y[threadIdx.x] = __shfl_down_sync(0xffffffffu, x[threadIdx.x], 1, MENDED ? 16 : 24);  // told
}

template <bool MENDED>
void width_that_is_no_power_of_two() {
  Counted<int> x(32), y(32);
  narrow<MENDED><<<1, 32>>>(x, y);
}
PLANT(width_that_is_no_power_of_two);

// The leader's value is in another lane's variable.
template <bool MENDED>
__global__ void lead(int* count, int* places) {
  int i = threadIdx.x, place;
  if (i == 0) {
    place = atomicAdd(count, 32);
  }
  if constexpr (MENDED) {
    place = __shfl_sync(0xffffffffu, place, 0);
  }
  places[i] = place + i;  // told
}

template <bool MENDED>
void leader_that_tells_nobody() {
  Counted<int> count(1), places(32);
  lead<MENDED><<<1, 32>>>(count, places);
}
PLANT(leader_that_tells_nobody);
