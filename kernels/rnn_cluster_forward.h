// The steps of a recurrent layer by a cluster of 4 blocks for 8 sequences. A block has 32 units, in 4 warps of 8, one
// for each scheduler of a multiprocessor. Each warp sends its share of a step's h to all blocks, and a block goes on
// when all of h has arrived, without a barrier. h before and after a step lie in two buffers: when a block has all of h
// after a step, the other blocks have read h before the step, so that buffer is free for the next h. Each block's
// shared memory receives 2,048 bytes per step.
#pragma once
#include "rnn_tensor_forward.h"

#define BLOCKS 4
#define BLOCK_UNITS (MOST_UNITS / BLOCKS)
#define THREADS (WARP * BLOCK_UNITS / LANE_UNITS)
#define ARRIVING (SEQUENCES * MOST_UNITS * (int)sizeof(Half))

struct alignas(16) Side {
  // h by the matrices that a warp loads. A warp's share is one piece of 128 bytes in the order of its lanes, as sent.
  Half state[MOST_UNITS / 8][SEQUENCES][8];
  // A phase ends for each step whose previous h lies here.
  u64 arrived;
  u64 unused;
};
#define SIDE_BYTES ((int)sizeof(Side))
#define ARRIVED_AT ARRIVING

// The exchange of h between the blocks of a cluster.
struct Cluster {
  char* sides;
  int steps;
  int side;
  int from;
  int to;
  Remote in[BLOCKS];

  template <typename Layer>
  __device__ __forceinline__ void prepare(const Layer& layer, int first_sequence) const {
    Side* both = (Side*)sides;
    begin_state(layer, first_sequence,
                [&](int sequence, int unit) { return both[0].state[unit / 8][sequence] + unit % 8; });
    if (threadIdx.x == 0) {
      make_arrival_barrier(&both[0].arrived);
      make_arrival_barrier(&both[1].arrived);
      // h before the first step is in place already.
      expect_bytes(&both[0].arrived, 0);
    }
    cluster_barrier();
  }

  __device__ __forceinline__ void begin(int lane, int pair) {
    side = 0;
    from = lane * 8 * (int)sizeof(Half);
    to = (pair / 8 * SEQUENCES * 8 + lane * 2) * (int)sizeof(Half);
#pragma unroll
    for (int r = 0; r < BLOCKS; r++) {
      in[r] = place_in(sides, r);
    }
  }

  __device__ __forceinline__ void wait(int t) const {
    wait_for_bytes((u64*)(sides + side + ARRIVED_AT), t / 2 % 2);
    if (threadIdx.x == 0 && t + 1 < steps) {
      expect_bytes((u64*)(sides + (SIDE_BYTES - side) + ARRIVED_AT), ARRIVING);
    }
    // The warp's lanes load matrices together next.
    __syncwarp();
  }

  __device__ __forceinline__ const void* before(int unit) const {
    return sides + (side + from + unit * SEQUENCES * (int)sizeof(Half));
  }

  __device__ __forceinline__ void give(u32 two, int t) const {
    if (t + 1 < steps) {
#pragma unroll
      for (int r = 0; r < BLOCKS; r++) {
        send(in[r] + (SIDE_BYTES - side + to), in[r] + (SIDE_BYTES - side + ARRIVED_AT), two);
      }
    }
  }

  __device__ __forceinline__ void end() {
    side = SIDE_BYTES - side;
  }
};

template <typename Cell>
static __device__ __forceinline__ void run(const ForwardLayer<Cell>& layer, bool hard) {
  SHARED_ARRAY(Side, sides, 2);
  if (!CLUSTERS) {
    return;
  }
  int first_sequence = blockIdx.x / BLOCKS * SEQUENCES;
  int first_unit = cluster_rank() * BLOCK_UNITS + threadIdx.x / WARP * LANE_UNITS;
  go_forward<2>(layer, hard, first_unit, first_sequence, Cluster{(char*)sides, layer.steps, 0, 0, 0, {}});
  // All data sent to this block has arrived. PTX does not define sends to a block that has ended.
  cluster_barrier();
}
