// Interpreted kernels that order their accesses to shared memory, or do not, where the last argument says how.
#include "selftest/trials/ordered.h"

// One thread leaves a value for another, which looks for it again and again.
extern "C" __global__ void ordered_message(u32* y, int how) {
  SHARED_ARRAY(u32, box, 2);
  if (threadIdx.x == 0) {
    box[0] = box[1] = 0;
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    box[0] = 7;
    if (how == 1 || how == 4) {
      sim::fence(Strength::BLOCK, false);
    }
    how == 0 ? store_release(box + 1, 1, Strength::BLOCK) : store_strong(box + 1, 1, Strength::BLOCK);
  }
  if (threadIdx.x == 32) {
    while ((how == 0 ? load_acquire(box + 1, Strength::BLOCK) : load_strong(box + 1, Strength::BLOCK)) == 0) {
      sim::let_others_run();
    }
    if (how == 1 || how == 3 || how == 4) {
      sim::fence(Strength::BLOCK, false);
    }
    y[0] = box[0];
  }
  if (how == 4 && threadIdx.x == 1) {
    while (load_strong(box + 1, Strength::BLOCK) != 5) {
      sim::let_others_run();
    }
  }
}

extern "C" __global__ void ordered_histogram(u32* y, int how) {
  SHARED_ARRAY(u32, bins, 4);
  if (threadIdx.x < 4) {
    bins[threadIdx.x] = 0;
  }
  if (how != 1) {
    __syncthreads();
  }
  add_relaxed(bins + threadIdx.x % 4, 1, Strength::BLOCK);
  if (how != 2) {
    __syncthreads();
  }
  if (threadIdx.x < 4) {
    y[threadIdx.x] = bins[threadIdx.x];
  }
}

// Half of the warps arrive, and the others wait for them; or too few come.
extern "C" __global__ void ordered_named(u32* y, int how) {
  SHARED_ARRAY(u32, values, 256);
  u32 i = threadIdx.x, half = blockDim.x / 2;
  bool first = i < half;
  if (first) {
    values[i] = i;
    if (how == 3) {
      values[half + i] = 0;
    }
    sim::arrive_at_named_barrier(1, how == 1 ? 96 : blockDim.x);
    if (how == 4) {
      values[i] = 0;
    }
  } else {
    if (how != 2) {
      sim::named_barrier(1, blockDim.x);
    }
    y[i] = values[i - half];
    if (how == 5) {
      sim::named_barrier(2, blockDim.x);
    }
    if (how == 6) {
      sim::named_barrier(2, 48);
    }
  }
  if (how == 7 && first) {
    y[i] = values[half + i];
  }
}

extern "C" __global__ void ordered_votes(u32* y) {
  sim::Votes votes = sim::named_barrier_votes(0, 0, threadIdx.x % 4 == 0);
  u32 warps = sim::named_barrier_votes(1 + threadIdx.x / 64, 64, true).all;
  y[threadIdx.x] = votes.count + 1000 * votes.any + 2000 * votes.all + 4000 * warps;
}

// Threads arrive at a barrier in shared memory, and wait for its phase.
extern "C" __global__ void ordered_arrivals(u32* y, int how) {
  SHARED_ARRAY(u64, barrier, 2);
  SHARED_ARRAY(u32, values, 64);
  sim::Address at = address_of(barrier);
  if (threadIdx.x == 0 && how != 1) {
    sim::make_mbarrier(at, how == 2 ? 65 : how == 3 ? 63 : 64);
  }
  __syncthreads();
  values[threadIdx.x] = threadIdx.x;
  if (how == 4) {
    barrier[0] = 0;
  }
  u64 state = arrive(at, 1, how == 5 && threadIdx.x == 0);
  if (how != 6) {
    wait_for_phase(at, how == 7, how == 7 ? 0 : state, how != 8);
  }
  y[threadIdx.x] = values[63 - threadIdx.x];
  if (how == 5 && threadIdx.x > 0) {
    // One takes no part any more.
    state = arrive(at, 1, false);
    wait_for_phase(at, false, state);
  }
  if (how == 9) {
    __syncthreads();
    if (threadIdx.x == 0) {
      sim::invalidate_mbarrier(at);
      barrier[0] = 5;
      y[0] = u32(barrier[0]);
    }
  }
  if (how == 10 && threadIdx.x == 0) {
    wait_for_phase(at, true, 1);
    sim::expect_bytes_at_mbarrier(at, 4);
    wait_for_phase(at, true, 1);
  }
}

// Copies that are short, and those that arrive at a barrier.
extern "C" __global__ void ordered_copies(const u32* x, u32* y, int how) {
  SHARED_ARRAY(u64, barrier, 1);
  SHARED_ARRAY(u32, values, 4 * 32);
  sim::Address at = address_of(barrier);
  if (threadIdx.x == 0) {
    sim::make_mbarrier(at, how == 3 ? 64 : 32);
  }
  __syncthreads();
  u32 i = threadIdx.x;
  u32 read = how == 1 ? 6 : how == 2 ? 0 : 16;
  sim::copy_to_shared(address_of(values + 4 * i), address_of(x + (how == 2 ? 0 : 4 * i)), 16, how == 4 ? 20 : read);
  sim::arrive_after_copies(at, how == 3);
  u64 state = 0;
  if (how != 5) {
    state = how == 3 ? arrive(at, 2, false) : 0;
    wait_for_phase(at, how != 3, state);
  } else {
    __syncthreads();
  }
  for (u32 k = 0; k < 4; k++) {
    y[4 * i + k] = values[4 * (31 - i) + k];
  }
}

// A block reads another's shared memory.
extern "C" __global__ void CLUSTER_OF(2) ordered_neighbours(u32* y, int how) {
  SHARED_ARRAY(u32, values, 32);
  values[threadIdx.x] = 100 * blockIdx.x + threadIdx.x;
  if (how != 1) {
    cluster_barrier();
  }
  const u32* theirs = reinterpret_cast<const u32*>(place_in(values, 1 - cluster_rank()));
  y[blockIdx.x * 32 + threadIdx.x] = theirs[how == 3 ? 32 : 31 - threadIdx.x];
  if (how == 2) {
    values[threadIdx.x] = 0;
  }
  if (how != 4) {
    cluster_barrier();
  }
  if (how == 5) {
    values[threadIdx.x] = 0;
  }
}
