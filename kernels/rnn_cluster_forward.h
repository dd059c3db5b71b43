// The steps of a recurrent layer by a cluster of 4 blocks for 8 sequences. A block has 32 units, in 4 warps of 8, one
// for each scheduler of a multiprocessor. Each warp sends its share of a step's h to all blocks, and a block goes on
// when all of h has arrived, without a barrier. h before a step lies elsewhere than h after it: a block that has all of
// h after a step knows that the others have read h before it, and sends there next. Each block's shared memory receives
// 2,048 bytes a step.
#pragma once
#include "rnn_tensor_forward.h"

#define BLOCKS 4
#define BLOCK_UNITS (MOST_UNITS / BLOCKS)
#define THREADS (WARP * BLOCK_UNITS / LANE_UNITS)
#define ARRIVING (SEQUENCES * MOST_UNITS * (int)sizeof(Half))

struct alignas(16) Side {
  // h by the matrices that a warp loads: a warp's share lies in one piece of 128 bytes, by its lanes, as it sends it.
  Half state[MOST_UNITS / 8][SEQUENCES][8];
  // Ends a phase for each step whose h before lies here.
  u64 arrived;
  u64 unused;
};
#define SIDE_BYTES ((int)sizeof(Side))
#define ARRIVED_AT ARRIVING

// The blocks of a cluster give one another what their warps have.
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
      // h before the first step is there already.
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
    // A warp loads matrices next.
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
  // All that was sent to this block has arrived; PTX does not say what becomes of sends whose block has ended.
  cluster_barrier();
}
