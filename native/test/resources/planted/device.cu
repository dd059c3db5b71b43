// Races through device memory: atomic operations, fences and locks.
#include "planted.h"

template <bool MENDED>
__global__ void find_most(const int* x, int* most) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if constexpr (MENDED) {
    atomicMax(most, x[i]);
  } else if (x[i] > *most) {  // told
    *most = x[i];  // told
  }
}

template <bool MENDED>
void most_without_an_atomic() {
  Counted<int> x(128), most(1);
  find_most<MENDED><<<2, 64>>>(x, most);
}
PLANT(most_without_an_atomic);

__device__ int lock;

template <bool MENDED, bool RELEASED>
__global__ void add_in_turn(int* sum) {
  if (threadIdx.x == 0) {
    while (atomicCAS(&lock, 0, 1) != 0) {  // told
    }
    if (MENDED || RELEASED) {
      __threadfence();
    }
    *sum += blockIdx.x;  // told
    if constexpr (MENDED) {
      __threadfence();
    }
    if constexpr (RELEASED && !MENDED) {
      lock = 0;  // told
    } else {
      atomicExch(&lock, 0);
    }
  }
}

template <bool MENDED>
void lock_without_fences() {
  Counted<int> sum(1);
  add_in_turn<MENDED, false><<<8, 32>>>(sum);
}
PLANT(lock_without_fences);

template <bool MENDED>
void lock_released_plainly() {
  Counted<int> sum(1);
  add_in_turn<MENDED, true><<<8, 32>>>(sum);
}
PLANT(lock_released_plainly);

// Block 0 hands a value on by a flag.
template <bool MENDED, bool OF_BLOCK>
__global__ void hand_on(int* value, int* flag, int* y) {
  if (blockIdx.x == 0) {
    *value = 7;  // told
    if constexpr (MENDED) {
      __threadfence();
    } else if constexpr (OF_BLOCK) {
      __threadfence_block();
    }
    atomicExch(flag, 1);
  } else {
    while (atomicAdd(flag, 0) == 0) {
    }
    if constexpr (MENDED) {
      __threadfence();
    } else if constexpr (OF_BLOCK) {
      __threadfence_block();
    }
    *y = *value;  // told
  }
}

template <bool MENDED>
void flag_without_fences() {
  Counted<int> value(1), flag(1), y(1);
  hand_on<MENDED, false><<<2, 1>>>(value, flag, y);
}
PLANT(flag_without_fences);

template <bool MENDED>
void flag_with_fences_of_the_block() {
  Counted<int> value(1), flag(1), y(1);
  hand_on<MENDED, true><<<2, 1>>>(value, flag, y);
}
PLANT(flag_with_fences_of_the_block);

// A flag that is no atomic operation at all.
template <bool MENDED>
__global__ void spin_on_a_word(int* value, volatile int* flag, int* y) {
  if (blockIdx.x == 0) {
    *value = 7;  // told
    if constexpr (MENDED) {
      __threadfence();
    }
    *flag = 1;
  } else {
    while (*flag == 0) {
    }
    if constexpr (MENDED) {
      __threadfence();
    }
    *y = *value;  // told
  }
}

template <bool MENDED>
void volatile_flag_without_fences() {
  Counted<int> value(1), flag(1), y(1);
  spin_on_a_word<MENDED><<<2, 1>>>(value, flag, y);
}
PLANT(volatile_flag_without_fences);

template <bool MENDED>
__global__ void smooth(const int* from, int* to, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i > 0 && i < n - 1) {
    to[i] = (from[i - 1] + from[i + 1]) / 2;  // told
  }
}

template <bool MENDED>
void stencil_in_place() {
  Counted<int> x(256), y(256);
  smooth<MENDED><<<4, 64>>>(x, MENDED ? y : x, 256);
}
PLANT(stencil_in_place);

template <bool MENDED>
__global__ void keep_even(const int* x, int* kept, int* count) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if constexpr (MENDED) {
    kept[i] = x[i] % 2 == 0 ? x[i] : -1;
  } else if (x[i] % 2 == 0) {
    kept[atomicAdd(count, 1)] = x[i];
  }
}

// The host takes the order of what was kept for that of the input.
template <bool MENDED>
void order_of_arrival_kept() {
  Counted<int> x(256), kept(256), count(1);
  keep_even<MENDED><<<4, 64>>>(x, kept, count);
}
PLANT(order_of_arrival_kept);

template <bool MENDED>
__global__ void count_in(int* count) {
  if constexpr (MENDED) {
    atomicAdd(count, 1);
  } else {
    atomicAdd_block(count, 1);  // told
  }
}

template <bool MENDED>
void atomic_of_the_block_alone() {
  Counted<int> count(1);
  count_in<MENDED><<<4, 32>>>(count);
}
PLANT(atomic_of_the_block_alone);

template <bool MENDED>
__global__ void set_once(int* state) {
  if (threadIdx.x == 0 && blockIdx.x == 0) {
    if constexpr (MENDED) {
      atomicExch(state, 100);
    } else {
      *state = 100;  // told
    }
  } else {
    atomicMax(state, 50);  // told
  }
}

template <bool MENDED>
void store_beside_atomics() {
  Counted<int> state(1);
  set_once<MENDED><<<2, 32>>>(state);
}
PLANT(store_beside_atomics);

// Every block resets the sum that all add to.
template <bool MENDED>
__global__ void reset_and_add(int* sum) {
  if (!MENDED && threadIdx.x == 0) {
    *sum = 0;  // told
  }
  __syncthreads();
  atomicAdd(sum, 1);  // told
}

template <bool MENDED>
void reset_by_every_block() {
  Counted<int> sum(1);
  reset_and_add<MENDED><<<3, 32>>>(sum);
}
PLANT(reset_by_every_block);

// The barrier orders the threads of a block; another block reads too.
template <bool MENDED>
__global__ void prefix_of_blocks(const int* x, int* sums) {
  if (threadIdx.x == 0) {
    sums[blockIdx.x] = x[blockIdx.x];  // told
  }
  __syncthreads();
  if constexpr (!MENDED) {
    if (threadIdx.x == 0 && blockIdx.x > 0) {
      sums[blockIdx.x] += sums[blockIdx.x - 1];  // told
    }
  }
}

template <bool MENDED>
void block_barrier_for_the_grid() {
  Counted<int> x(4), sums(4);
  prefix_of_blocks<MENDED><<<4, 32>>>(x, sums);
}
PLANT(block_barrier_for_the_grid);

template <bool MENDED>
__global__ void mark_seen(const int* x, unsigned* bits) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if constexpr (MENDED) {
    atomicOr(&bits[x[i] / 32], 1u << x[i] % 32);
  } else {
    bits[x[i] / 32] |= 1u << x[i] % 32;  // told
  }
}

template <bool MENDED>
void bits_of_a_word_without_an_atomic() {
  Counted<int> x(64);
  Counted<unsigned> bits(2);
  mark_seen<MENDED><<<2, 32>>>(x, bits);
}
PLANT(bits_of_a_word_without_an_atomic);
