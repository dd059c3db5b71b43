// The steps of a recurrent layer by one block for 8 sequences, with a barrier a step.
#pragma once
#include "rnn_tensor_forward.h"

#define THREADS (WARP * MOST_UNITS / LANE_UNITS)
#define ROW_BYTES ((int)sizeof(HalfRow<MOST_UNITS>))
// The distance from h before a step to h after the step: a bit that no offset within 8 rows has.
#define SIDE_BYTES 4096

// The exchange of h within one block, whose warps wait for one another at the block's barrier.
struct OwnBlock {
  char* state;
  int from;
  int to;

  template <typename Layer>
  __device__ __forceinline__ void prepare(const Layer& layer, int first_sequence) const {
    HalfRow<MOST_UNITS>* rows = (HalfRow<MOST_UNITS>*)state;
    begin_state(layer, first_sequence, [&](int sequence, int unit) { return rows[sequence].at + unit; });
    // Units without a warp are read as zeros.
    HalfRow<MOST_UNITS>* after = (HalfRow<MOST_UNITS>*)(state + SIDE_BYTES);
    begin_state(layer, layer.batch, [&](int sequence, int unit) { return after[sequence].at + unit; });
    __syncthreads();
  }

  __device__ __forceinline__ void begin(int lane, int pair) {
    from = opaque(lane % 8 * ROW_BYTES + lane / 8 * 8 * (int)sizeof(Half));
    to = opaque(SIDE_BYTES + lane / 4 * ROW_BYTES + pair * (int)sizeof(Half));
  }

  __device__ __forceinline__ void wait(int) const {}

  __device__ __forceinline__ const void* before(int unit) const {
    return state + (from + unit * (int)sizeof(Half));
  }

  __device__ __forceinline__ void give(u32 two, int) const {
    *(u32*)(state + to) = two;
  }

  __device__ __forceinline__ void end() {
    from ^= SIDE_BYTES;
    to ^= SIDE_BYTES;
    __syncthreads();
  }
};

template <typename Cell>
static __device__ __forceinline__ void run(const ForwardLayer<Cell>& layer, bool hard) {
  SHARED_ARRAY(HalfRow<MOST_UNITS>, state, (SIDE_BYTES + SEQUENCES * ROW_BYTES + ROW_BYTES - 1) / ROW_BYTES);
  if (!TENSOR_CORES) {
    return;
  }
  go_forward<1>(layer, hard, threadIdx.x / WARP * LANE_UNITS, blockIdx.x * SEQUENCES, OwnBlock{(char*)state, 0, 0});
}
