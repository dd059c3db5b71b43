// The steps of a recurrent layer by a cluster of blocks for 8 sequences. A block has 32 units, in 4 warps of 8, one for
// each scheduler of a multiprocessor. Each warp sends its share of a step's h to all blocks, and a block goes on when
// all of h has arrived, without a barrier. If warps share the products of units, the others' sums come to the first
// through shared memory: it alone computes gates, and sends h after it has read them, so their place is free again when
// all of h has arrived. h before and after a step lie in two buffers: when a block has all of h after a step, the other
// blocks have read h before the step, so that buffer is free for the next h. Each block's shared memory receives 16
// bytes per unit and step.
#pragma once
#include "rnn_tensor_forward.h"

#define THREADS (WARP * UNIT_WARPS * SHARES)
// The tiles of a warp's products, of four slots.
#define MOST_TILES 2
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
  Four* sums;
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

  // A warp's sums for the warp that computes the gates, which adds them to its own.
  template <int TILES>
  __device__ __forceinline__ void share(const float (&of)[TILES][4]) const {
    int warp = threadIdx.x / WARP % UNIT_WARPS;
#pragma unroll
    for (int tile = 0; tile < TILES; tile++) {
      const float(&four)[4] = of[tile];
      sums[(warp * MOST_TILES + tile) * WARP + threadIdx.x % WARP] = {four[0], four[1], four[2], four[3]};
    }
    arrive_at(1 + warp, SHARES * WARP);
  }

  template <int TILES>
  __device__ __forceinline__ void add_shared(float (&to)[TILES][4]) const {
    int warp = threadIdx.x / WARP;
    wait_at(1 + warp, SHARES * WARP);
#pragma unroll
    for (int tile = 0; tile < TILES; tile++) {
      Four of = sums[(warp * MOST_TILES + tile) * WARP + threadIdx.x % WARP];
#pragma unroll
      for (int e = 0; e < 4; e++) {
        to[tile][e] += of.at[e];
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
#if SHARES > 1
  SHARED_ARRAY(Four, sums, UNIT_WARPS * MOST_TILES * WARP);
#else
  Four* sums = nullptr;
#endif
  if (!CLUSTERS) {
    return;
  }
  int first_sequence = blockIdx.x / BLOCKS * SEQUENCES;
  int first_unit = cluster_rank() * BLOCK_UNITS + threadIdx.x / WARP % UNIT_WARPS * LANE_UNITS;
  go_forward<2>(layer, hard, first_unit, first_sequence, Cluster{(char*)sides, sums, layer.steps, 0, 0, 0, {}});
  // All data sent to this block has arrived. PTX does not define sends to a block that has ended.
  cluster_barrier();
}
