// Each kernel breaks one rule of clusters, or does so where its last argument says how.
#include "kernels/device.h"

#define SOUND 0
#define NO_FIRST_BARRIER 1
#define WRONG_PARITY 2
#define EXPECTS_MORE 3
#define EXPECTS_LESS 4
#define ONE_BUFFER 5
#define WRONG_BUFFER 6
#define EXPECTS_NOTHING 7
#define WRONG_RANK 8
#define NO_WAIT 9
#define LAST_NOT_WAITED_FOR 10
#define READS_AFTER_SENDING 11
#define EXPECTS_EARLY 12

// The recurrence of clusters.cu, that goes wrong in one of many ways.
extern "C" __global__ void CLUSTER_OF(4) __launch_bounds__(64) wrong_recurrence(const float* x, float* y, int steps,
                                                                               int fault) {
  SHARED_ARRAY(float, states, 2 * 256);
  SHARED_ARRAY(u64, barriers, 2);
  u32 rank = cluster_rank(), bytes = fault == EXPECTS_MORE ? 1040 : fault == EXPECTS_LESS ? 1008 : 1024;
  if (threadIdx.x < 2) {
    make_arrival_barrier(barriers + threadIdx.x);
    expect_bytes(barriers + threadIdx.x, bytes);
  }
  for (int i = threadIdx.x; i < 512; i += 64) {
    states[i] = 0.0f;
  }
  if (fault == NO_FIRST_BARRIER) {
    __syncthreads();
  } else {
    cluster_barrier();
  }
  float mine = x[blockIdx.x * 64 + threadIdx.x], late = 0.0f;
  for (int step = 0; step < steps; step++) {
    int which = step % 2, buffer = fault == ONE_BUFFER ? 0 : fault == WRONG_BUFFER && step > 0 ? 1 - which : which;
    float all[4];
    for (int i = 0; i < 4; i++) {
      all[i] = __shfl_sync(0xffffffffu, mine, threadIdx.x / 4 * 4 % 32 + i);
    }
    u32 to = fault == WRONG_RANK && step == 1 && rank == 2 ? threadIdx.x / 2 % 4 : threadIdx.x % 4;
    int at = buffer * 256 + rank * 64 + threadIdx.x / 4 * 4;
    send(place_in(states + at, to), place_in(barriers + which, to), all);
    if (fault == READS_AFTER_SENDING && step > 0) {
      late = states[(1 - buffer) * 256 + threadIdx.x];
    }
    bool uses = fault != LAST_NOT_WAITED_FOR || step + 1 < steps;
    if (uses && fault != NO_WAIT) {
      wait_for_bytes(barriers + which, (step / 2 + (fault == WRONG_PARITY)) % 2);
    }
    if (threadIdx.x == 0 && step + 2 < steps && fault != EXPECTS_NOTHING && fault != NO_WAIT) {
      expect_bytes(barriers + (fault == EXPECTS_EARLY ? 1 - which : which), bytes);
    }
    float sum = late;
    for (int i = 0; uses && i < 256; i++) {
      sum += states[buffer * 256 + i];
    }
    mine = 0.25f * mine + sum / 1024.0f;
  }
  y[blockIdx.x * 64 + threadIdx.x] = mine;
}

extern "C" __global__ void CLUSTER_OF(2) place_outside(float* y, u32 rank, int of_global) {
  SHARED_ARRAY(float, value, 1);
  y[blockIdx.x] = (float)place_in(of_global ? y : value, rank);
}

// One block sends 16 bytes to the other, from some place on.
extern "C" __global__ void CLUSTER_OF(2) send_far(float* y, int offset, int barrier_of, int offset_of_barrier) {
  SHARED_ARRAY(Four, values, 2);
  SHARED_ARRAY(u64, barrier, 2);
  if (cluster_rank() == 1) {
    make_arrival_barrier(barrier);
    expect_bytes(barrier, 16);
  }
  cluster_barrier();
  if (cluster_rank() == 0) {
    float four[4] = {1.0f, 2.0f, 3.0f, 4.0f};
    send(place_in(values, 1) + offset, place_in(barrier, barrier_of) + offset_of_barrier, four);
  } else {
    wait_for_bytes(barrier, 0);
    y[0] = values[0].at[3];
  }
}

extern "C" __global__ void CLUSTER_OF(2) send_word_misaligned(float* y) {
  SHARED_ARRAY(u32, values, 2);
  SHARED_ARRAY(u64, barrier, 1);
  make_arrival_barrier(barrier);
  expect_bytes(barrier, 4);
  cluster_barrier();
  send(place_in(values, 1) + 2, place_in(barrier, 1), 7u);
  y[blockIdx.x] = 0.0f;
}

// Nothing but the block's own barrier stands between the making of its arrival barrier and its use by the other.
extern "C" __global__ void CLUSTER_OF(2) send_before_made(float* y, int first, u32 sender) {
  SHARED_ARRAY(u32, value, 1);
  SHARED_ARRAY(u64, barrier, 1);
  if (cluster_rank() == sender && first) {
    send(place_in(value, 1 - sender), place_in(barrier, 1 - sender), 7u);
  }
  make_arrival_barrier(barrier);
  expect_bytes(barrier, 4);
  __syncthreads();
  if (cluster_rank() == sender) {
    send(place_in(value, 1 - sender), place_in(barrier, 1 - sender), 7u);
  } else {
    wait_for_bytes(barrier, 0);
    y[0] = (float)value[0];
  }
}

// The other block may have returned, or returns while what was sent is under way.
extern "C" __global__ void CLUSTER_OF(2) send_to_returned(float* y, int waits) {
  SHARED_ARRAY(u32, value, 1);
  SHARED_ARRAY(u64, barrier, 1);
  make_arrival_barrier(barrier);
  expect_bytes(barrier, 4);
  cluster_barrier();
  u32 sender = waits ? 1 : 0;
  if (cluster_rank() == sender) {
    send(place_in(value, 1 - sender), place_in(barrier, 1 - sender), 7u);
  } else if (waits == 2) {
    wait_for_bytes(barrier, 0);
  }
  if (waits == 2) {
    cluster_barrier();
    if (cluster_rank() == 1) {
      send(place_in(value, 0), place_in(barrier, 0), 8u);
    }
  }
  y[blockIdx.x] = 0.0f;
}

// A barrier of the cluster orders threads, but no sends: those are only there after a wait.
extern "C" __global__ void CLUSTER_OF(2) cluster_barrier_for_wait(float* y) {
  SHARED_ARRAY(u32, value, 1);
  SHARED_ARRAY(u64, barrier, 1);
  make_arrival_barrier(barrier);
  expect_bytes(barrier, 4);
  cluster_barrier();
  send(place_in(value, 1 - cluster_rank()), place_in(barrier, 1 - cluster_rank()), 7u);
  cluster_barrier();
  y[blockIdx.x] = (float)value[0];
  wait_for_bytes(barrier, 0);
}

// A later send may come earlier: to have waited for it says nothing of the sends before.
extern "C" __global__ void CLUSTER_OF(2) later_for_earlier(float* y) {
  SHARED_ARRAY(u32, values, 2);
  SHARED_ARRAY(u64, barriers, 2);
  for (int i = 0; i < 2; i++) {
    make_arrival_barrier(barriers + i);
    expect_bytes(barriers + i, 4);
  }
  cluster_barrier();
  u32 other = 1 - cluster_rank();
  send(place_in(values, other), place_in(barriers, other), 7u);
  send(place_in(values + 1, other), place_in(barriers + 1, other), 8u);
  wait_for_bytes(barriers + 1, 0);
  y[blockIdx.x] = (float)values[0];
  wait_for_bytes(barriers, 0);
}

// Into what the receiver has read, or written, or what somebody else sends to as well.
extern "C" __global__ void CLUSTER_OF(2) send_over(float* y, int what) {
  SHARED_ARRAY(u32, value, 1);
  SHARED_ARRAY(u64, barrier, 1);
  if (threadIdx.x == 0) {
    make_arrival_barrier(barrier);
    expect_bytes(barrier, what == 2 ? 8 : 4);
    value[0] = 1;
  }
  cluster_barrier();
  u32 rank = cluster_rank();
  if (rank == 0 && what == 0) {
    y[0] = (float)value[0];
  } else if (rank == 0 && what == 1 && threadIdx.x == 0) {
    value[0] = 3;
  }
  if (rank == 1 || what == 2) {
    send(place_in(value, 0), place_in(barrier, 0), 7u);
  }
  if (rank == 0) {
    wait_for_bytes(barrier, 0);
  }
}

// Threads of one warp have read what another sends over, and nothing of theirs has gone into what it sends.
extern "C" __global__ void CLUSTER_OF(2) send_for_others(float* y, int together) {
  SHARED_ARRAY(u32, value, 1);
  SHARED_ARRAY(u64, barriers, 2);
  if (threadIdx.x < 2) {
    make_arrival_barrier(barriers + threadIdx.x);
    expect_bytes(barriers + threadIdx.x, 4);
  }
  if (threadIdx.x == 0) {
    value[0] = 1;
  }
  cluster_barrier();
  u32 other = 1 - cluster_rank();
  float read = (float)value[0];
  if (together) {
    read = __shfl_sync(0xffffffffu, read, 5);
  }
  y[blockIdx.x * 32 + threadIdx.x] = read;
  SHARED_ARRAY(u32, mine, 1);
  if (threadIdx.x == 0) {
    send(place_in(mine, other), place_in(barriers, other), 2u);
    wait_for_bytes(barriers, 0);
    send(place_in(value, other), place_in(barriers + 1, other), mine[0]);
  }
  wait_for_bytes(barriers + 1, 0);
}

// A warp waits for bytes, and reads what a thread of another wrote before it expected them, or sent them.
extern "C" __global__ void CLUSTER_OF(2) read_what_sender_wrote(float* y, int expects_after_writing) {
  SHARED_ARRAY(u32, value, 1);
  SHARED_ARRAY(u32, sent, 1);
  SHARED_ARRAY(u64, barrier, 1);
  if (threadIdx.x == 0) {
    make_arrival_barrier(barrier);
  }
  cluster_barrier();
  if (threadIdx.x == 0) {
    if (!expects_after_writing) {
      expect_bytes(barrier, 4);
    }
    value[0] = 5;
    if (expects_after_writing) {
      expect_bytes(barrier, 4);
    }
    send(place_in(sent, cluster_rank()), place_in(barrier, cluster_rank()), 6u);
  }
  wait_for_bytes(barrier, 0);
  y[blockIdx.x * 64 + threadIdx.x] = (float)(sent[0] + (threadIdx.x >= 32 ? value[0] : 0));
}

extern "C" __global__ void CLUSTER_OF(2) bytes_do_not_match(float* y, u32 first, u32 second, int expects) {
  SHARED_ARRAY(u32, values, 4);
  SHARED_ARRAY(u64, barrier, 1);
  make_arrival_barrier(barrier);
  if (expects) {
    expect_bytes(barrier, first);
  }
  if (expects == 2) {
    expect_bytes(barrier, second);
  }
  cluster_barrier();
  u32 other = 1 - cluster_rank();
  for (int i = 0; i < 4; i++) {
    send(place_in(values + i, other), place_in(barrier, other), 7u);
  }
  wait_for_bytes(barrier, 0);
  y[blockIdx.x] = (float)values[0];
}

extern "C" __global__ void CLUSTER_OF(2) unlikely_parity(float* y, u32 parity) {
  SHARED_ARRAY(u64, barrier, 1);
  make_arrival_barrier(barrier);
  wait_for_bytes(barrier, parity);
  y[blockIdx.x] = 0.0f;
}

extern "C" __global__ void CLUSTER_OF(2) barrier_misplaced(float* y, int how) {
  SHARED_ARRAY(u64, barriers, 2);
  if (how == 0) {
    make_arrival_barrier((u64*)((char*)barriers + 4));
  } else if (how == 1) {
    make_arrival_barrier((u64*)y);
  } else if (how == 2) {
    make_arrival_barrier(barriers + 2);
  } else if (how == 3) {
    make_arrival_barrier(barriers);
    make_arrival_barrier(barriers);
  } else if (how == 4) {
    make_arrival_barrier(barriers);
    barriers[0] = 0;
  } else if (how == 5) {
    make_arrival_barrier(barriers);
    expect_bytes(barriers + 1, 4);
  } else if (how == 6) {
    make_arrival_barrier(barriers);
    cluster_barrier();
    send(place_in(barriers, 1), place_in(barriers, 1), 7u);
  } else if (how == 7 && threadIdx.x == 0) {
    make_arrival_barrier(barriers);
  } else if (how == 7) {
    wait_for_bytes(barriers, 1);
  }
  y[blockIdx.x] = 0.0f;
}

extern "C" __global__ void CLUSTER_OF(2) cluster_barrier_for_some(float* y, int how) {
  if (how != 1 && cluster_rank() == 1) {
    if (how == 0 && threadIdx.x == 0) {
      __syncwarp(3u);
    } else if (how == 0 && threadIdx.x == 1) {
      __syncthreads();
    }
    return;
  }
  if (how == 1 && threadIdx.x == 3) {
    __syncwarp();
  } else {
    cluster_barrier();
  }
  __syncthreads();
  y[blockIdx.x * 32 + threadIdx.x] = 0.0f;
}

extern "C" __global__ void CLUSTER_OF(1) cluster_of_one(float* y) {
  SHARED_ARRAY(u32, value, 1);
  SHARED_ARRAY(u64, barrier, 1);
  make_arrival_barrier(barrier);
  expect_bytes(barrier, 4);
  cluster_barrier();
  send(place_in(value, 0), place_in(barrier, 0), 7u);
  wait_for_bytes(barrier, 0);
  y[0] = (float)value[0];
}

extern "C" __global__ void CLUSTER_OF(9) cluster_of_nine(float* y) {
  y[blockIdx.x] = 0.0f;
}

extern "C" __global__ void of_no_cluster(float* y) {
  y[0] = cluster_rank();
}

// Threads of one block are ordered as without clusters.
extern "C" __global__ void CLUSTER_OF(2) race_within_block(const float* x, float* y, int how) {
  SHARED_ARRAY(float, values, 64);
  values[threadIdx.x] = 0.0f;
  __syncthreads();
  values[threadIdx.x] = x[threadIdx.x];
  if (how == 1) {
    __syncwarp();
  } else if (how == 2) {
    __syncthreads();
  } else if (how == 3) {
    __shfl_sync(0xffffffffu, 0, 0);
  }
  int other = how == 2 ? 0 : how == 3 ? threadIdx.x ^ 1 : (threadIdx.x + 1) % 64;
  y[blockIdx.x * 64 + threadIdx.x] = values[other];
  if (how == 2 && threadIdx.x == 63) {
    values[0] = 5.0f;
  }
}

// How many blocks have begun, where no check sees it.
static unsigned begun[2];

__attribute__((noinline, no_sanitize("thread"))) static unsigned begin_another(int which) {
  return begun[which]++;
}

// Sound where blocks run forward; backward, where what is sent comes late, one block looks for it before it has waited.
extern "C" __global__ void CLUSTER_OF(2) reads_what_is_under_way(float* y, int writes) {
  SHARED_ARRAY(u32, value, 1);
  SHARED_ARRAY(u64, barrier, 1);
  bool early = begin_another(writes) == 3;
  make_arrival_barrier(barrier);
  expect_bytes(barrier, 4);
  cluster_barrier();
  send(place_in(value, 1 - cluster_rank()), place_in(barrier, 1 - cluster_rank()), 7u);
  if (early && writes) {
    value[0] = 7;
  } else if (early) {
    y[blockIdx.x] = (float)value[0];
  }
  wait_for_bytes(barrier, 0);
  y[blockIdx.x] = (float)value[0];
}
