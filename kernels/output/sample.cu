// Writes L symbols of each of B sentences in one launch, a block per sentence, all float32: draws a symbol from the
// logits (B,V) as draw.cu does, at *position and the positions after it, stores it in history (L,B), feeds it to the
// layers, and draws again. After the launch, logits, each recurrent layer's h, an LSTM's cell (B,H) and symbols (B) are
// the same as after L rounds of launches for one symbol: the last symbol is fed, too. Every block reads the position,
// so another launch has to advance it. Recurrent layers compute as lstm_forward.cu, gru_forward.cu with gru_reset.cu,
// and elman_forward.cu, dense layers as bias_forward.cu; -1 feeds zeros, NaN stays NaN. A GRU with the reset before the
// product has two entries in the table: z and r h first, then h.
// Weights of products that a block can keep are read once per launch: in registers 64 rows of the first entry's
// recurrent kernel, in shared memory the rows of all matrices for which the host has found room. Other weights are read
// for each symbol. Where a layer has fewer columns than there are threads, several threads sum parts of a column's
// rows, and their sums are added in order; the result's bits do not depend on where weights are kept. Launch B blocks
// of a multiple of 32 threads, at most 512, with dynamic shared memory up to the end of the layers' places. Elements
// are counted in 32 bits. Let W weights of products be kept and X not, S be the units with h or a cell, each counted
// separately, C the biases of all layers, G the columns of the first layer, and U the units of recurrent layers. Bytes:
// B (4 W + 8 S + 8 V + 12 + 112 an entry) + B L (4 X + 4 C + 4 G + 4). FLOPs: B L (2 (W + X) + at most 90 U), and in
// double about 50 B L V.
// double about 50 B L V.
#include "draw.h"

#define MOST_THREADS 512
// Quads of four rows each that stay in registers.
#define KEPT_QUADS 16

// How a unit's output is computed from the sums of its columns.
enum Kind {
  // The activation of one column, with or without a recurrent kernel.
  ACTIVATED,
  // From the sums of i, f, c~, o.
  LSTM,
  // From the sums of z, r, h~; h~ has an input sum and a recurrent sum, and the recurrent sums have their own biases.
  GRU,
  // With the reset before the product, from the sums of z and r; the output is r h.
  GRU_RESET,
  // From the sum of h~ and the kept z.
  GRU_CANDIDATE
};

// A matrix of which a layer takes some columns, and the vector that the matrix is multiplied by. A quad is four rows.
// Parts have equal numbers of quads. Quads before `first` are in registers; from `first` on, `held` quads lie in shared
// memory from a place on, the four rows of a column side by side, with zeros beyond the last. Places are counted in
// floats.
struct Factor {
  int weights;
  int rows;
  int each;
  int vector;
  int first;
  int held;
  int place;
};

// A layer as the host lays it out, or one of the two halves of a GRU with two entries. h and cell may be null. The
// second factor is the recurrent kernel; a factor without rows is absent. At `kernel` lie the rows that ids select; a
// negative `kernel` means none. Rows of weights are `width` apart. `kept` is the place of an LSTM's cells, or of a
// GRU's z between its halves.
struct Layer {
  float* hidden;
  float* cell;
  Factor factors[2];
  int kernel;
  int bias;
  int outputs;
  int columns;
  int width;
  int kind;
  int activation;
  int parts;
  int output;
  int kept;
};

// Takes values, not references, because through references nvcc reads shared memory element by element.
static __device__ __forceinline__ float times(float sum, Four x, Four weights) {
#pragma unroll
  for (int k = 0; k < 4; k++) {
    sum += x.at[k] * weights.at[k];
  }
  return sum;
}

// A column's weights in a quad of which `left` rows exist; the other weights are zeros.
static __device__ __forceinline__ Four read_rows(const float* __restrict__ at, int left, u32 columns) {
  Four rows;
#pragma unroll
  for (int k = 0; k < 4; k++) {
    rows.at[k] = k < left ? at[k * columns] : 0.0f;
  }
  return rows;
}

// A unit's output from its sums. h is the unit's previous value, kept the value at that place.
static __device__ __forceinline__ float output_of(const Layer& layer, const float (&sum)[4], float h, float& kept) {
  int kind = layer.activation;
  if (layer.kind == LSTM) {
    float cell = gate_of(sum[1], kind) * kept;
    cell += gate_of(sum[0], kind) * tanhf(sum[2]);
    kept = cell;
    return gate_of(sum[3], kind) * tanhf(cell);
  }
  if (layer.kind == ACTIVATED) {
    return activated(sum[0], kind);
  }
  float z = layer.kind == GRU_CANDIDATE ? kept : gate_of(sum[0], kind);
  float r = layer.kind == GRU_CANDIDATE ? 1.0f : gate_of(sum[1], kind);
  if (layer.kind == GRU_RESET) {
    kept = z;
    return r * h;
  }
  float candidate = layer.kind == GRU ? tanhf(sum[2] + r * sum[3]) : tanhf(sum[0]);
  return (1.0f - z) * candidate + z * h;
}

// The quads of one of the parts of a column.
static __device__ __forceinline__ void range_of(const Factor& factor, int part, int& from, int& to) {
  int quads = (factor.rows + 3) / 4;
  from = min(part * factor.each, quads);
  to = min(from + factor.each, quads);
}

extern "C" __global__ void __launch_bounds__(MOST_THREADS) sample(
    const Layer* __restrict__ table, const float* __restrict__ weights, float* __restrict__ logits, double temperature,
    int top_k, double top_p, u64 seed, const int* __restrict__ sentences, const int* __restrict__ position,
    int* __restrict__ symbols, int* __restrict__ history, int count, int sums, int shares, int steps) {
  wait_for_launch_before();
  DYNAMIC_SHARED(Four, shared);
  int threads = blockDim.x;
  float* values = (float*)shared;
  const Layer* layers = (const Layer*)shared;
  for (int i = threadIdx.x; i < count * (int)(sizeof(Layer) / sizeof(int)); i += threads) {
    ((int*)shared)[i] = ((const int*)table)[i];
  }
  __syncthreads();
  const Layer& last = layers[count - 1];
  float* z = values + last.output;
  int symbol_count = last.outputs;
  double* share = (double*)(values + shares);
  int* drawn = (int*)(share + symbol_count);
  for (int l = 0; l < count; l++) {
    const Layer& layer = layers[l];
    int n = layer.outputs;
    const float* before = layer.hidden ? layer.hidden + blockIdx.x * n : logits + blockIdx.x * n;
    bool known = layer.hidden || l == count - 1;
    // Vectors end in zeros for the rows that fill up the last quad.
    for (int i = threadIdx.x; i < (n + 3) / 4 * 4; i += threads) {
      values[layer.output + i] = known && i < n ? before[i] : 0.0f;
    }
    for (int i = threadIdx.x; layer.cell && i < n; i += threads) {
      values[layer.kept + i] = layer.cell[blockIdx.x * n + i];
    }
    for (int f = 0; f < 2; f++) {
      const Factor& factor = layer.factors[f];
      int columns = layer.columns;
      Four* held = (Four*)(values + factor.place);
      for (int i = threadIdx.x; i < factor.held * columns; i += threads) {
        int quad = (u32)i / columns;
        int row = 4 * (factor.first + quad);
        const float* at = weights + factor.weights + row * layer.width + (i - quad * columns);
        held[i] = read_rows(at, factor.rows - row, layer.width);
      }
    }
  }
  Four kept[KEPT_QUADS];
  const Factor& recurrent = layers[0].factors[1];
  if (recurrent.first > 0 && threadIdx.x < layers[0].parts * layers[0].columns) {
    int columns = layers[0].columns;
    u32 width = layers[0].width;
    int from, to;
    range_of(recurrent, threadIdx.x / columns, from, to);
#pragma unroll
    for (int j = 0; j < KEPT_QUADS; j++) {
      if (from + j < to) {
        int row = 4 * (from + j);
        const float* at = weights + recurrent.weights + row * width + threadIdx.x % columns;
        kept[j] = read_rows(at, recurrent.rows - row, width);
      }
    }
  }
  int first_position = threadIdx.x == 0 ? *position : 0;
  int sentence = threadIdx.x == 0 ? sentences[blockIdx.x] : 0;
  int symbol = 0;
  __syncthreads();
#pragma unroll 1
  for (int step = 0; step < steps; step++) {
    float most = z[0];
    bool none = false;
    for (int j = threadIdx.x % WARP; j < symbol_count; j += WARP) {
      most = fmaxf(most, z[j]);
      none |= z[j] != z[j];
    }
    most = warp_max(most);
    none = __any_sync(FULL_MASK, none);
    for (int j = threadIdx.x; temperature > 0.0 && j < symbol_count; j += threads) {
      share[j] = exp(((double)z[j] - most) / temperature);
    }
    __syncthreads();
    if (threadIdx.x == 0) {
      int taken = -1;
      if (!none && temperature > 0.0) {
        auto share_of = [=](int j) { return share[j]; };
        auto logit_of = [=](int j) { return z[j]; };
        taken = walk(logit_of, share_of, symbol_count, top_k, top_p, uniform(seed, sentence, first_position + step));
      } else if (!none) {
        do {
          taken++;
        } while (z[taken] != most);
      }
      history[step * gridDim.x + blockIdx.x] = taken;
      *drawn = taken;
    }
    __syncthreads();
    symbol = *drawn;
#pragma unroll 1
    for (int l = 0; l < count; l++) {
      const Layer& layer = layers[l];
      int columns = layer.columns;
      u32 width = layer.width;
      int apart = layer.kind == GRU ? layer.outputs : 0;
      // There is more than one round only if each column has a single part.
#pragma unroll 1
      for (int i = threadIdx.x; i < layer.parts * columns; i += threads) {
        int part = (u32)i / columns;
        int column = i - part * columns;
        // Loaded here, and added when the products are complete.
        float bias = part == 0 ? weights[layer.bias + column] : 0.0f;
        float recurrent_bias = apart && part == 0 ? weights[layer.bias + width + column] : 0.0f;
        bool looked_up = layer.kernel >= 0 && part == 0 && symbol >= 0;
        float own = looked_up ? weights[layer.kernel + symbol * width + column] : 0.0f;
        float* to_sum = values + sums + i + part * apart;
        float sum = 0.0f;
#pragma unroll 1
        for (int f = 0; f < 2; f++) {
          const Factor& factor = layer.factors[f];
          if (f == 1 && apart && column >= 2 * apart) {
            *to_sum = sum + (bias + own);
            to_sum += apart;
            sum = bias = own = 0.0f;
          }
          const Four* x = (const Four*)(values + factor.vector);
          int from, to;
          range_of(factor, part, from, to);
          if (factor.first > 0) {
#pragma unroll
            for (int j = 0; j < KEPT_QUADS; j++) {
              if (j < to - from) {
                sum = times(sum, x[from + j], kept[j]);
              }
            }
            from += KEPT_QUADS;
          }
          int end = min(to, factor.first + factor.held);
          int first = factor.first;
          const Four* held = (const Four*)(values + factor.place) + column;
#pragma unroll 4
          for (int q = from; q < end; q++) {
            sum = times(sum, x[q], held[(q - first) * columns]);
          }
          from = max(from, end);
          const float* at = weights + factor.weights + 4 * from * width + column;
          int rows = factor.rows - 4 * from;
#pragma unroll 4
          for (int q = from; q < to; q++, at += 4 * width, rows -= 4) {
            sum = times(sum, x[q], read_rows(at, rows, width));
          }
        }
        *to_sum = sum + (bias + own + recurrent_bias);
      }
      __syncthreads();
      for (int unit = threadIdx.x; unit < layer.outputs; unit += threads) {
        const float* of_part = values + sums + unit;
        float total[4] = {};
#pragma unroll 1
        for (int part = 0; part < layer.parts; part++, of_part += columns + apart) {
          for (int g = 0; g < 4; g++) {
            total[g] += g * layer.outputs < columns + apart ? of_part[g * layer.outputs] : 0.0f;
          }
        }
        int before = layer.kind == GRU_RESET ? layer.factors[1].vector : layer.output;
        values[layer.output + unit] = output_of(layer, total, values[before + unit], values[layer.kept + unit]);
      }
      __syncthreads();
    }
  }
  let_next_launch_begin();
  for (int l = 0; l < count; l++) {
    const Layer& layer = layers[l];
    int n = layer.outputs;
    for (int i = threadIdx.x; layer.hidden && i < n; i += threads) {
      layer.hidden[blockIdx.x * n + i] = values[layer.output + i];
    }
    for (int i = threadIdx.x; layer.cell && i < n; i += threads) {
      layer.cell[blockIdx.x * n + i] = values[layer.kept + i];
    }
  }
  for (int j = threadIdx.x; j < symbol_count; j += threads) {
    logits[blockIdx.x * symbol_count + j] = z[j];
  }
  if (threadIdx.x == 0) {
    symbols[blockIdx.x] = symbol;
  }
}
