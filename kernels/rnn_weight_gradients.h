// The gradients of a recurrent layer's weights, computed by their own warps beside the warps that run the time steps. A
// block of a cluster has 32 units of 8 sequences, and the gradients of each unit's S sums, a slot each. The gradient
// warps multiply these by all rows of a step: the previous step's h, the one-hot input, and ones for the bias. A
// product on tensor cores takes two steps; sums stay in registers until all steps are done.
//   partials (C,M,S H) = each cluster's sums, a unit's S side by side; M is V + H + 1 (kernel, recurrent kernel and
//   bias), or H where V is 0, for weight_gradients.cu
// FLOPs: 2 T B M S H.
#pragma once
#include "rnn_tensor.h"

// Whether a block has warps that add up gradients: registers have no room for the sums of more units. A kernel without
// them defines this before its includes.
#ifndef ADDS_UP
#define ADDS_UP (MOST_UNITS == 128)
#endif
// A block's warps for the steps, and its warps that add up gradients.
#define STEP_WARPS (UNIT_WARPS * SHARES)
#define STEP_THREADS (WARP * STEP_WARPS)
#define GRADIENT_WARPS 8
#define GRADIENT_THREADS (WARP * GRADIENT_WARPS)
#define BLOCK_THREADS (STEP_THREADS + (ADDS_UP ? GRADIENT_THREADS : 0))
// The pairs of steps whose rows a block keeps. h is loaded three pairs ahead; the fourth pair is in use.
#define PAIRS (ADDS_UP ? 4 : 1)
// The gradient warps that share the rows of one half of the columns, and the tiles of h of each warp.
#define ROW_GROUPS (GRADIENT_WARPS / 2)
#define HIDDEN_TILES (MOST_UNITS / 16 / ROW_GROUPS)
// The most symbols, besides the bias, for one tile of them per warp, and for two.
#define FEW_SYMBOLS (16 * ROW_GROUPS - 1)
#define MOST_SYMBOLS (2 * 16 * ROW_GROUPS - 1)

// The rows of 8 sequences in two steps: h of 128 units, or the gradients of the block's sums.
struct StepPair {
  HalfRow<4 * BLOCK_UNITS> rows[2][SEQUENCES];
};
#define STEP_BYTES ((int)sizeof(StepPair) / 2)
#define RING_BYTES (PAIRS * (int)sizeof(StepPair))

// The offset of the next step's rows in a ring.
static __device__ __forceinline__ int next_slot(int slot) {
  return slot == RING_BYTES - STEP_BYTES ? 0 : slot + STEP_BYTES;
}

// Barriers of a block. At SENT the step warps announce, without waiting, that they have sent, that their products leave
// the tensor cores idle and that the gradients of the later step are in place. At DONE they wait until a step's
// gradients are in place and the gradient warps have come to that step's SENT.
#define SENT 1
#define DONE 2

// The gradient warps wait until the step warps have sent, then let them end the step.
static __device__ __forceinline__ void meet() {
  wait_at(SENT, BLOCK_THREADS);
  arrive_at(DONE, BLOCK_THREADS);
}

// The number of meetings: a pair's products are computed in the two steps after the pair.
static __device__ __forceinline__ int meetings(int steps) {
  return (steps + 1) / 2 * 2 + 2;
}

struct WeightLayer {
  const Half* hidden;
  const Half* first_hidden;
  const int* ids;
  float* partials;
  int steps;
  int batch;
  int units;
  int symbols;
};

// A thread's 8 units of previous h for one of the steps of each pair.
struct Copies {
  // The place in a step, and the number of units at this place.
  int place;
  int count;
  char* to;
  // The steps before the current step.
  int left;
};

// Copies `count` of 8 elements and fills the rest with zeros. Not inlined, since it is rare and would take registers.
static __device__ __attribute__((noinline)) void copy_now(void* to, const Half* from, int count) {
#pragma unroll
  for (int k = 0; k < 4; k++) {
    u32 low = 2 * k < count ? from[2 * k] : 0;
    u32 high = 2 * k + 1 < count ? from[2 * k + 1] : 0;
    ((u32*)to)[k] = low | high << 16;
  }
}

// Starts to load the next pair's h; zeros where there is none. Rows that are not aligned to 16 bytes are copied at
// once.
static __device__ __forceinline__ void ask_for_pair(const WeightLayer& layer, Copies& copies, char* to) {
  int step = layer.batch * layer.units;
  const Half* before = layer.hidden + (copies.left - 1) * step + copies.place;
  if (copies.left > 0 && copies.count == 8 && layer.units % 8 == 0) {
    copy_ahead(to, before);
  } else {
    copy_now(to, copies.left > 0 ? before : layer.first_hidden + copies.place,
             copies.left > 0 || (copies.left == 0 && layer.first_hidden) ? copies.count : 0);
  }
  commit_copies();
  copies.left -= 2;
}

// Loads the symbols of a lane's two sequences in each step of a pair.
static __device__ __forceinline__ void ask_for_ids(const WeightLayer& layer, int (&ids)[2][2], int b, int beside,
                                                   int pair) {
#pragma unroll
  for (int k = 0; k < 2; k++) {
    const int* from = layer.ids + max(layer.steps - 1 - 2 * pair - k, 0) * layer.batch + b;
    ids[k][0] = from[0];
    ids[k][1] = from[beside];
  }
}

// A one of a one-hot row is stored as 2, whose bf16 is a single bit: the bit that is left where a difference is 0.
#define ONE 0x4000u
#define TWICE(half) ((half) * 0x10001u)

// A lane's part of a pair's one-hot rows and ones. Rows and symbols are stored as differences from the lane's lowest
// row, twice in a register; other rows differ in another bit or two.
struct OneHot {
  // The symbols of each step's two sequences.
  u32 symbols[2];
  // The bias' row, and its ones.
  u32 bias;
  u32 ones;

  __device__ __forceinline__ void tile(u32 (&of)[4], int m) const {
#pragma unroll
    for (int r = 0; r < 4; r++) {
      u32 row = TWICE(m * ROW_GROUPS * 16 + r % 2 * 8);
      of[r] = ((TWICE(ONE) - (symbols[r / 2] ^ row)) & TWICE(ONE)) | (bias == row ? ones : 0);
    }
  }
};

// A turn's products: some tiles of a warp's columns; each step of a pair takes half of them.
template <int FIRST, int COUNT, int TILES, int INPUT_TILES>
static __device__ __forceinline__ void multiply_turn(float (&hidden)[HIDDEN_TILES][TILES][4],
                                                     float (&input)[INPUT_TILES + 1][TILES][4],
                                                     const OneHot& one_hot, const char* rows, const char* sums) {
  u32 by[COUNT / 2][4];
#pragma unroll
  for (int n = 0; n < COUNT / 2; n++) {
    load_matrices_transposed(by[n], sums + (FIRST + 2 * n) * 8 * (int)sizeof(Half));
  }
#pragma unroll
  for (int m = 0; m < HIDDEN_TILES; m++) {
    u32 of[4];
    load_matrices_transposed(of, rows + m * ROW_GROUPS * 16 * (int)sizeof(Half));
#pragma unroll
    for (int n = 0; n < COUNT; n++) {
      multiply_add(hidden[m][FIRST + n], of, {by[n / 2][n % 2 * 2], by[n / 2][n % 2 * 2 + 1]});
    }
  }
#pragma unroll
  for (int m = 0; m < INPUT_TILES; m++) {
    u32 of[4];
    one_hot.tile(of, m);
#pragma unroll
    for (int n = 0; n < COUNT; n++) {
      multiply_add(input[m][FIRST + n], of, {by[n / 2][n % 2 * 2], by[n / 2][n % 2 * 2 + 1]});
    }
  }
}

// The gradient warps of a block. The step warps begin at the last step, and put the gradients of its sums into the
// first pair's first rows; the gradient warps also join the step warps' two cluster barriers.
template <int INPUT_TILES, int SLOTS>
static __device__ __forceinline__ void add_up_weights(const WeightLayer& layer, const StepPair* sums, StepPair* hidden,
                                                      int first_sequence, int first_unit) {
  // The tiles of 8 columns of a warp.
  const int COLUMN_TILES = SLOTS * BLOCK_UNITS / 8 / 2;
  const int TURN_TILES = COLUMN_TILES > 2 ? COLUMN_TILES / 2 : 2;
  int lane = threadIdx.x % WARP;
  int thread = threadIdx.x - STEP_THREADS;
  int group = thread / WARP / 2;
  int first_column = thread / WARP % 2 * COLUMN_TILES * 8;
  float of_hidden[HIDDEN_TILES][COLUMN_TILES][4] = {};
  float of_input[INPUT_TILES + 1][COLUMN_TILES][4] = {};
  int of_pair = thread / (SEQUENCES * 16);
  int row = thread / 16 % SEQUENCES;
  int element = thread % 16 * 8;
  Copies copies = {(first_sequence + row) * layer.units + element,
                   first_sequence + row < layer.batch ? min(layer.units - element, 8) : 0,
                   (char*)(hidden->rows[of_pair][row].at + element), layer.steps - 1 - of_pair};
#pragma unroll 1
  for (int pair = 0; pair < PAIRS - 1; pair++) {
    ask_for_pair(layer, copies, copies.to + pair * (int)sizeof(StepPair));
  }
  // The one-hot rows of a lane are of two sequences.
  int sequence = first_sequence + lane % 4 * 2;
  int b = min(sequence, layer.batch - 1);
  int beside = min(sequence + 1, layer.batch - 1) - b;
  // A sequence that does not exist has no symbol, and adds nothing to the bias.
  u32 none = (sequence < layer.batch ? 0 : 0x2000u) | (sequence + 1 < layer.batch ? 0 : 0x20000000u);
  u32 lowest = TWICE(group * 16 + lane / 4);
  OneHot one_hot = {{}, opaque(TWICE(layer.symbols) ^ lowest), opaque(TWICE(ONE) - 2 * none)};
  int ids[2][2];
  if (INPUT_TILES > 0) {
    ask_for_ids(layer, ids, b, beside, 0);
  }
  // A tile of h's rows has the two steps' sequences as columns; two tiles of sums have them as rows.
  const char* rows_at =
      (const char*)(hidden->rows[lane / 16][lane % 8].at + group * 16 + lane / 8 % 2 * 8);
  const char* sums_at = (const char*)(sums->rows[lane / 8 % 2][lane % 8].at + first_column + lane / 16 * 8);
  cluster_barrier();
  meet();
  meet();
#pragma unroll 1
  for (int pair = 0; 2 * pair < layer.steps; pair++) {
    if (INPUT_TILES > 0) {
#pragma unroll
      for (int k = 0; k < 2; k++) {
        one_hot.symbols[k] =
            opaque(((lower_halves(ids[k][0], ids[k][1]) & TWICE(ONE - 1)) | none) ^ lowest);
      }
    }
    wait_for_copies<PAIRS - 2>();
    meet();
    int at = pair % PAIRS * (int)sizeof(StepPair);
    multiply_turn<0, TURN_TILES, COLUMN_TILES, INPUT_TILES>(of_hidden, of_input, one_hot, rows_at + at, sums_at + at);
    ask_for_pair(layer, copies, copies.to + (pair + PAIRS - 1) % PAIRS * (int)sizeof(StepPair));
    if (INPUT_TILES > 0) {
      ask_for_ids(layer, ids, b, beside, pair + 1);
    }
    meet();
    if constexpr (COLUMN_TILES > TURN_TILES) {
      multiply_turn<TURN_TILES, COLUMN_TILES - TURN_TILES, COLUMN_TILES, INPUT_TILES>(of_hidden, of_input, one_hot,
                                                                                      rows_at + at, sums_at + at);
    }
  }
  wait_for_copies<0>();
  cluster_barrier();
  // A lane has rows lane / 4 and lane / 4 + 8 of a tile.
  int width = SLOTS * layer.units;
  int column = SLOTS * first_unit + first_column + lane % 4 * 2;
  int all_rows = INPUT_TILES > 0 ? layer.symbols + layer.units + 1 : layer.units;
  float* own = layer.partials + (long long)(first_sequence / SEQUENCES) * all_rows * width;
#pragma unroll
  for (int m = 0; m < HIDDEN_TILES + INPUT_TILES; m++) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      bool of_h = m < HIDDEN_TILES;
      int row = ((of_h ? m : m - HIDDEN_TILES) * ROW_GROUPS + group) * 16 + lane / 4 + half * 8;
      bool exists = row < (of_h ? layer.units : layer.symbols + 1);
      int r = of_h ? layer.symbols + row : row == layer.symbols ? layer.symbols + layer.units : row;
#pragma unroll
      for (int n = 0; n < COLUMN_TILES; n++) {
        const float(&sums)[4] = of_h ? of_hidden[m % HIDDEN_TILES][n] : of_input[of_h ? 0 : m - HIDDEN_TILES][n];
#pragma unroll
        for (int e = 0; e < 2; e++) {
          if (exists && column + n * 8 + e < width) {
            own[r * width + column + n * 8 + e] = sums[half * 2 + e] * (of_h ? 1.0f : 0.5f);
          }
        }
      }
    }
  }
}
