// The backward pass of a recurrent layer by a cluster of blocks for 8 sequences. A block has 32 units, and multiplies
// their sums' gradients by its part of the recurrent kernel, which gives its part of dL/dh of all units. Each of its 4
// or 8 warps does so for the units of one or more blocks, and sends the parts there; a block adds up the parts of all.
// When a block has all parts of a step, the others have read the parts of the later step, so their buffer is free for
// the next parts. A block barrier stands between a step's gradients and the products that read them. Each block's
// shared memory receives 1,024 bytes per block and step. In a cluster of 4 blocks, eight more warps of each add up the
// weights' gradients (rnn_weight_gradients.h).
#pragma once
#include "rnn_tensor_backward.h"
#include "rnn_weight_gradients.h"

#define UNIT_TILES (BLOCK_UNITS / 16)
// The blocks for whose units a warp multiplies, and the tiles of these units.
#define TARGETS (BLOCKS / STEP_WARPS)
#define TARGET_TILES (TARGETS * UNIT_TILES)
// Independent chains of sums per tile, so a product need not wait for the one before.
#define CHAINS 2

// The parts that a step leaves for the previous time step.
struct Side {
  // Each block's part of dL/dh of this block's units, tile by tile, in the layout of a product in a warp's lanes.
  Four parts[BLOCKS][UNIT_TILES][WARP];
  // A phase ends for each step whose parts lie here.
  u64 arrived;
  u64 unused;
};
// The distance in steps of prefetches into L2, because a step is shorter than a load from DRAM may take.
#define STEPS_AHEAD 4

// A lane's share of its warp's prefetches: the place in the first step, and the bytes of an element.
struct Ahead {
  const char* first;
  int bytes;
};

// For each sequence, two lanes prefetch gates, one the earlier values, and one the gradients of h: 32 bytes each, or 16
// bytes for h.
template <typename Cell>
static __device__ __forceinline__ Ahead ahead_of(const BackwardLayer<Cell>& layer, int first_sequence,
                                                 int first_unit, int lane) {
  bool gates = Cell::KEEPS && lane < 16;
  int b = first_sequence + (gates ? lane / 2 : lane % 8);
  int unit = first_unit + (gates ? lane % 2 * 4 : 0);
  int n = min(b, layer.batch - 1) * layer.units + min(unit, layer.units - 1);
  return gates       ? Ahead{(const char*)(layer.kept + n), (int)sizeof(typename Cell::Kept)}
         : lane < 24 ? Ahead{(const char*)(layer.states + n), (int)sizeof(typename Cell::Before)}
                     : Ahead{(const char*)(layer.output_gradient + n), (int)sizeof(Half)};
}

struct alignas(8) Two {
  float at[2];
};

template <bool HARD, typename Cell>
static __device__ __forceinline__ void go_back(const BackwardLayer<Cell>& layer, Side* sides, StepPair* pairs) {
  const int SLOTS = Cell::SLOTS;
  const int K_TILES = SLOTS * BLOCK_UNITS / 16;
  int batch = layer.batch;
  int units = layer.units;
  int lane = threadIdx.x % WARP;
  int warp = threadIdx.x / WARP;
  int column = lane % 4;
  int rank = cluster_rank();
  int first_unit = rank * BLOCK_UNITS;
  int first_sequence = blockIdx.x / BLOCKS * SEQUENCES;
  // Lanes that read parts at once have no bank conflicts if half of them read the other half of their 16 bytes: units g
  // and g + 8 of a tile are exchanged where this is 1, g = lane / 4.
  int changed = lane / 8 % 2;
  // Column k = 16 j + (0..15) is a slot of this block's units; rows are the units of the warp's target blocks.
  u32 kept[K_TILES][TARGET_TILES][4] = {};
#pragma unroll
  for (int j = 0; j < K_TILES; j++) {
    if (first_unit + 16 / SLOTS * j < units) {
#pragma unroll
      for (int tile = 0; tile < TARGET_TILES; tile++) {
#pragma unroll
        for (int r = 0; r < 4; r++) {
          int k = 16 * j + 2 * column + r / 2 * 8;
          int unit = warp * TARGETS * BLOCK_UNITS + tile * 16 + lane / 4 + (r % 2 ^ changed) * 8;
          kept[j][tile][r] = pack_halves(weight_of(layer, unit, SLOTS * first_unit + k),
                                         weight_of(layer, unit, SLOTS * first_unit + k + 1));
        }
      }
    }
  }
  // The recurrent kernel was complete before the previous launch began.
  wait_for_launch_before();
  int step = batch * units;
  // The gradients of the step after these steps have the last place.
  for (int i = threadIdx.x; i < SEQUENCES * BLOCK_UNITS; i += STEP_THREADS) {
    *(typename Cell::Sums*)(pairs[PAIRS - 1].rows[1][i / BLOCK_UNITS].at + i % BLOCK_UNITS * SLOTS) =
        sums_after(layer, first_sequence + i / BLOCK_UNITS, first_unit + i % BLOCK_UNITS);
  }
  if (threadIdx.x == 0) {
    make_arrival_barrier(&sides[0].arrived);
    make_arrival_barrier(&sides[1].arrived);
  }
  // A lane beyond the last unit or sequence reads the last's data, and writes nothing.
  int own = first_unit + warp * 8 + lane / 4;
  int b = first_sequence + 2 * column;
  int n = opaque(min(b, batch - 1) * units + min(own, units - 1));
  int beside = opaque((min(b + 1, batch - 1) - min(b, batch - 1)) * units);
  bool has_unit = own < units && (SHARES == 1 || warp < UNIT_WARPS);
  u32 there = (has_unit && b < batch) | (has_unit && b + 1 < batch) << 1;
  u32 writes = opaque(layer.sum_gradients ? there : 0);
  bool leads = opaque(threadIdx.x) == 0;
  Ahead brought = ahead_of(layer, first_sequence, first_unit + warp * 8, lane);
  // Offsets in bytes: in a step's sums, where a lane loads for products and where it stores; in a side, where it sends
  // parts and where it reads them.
  Side& first = sides[0];
  int loaded_at = opaque(bytes_in(pairs, pairs->rows[0][lane % 8].at + lane / 8 * 8));
  int given_at = opaque(bytes_in(pairs, pairs->rows[0][2 * column].at + (warp * 8 + lane / 4) * SLOTS));
  int sent_at = opaque(bytes_in(sides, &first.parts[rank][0][lane]));
  int part_at = opaque(bytes_in(sides, first.parts[0][warp / 2][lane].at + (warp % 2 ^ changed) * 2));
  const int arrived_at = bytes_in(&first, &first.arrived);
  StepBack<Cell> next[2];
  float now[2];
  float from_after[2];
  int at = (layer.steps - 1) * step;
#pragma unroll
  for (int c = 0; c < 2; c++) {
    next[c] = read_step(layer, at, states_before(layer, at), n + c * beside);
    now[c] = Cell::OF_STEP ? widened(layer.states[at + n + c * beside]) : 0.0f;
    from_after[c] = Cell::KEEPS && layer.follows && there & 1 << c ? layer.carried_gradient[n + c * beside] : 0.0f;
  }
  cluster_barrier();
  Remote to[TARGETS];
#pragma unroll
  for (int r = 0; r < TARGETS; r++) {
    to[r] = place_in(sides, warp * TARGETS + r);
  }
  int side = 0;
  int slot = RING_BYTES - STEP_BYTES;
  auto multiply_and_send = [&]() {
    u32 dz[K_TILES / 2][4];
#pragma unroll
    for (int j = 0; j < K_TILES / 2; j++) {
      load_matrices(dz[j], (char*)pairs + (slot + loaded_at + 32 * j * (int)sizeof(Half)));
    }
    float part[CHAINS][TARGET_TILES][4] = {};
#pragma unroll
    for (int j = 0; j < K_TILES; j++) {
#pragma unroll
      for (int tile = 0; tile < TARGET_TILES; tile++) {
        multiply_add(part[j % CHAINS][tile], kept[j][tile], {dz[j / 2][j % 2 * 2], dz[j / 2][j % 2 * 2 + 1]});
      }
    }
#pragma unroll
    for (int tile = 0; tile < TARGET_TILES; tile++) {
#pragma unroll
      for (int e = 0; e < 4; e++) {
        part[0][tile][e] += part[1][tile][e];
      }
      Remote target = to[tile / UNIT_TILES];
      send(target + (side + sent_at + tile % UNIT_TILES * (int)sizeof(first.parts[0][0])),
           target + (side + arrived_at), part[0][tile]);
    }
    if (ADDS_UP) {
      arrive_at(SENT, BLOCK_THREADS);
    }
  };
  // Warps without units of their own multiply alone.
  if (SHARES > 1 && warp >= UNIT_WARPS) {
#pragma unroll 1
    for (int s = 0; s < layer.steps; s++) {
      multiply_and_send();
      side = (int)sizeof(Side) - side;
      slot = next_slot(slot);
      wait_at(DONE, BLOCK_THREADS);
    }
    let_next_launch_begin();
    cluster_barrier();
    return;
  }
  multiply_and_send();
  // The loop begins behind the sends; otherwise ptxas moves the code after them before the products.
#pragma unroll 1
  for (u32 s = 0;;) {
    // While parts are on their way, computes all that needs no parts, then loads the previous time step; the first step
    // is loaded again.
    typename Cell::Factors by[2];
    float dh[2];
    u32 known = at > 0 || layer.first_state ? 0xffffffffu : 0;
#pragma unroll
    for (int c = 0; c < 2; c++) {
      float before = __uint_as_float(__float_as_uint(widened(next[c].before)) & known);
      by[c] = Cell::factors(HARD, next[c].kept, before, now[c]);
      now[c] = before;
      dh[c] = widened(next[c].output_gradient);
    }
    // opaque() keeps the product to 32 bits.
    prefetch(brought.first + (long long)max(at - STEPS_AHEAD * step, 0) * opaque(brought.bytes));
    int ahead = Cell::once_all_known(max(at - step, 0), by, dh);
    const typename Cell::Before* before = states_before(layer, ahead);
#pragma unroll
    for (int c = 0; c < 2; c++) {
      next[c] = read_step(layer, ahead, before, n + c * beside);
    }
    char* after = (char*)sides + side;
    u64* arrived = (u64*)(after + arrived_at);
    if (leads) {
      expect_bytes(arrived, sizeof(first.parts));
    }
    wait_for_bytes(arrived, s / 2 % 2);
    Two parts[BLOCKS];
#pragma unroll
    for (int r = 0; r < BLOCKS; r++) {
      parts[r] = *(const Two*)(after + (part_at + r * (int)sizeof(first.parts[0])));
    }
#pragma unroll
    for (int c = 0; c < 2; c++) {
#pragma unroll
      for (int beside = 1; beside < BLOCKS; beside *= 2) {
#pragma unroll
        for (int r = 0; r < BLOCKS; r += 2 * beside) {
          parts[r].at[c] += parts[r + beside].at[c];
        }
      }
      dh[c] += parts[0].at[c];
    }
    side = (int)sizeof(Side) - side;
    slot = next_slot(slot);
#pragma unroll
    for (int c = 0; c < 2; c++) {
      typename Cell::Sums sums = Cell::go_back(by[c], dh[c], from_after[c]);
      *(typename Cell::Sums*)((char*)pairs + (slot + given_at + c * (int)sizeof(pairs->rows[0][0]))) = sums;
      if (writes & 1 << c) {
        layer.sum_gradients[at + n + c * beside] = sums;
      }
    }
    at -= step;
    wait_at(DONE, BLOCK_THREADS);
    if (++s == (u32)layer.steps) {
      break;
    }
    multiply_and_send();
  }
  if (ADDS_UP) {
    // If the number of steps is odd, the last pair has no second step.
    slot = next_slot(slot);
#pragma unroll
    for (int c = 0; c < 2; c++) {
      *(typename Cell::Sums*)((char*)pairs + (slot + given_at + c * (int)sizeof(pairs->rows[0][0]))) = {};
    }
#pragma unroll 1
    for (int k = layer.steps; k < meetings(layer.steps); k++) {
      arrive_at(SENT, BLOCK_THREADS);
      wait_at(DONE, BLOCK_THREADS);
    }
  }
  let_next_launch_begin();
#pragma unroll
  for (int c = 0; c < 2; c++) {
    if (Cell::KEEPS && there & 1 << c) {
      layer.carried_gradient[n + c * beside] = from_after[c];
    }
  }
  // All data sent to this block has arrived. PTX does not define sends to a block that has ended.
  cluster_barrier();
}

template <typename Cell>
static __device__ __forceinline__ void run(const BackwardLayer<Cell>& layer, bool hard) {
  SHARED_ARRAY(Side, sides, 2);
  SHARED_ARRAY(StepPair, sums, PAIRS);
  if (!CLUSTERS) {
    return;
  }
  if (hard) {
    go_back<true>(layer, sides, sums);
  } else {
    go_back<false>(layer, sides, sums);
  }
}

// The same with warps that add up the weights' gradients.
template <typename Cell>
static __device__ __forceinline__ void run(const BackwardLayer<Cell>& layer, const WeightLayer& weights, bool hard) {
  SHARED_ARRAY(Side, sides, 2);
  SHARED_ARRAY(StepPair, sums, PAIRS);
  SHARED_ARRAY(StepPair, rows, PAIRS);
  if (!CLUSTERS) {
    return;
  }
  if (threadIdx.x >= STEP_THREADS) {
    wait_for_launch_before();
    int first_sequence = blockIdx.x / BLOCKS * SEQUENCES;
    int first_unit = cluster_rank() * BLOCK_UNITS;
    if (weights.symbols == 0) {
      add_up_weights<0, Cell::SLOTS>(weights, sums, rows, first_sequence, first_unit);
    } else if (weights.symbols <= FEW_SYMBOLS) {
      add_up_weights<1, Cell::SLOTS>(weights, sums, rows, first_sequence, first_unit);
    } else {
      add_up_weights<2, Cell::SLOTS>(weights, sums, rows, first_sequence, first_unit);
    }
  } else if (hard) {
    go_back<true>(layer, sides, sums);
  } else {
    go_back<false>(layer, sides, sums);
  }
}
