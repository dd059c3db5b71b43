// The same as lstm_tensor_backward.cu by a cluster of 4 blocks for 8 sequences. A block has 32 units, and multiplies
// their sums' gradients by its part of the recurrent kernel: its part of dL/dh of all units. Each of its 4 warps does
// so for the units of one block, and sends that block its part, which adds up the four. A block that has all parts of
// a step knows that the others have read those of the step after, and sends there next. A barrier of the block stands
// between a step's gradients and the products that read them.
// Launch 4 ceil(B / 8) blocks of 128 threads. sm_90 and newer. Bytes: as lstm_tensor_backward.cu; and each block's
// shared memory receives 4,096 a step. FLOPs: T B (8 H H + about 30 H).
#include "lstm_tensor_backward.h"

#define BLOCKS 4
#define BLOCK_UNITS (MOST_UNITS / BLOCKS)
#define THREADS (WARP * BLOCKS)
#define K_TILES (BLOCK_UNITS * 4 / 16)
#define UNIT_TILES (BLOCK_UNITS / 16)
// Sums of a tile beside each other, so that one product need not wait for the last.
#define CHAINS 2

// All that a step leaves for the step before it.
struct Side {
  // The gradients of the block's own sums, a sequence a row, a unit's four side by side.
  HalfRow<4 * BLOCK_UNITS> sums[SEQUENCES];
  // Each block's part of dL/dh of this one's units, tile by tile, as a product leaves it in a warp's lanes.
  Four parts[BLOCKS][UNIT_TILES][WARP];
  // Ends a phase for each step whose parts lie here.
  u64 arrived;
  u64 unused;
};
#define ARRIVING ((int)sizeof(Side::parts))
// A step is shorter than a load from DRAM may take: so many steps ahead of the one at hand, what is read comes into L2.
#define STEPS_AHEAD 4

// A lane's share of the 8 units of 8 sequences that its warp brings into the L2 cache: its place in the first step, and
// the bytes of an element.
struct Ahead {
  const char* first;
  int bytes;
};

// Of each sequence two lanes have gates, and one cells and one h's gradients: 32 bytes each, of the last 16.
static __device__ __forceinline__ Ahead ahead_of(const BackwardLayer& layer, int first_sequence, int first_unit,
                                                 int lane) {
  bool gates = lane < 16;
  int b = first_sequence + (gates ? lane / 2 : lane % 8);
  int unit = first_unit + (gates ? lane % 2 * 4 : 0);
  int n = min(b, layer.batch - 1) * layer.units + min(unit, layer.units - 1);
  return gates       ? Ahead{(const char*)(layer.gates + n), (int)sizeof(KeptGates)}
         : lane < 24 ? Ahead{(const char*)(layer.cells + n), (int)sizeof(float)}
                     : Ahead{(const char*)(layer.output_gradient + n), (int)sizeof(Half)};
}

struct alignas(8) Two {
  float at[2];
};

template <bool HARD>
static __device__ __forceinline__ void run(const BackwardLayer& layer, Side* sides) {
  int batch = layer.batch;
  int units = layer.units;
  int lane = threadIdx.x % WARP;
  int warp = threadIdx.x / WARP;
  int column = lane % 4;
  int rank = cluster_rank();
  int first_unit = rank * BLOCK_UNITS;
  int first_sequence = blockIdx.x / BLOCKS * SEQUENCES;
  // Of k = 16 j + (0..15), one of the block's units' four gates after the other's, and 32 units of the warp's block.
  u32 kept[K_TILES][UNIT_TILES][4] = {};
#pragma unroll
  for (int j = 0; j < K_TILES; j++) {
    if (first_unit + 4 * j < units) {
#pragma unroll
      for (int tile = 0; tile < UNIT_TILES; tile++) {
#pragma unroll
        for (int r = 0; r < 4; r++) {
          int k = 16 * j + 2 * column + r / 2 * 8;
          int unit = warp * BLOCK_UNITS + tile * 16 + lane / 4 + r % 2 * 8;
          int of = first_unit + k / 4;
          const float* from = layer.recurrent + (unit * 4 + k % 4) * units + of;
          bool there = unit < units && of < units;
          kept[j][tile][r] = pack_halves(there ? from[0] : 0.0f, there ? from[units] : 0.0f);
        }
      }
    }
  }
  int step = batch * units;
  for (int i = threadIdx.x; i < SEQUENCES * BLOCK_UNITS; i += THREADS) {
    int unit = first_unit + i % BLOCK_UNITS;
    int b = first_sequence + i / BLOCK_UNITS;
    bool there = layer.follows && unit < units && b < batch;
    *(PackedFour*)(sides[0].sums[i / BLOCK_UNITS].at + i % BLOCK_UNITS * 4) =
        there ? layer.sum_gradients[layer.steps * step + b * units + unit] : PackedFour{};
  }
  if (threadIdx.x == 0) {
    make_arrival_barrier(&sides[0].arrived);
    make_arrival_barrier(&sides[1].arrived);
  }
  // A lane beyond the last unit or sequence reads what is the last's, and writes nothing.
  int own = first_unit + warp * 8 + lane / 4;
  int b = first_sequence + 2 * column;
  int n = opaque(min(b, batch - 1) * units + min(own, units - 1));
  int beside = opaque((min(b + 1, batch - 1) - min(b, batch - 1)) * units);
  u32 writes = opaque((own < units && b < batch) | (own < units && b + 1 < batch) << 1);
  bool leads = opaque(threadIdx.x) == 0;
  Ahead brought = ahead_of(layer, first_sequence, first_unit + warp * 8, lane);
  // Of a side, in bytes: the sums that it loads for products, those that it has made, the parts that it sends, and
  // those that it gets.
  Side& first = sides[0];
  int loaded_at = opaque(bytes_in(sides, first.sums[lane % 8].at + lane / 8 * 8));
  int given_at = opaque(bytes_in(sides, first.sums[2 * column].at + (warp * 8 + lane / 4) * 4));
  int sent_at = opaque(bytes_in(sides, &first.parts[rank][0][lane]));
  int part_at = opaque(bytes_in(sides, first.parts[0][warp / 2][lane].at + warp % 2 * 2));
  const int arrived_at = bytes_in(&first, &first.arrived);
  StepBack next[2];
  float cell[2];
  float from_after[2];
  int at = (layer.steps - 1) * step;
#pragma unroll
  for (int c = 0; c < 2; c++) {
    next[c] = read_step(layer, at, cells_before(layer, at), n + c * beside);
    cell[c] = layer.cells[at + n + c * beside];
    from_after[c] = layer.follows && writes & 1 << c ? layer.cell_gradient[n + c * beside] : 0.0f;
  }
  cluster_barrier();
  // The warp's units' block.
  Remote there = place_in(sides, warp);
  int side = 0;
#pragma unroll 1
  for (u32 s = 0; s < (u32)layer.steps; s++) {
    char* after = (char*)sides + side;
    u64* arrived = (u64*)(after + arrived_at);
    if (leads) {
      expect_bytes(arrived, ARRIVING);
    }
    u32 dz[K_TILES / 2][4];
#pragma unroll
    for (int j = 0; j < K_TILES / 2; j++) {
      load_matrices(dz[j], after + (loaded_at + 32 * j * (int)sizeof(Half)));
    }
    float part[CHAINS][UNIT_TILES][4] = {};
#pragma unroll
    for (int j = 0; j < K_TILES; j++) {
#pragma unroll
      for (int tile = 0; tile < UNIT_TILES; tile++) {
        multiply_add(part[j % CHAINS][tile], kept[j][tile], {dz[j / 2][j % 2 * 2], dz[j / 2][j % 2 * 2 + 1]});
      }
    }
#pragma unroll
    for (int tile = 0; tile < UNIT_TILES; tile++) {
#pragma unroll
      for (int e = 0; e < 4; e++) {
        part[0][tile][e] += part[1][tile][e];
      }
      send(there + (side + sent_at + tile * (int)sizeof(first.parts[0][0])), there + (side + arrived_at),
           part[0][tile]);
    }
    // While parts are on their way: all of the step that needs none, and then the loads of the step before; beyond the
    // first it is read again.
    Factors by[2];
    float dh[2];
    u32 known = at > 0 || layer.first_cell ? 0xffffffffu : 0;
#pragma unroll
    for (int c = 0; c < 2; c++) {
      float before = __uint_as_float(__float_as_uint(next[c].before) & known);
      by[c] = factors_of<HARD>(next[c], before, cell[c]);
      cell[c] = before;
      dh[c] = widened(next[c].output_gradient);
    }
    // `opaque` keeps the product to 32 bits.
    prefetch(brought.first + (long long)max(at - STEPS_AHEAD * step, 0) * opaque(brought.bytes));
    int ahead = once_known(max(at - step, 0), by[0].hidden, by[0].i, by[0].f, by[0].c, by[0].o, dh[0], by[1].hidden,
                           by[1].i, by[1].f, by[1].c, by[1].o, dh[1]);
    const float* cells = cells_before(layer, ahead);
#pragma unroll
    for (int c = 0; c < 2; c++) {
      next[c] = read_step(layer, ahead, cells, n + c * beside);
    }
    wait_for_bytes(arrived, s / 2 % 2);
    Two parts[BLOCKS];
#pragma unroll
    for (int r = 0; r < BLOCKS; r++) {
      parts[r] = *(const Two*)(after + (part_at + r * (int)sizeof(first.parts[0])));
    }
#pragma unroll
    for (int c = 0; c < 2; c++) {
      dh[c] += (parts[0].at[c] + parts[1].at[c]) + (parts[2].at[c] + parts[3].at[c]);
    }
    side = (int)sizeof(Side) - side;
#pragma unroll
    for (int c = 0; c < 2; c++) {
      PackedFour sums = go_back(by[c], dh[c], from_after[c]);
      *(PackedFour*)((char*)sides + (side + given_at + c * (int)sizeof(first.sums[0]))) = sums;
      if (writes & 1 << c) {
        layer.sum_gradients[at + n + c * beside] = sums;
      }
    }
    at -= step;
    __syncthreads();
  }
#pragma unroll
  for (int c = 0; c < 2; c++) {
    if (writes & 1 << c) {
      layer.cell_gradient[n + c * beside] = from_after[c];
    }
  }
  // All that was sent to this block has arrived; PTX does not say what becomes of sends whose block has ended.
  cluster_barrier();
}

extern "C" __global__ void CLUSTER_OF(BLOCKS) __launch_bounds__(THREADS, 3) lstm_cluster_backward(
    const KeptGates* __restrict__ gates, const float* __restrict__ cells, const float* __restrict__ first_cell,
    const float* __restrict__ recurrent, const Half* __restrict__ output_gradient, PackedFour* sum_gradients,
    float* __restrict__ cell_gradient, int steps, int batch, int units, int gate_kind, int follows) {
  SHARED_ARRAY(Side, sides, 2);
  BackwardLayer layer = {gates, cells, first_cell, recurrent, output_gradient, sum_gradients, cell_gradient, steps,
                         batch, units, follows != 0};
  if (!CLUSTERS) {
    return;
  }
  if (gate_kind == HARD_SIGMOID) {
    run<true>(layer, sides);
  } else {
    run<false>(layer, sides);
  }
}
