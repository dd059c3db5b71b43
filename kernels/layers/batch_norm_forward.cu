// y (M,C) = gamma (C) (x (M,C) - mean) / deviation + beta (C), where deviation is sqrt(variance + epsilon).
// In training, partials come from batch_norm_moments.cu, for the same slices. Each block computes mean and variance
// from the partials, and the first slice's blocks write
//   statistics (2,W) = mean and 1 / deviation, for the backward pass
//   moving (2,C)     = momentum moving + (1 - momentum) mean and variance
// Where partials is null, mean and variance are the moving ones, and only y is written. batch_norm.h describes blocks,
// order and W. Bytes: 8 M C + 8 C, and in training 8 W S + 8 W + 16 C more, of which each slice's blocks read 8 W S
// again; bf16 halves the first term. FLOPs: 3 M C, and in training about 7 C S more in each slice's blocks.
#include "batch_norm.h"

extern "C" __global__ void batch_norm_forward(const void* __restrict__ x, void* __restrict__ y, const float* gamma,
                                              const float* beta, float* moving, const float* __restrict__ partials,
                                              float* __restrict__ statistics, float momentum, float rest, float epsilon,
                                              int rows, int columns, int slices, int bf16) {
  wait_for_launch_before();
  let_next_launch_begin();
  Tile tile = tile_of(rows, columns, slices);
  Four mean;
  Four variance;
  if (partials) {
    Moments own = {};
    for (int slice = threadIdx.y; tile.left > 0 && slice < slices; slice += ROWS) {
      const float* from = partials + 2 * slice * tile.width + tile.column;
      int count = min(rows - slice * tile.length, tile.length);
      own.merge({*(const Four*)from, *(const Four*)(from + tile.width), count > 0 ? (float)count : 0.0f});
    }
    Moments all = over_block(own);
    mean = all.mean;
    for (int k = 0; k < 4; k++) {
      variance.at[k] = all.squares.at[k] / rows;
    }
  } else {
    mean = read_anywhere(moving + tile.column, tile.left);
    variance = read_anywhere(moving + columns + tile.column, tile.left);
  }
  Four inverse;
  for (int k = 0; k < 4; k++) {
    inverse.at[k] = 1.0f / sqrtf(variance.at[k] + epsilon);
  }
  if (partials && tile.slice == 0 && threadIdx.y == 0 && tile.left > 0) {
    *(Four*)(statistics + tile.column) = mean;
    *(Four*)(statistics + tile.width + tile.column) = inverse;
    for (int k = 0; k < 4 && k < tile.left; k++) {
      float* moved = moving + tile.column + k;
      moved[0] = momentum * moved[0] + rest * mean.at[k];
      moved[columns] = momentum * moved[columns] + rest * variance.at[k];
    }
  }
  Four scale = read_anywhere(gamma + tile.column, tile.left);
  Four shift = read_anywhere(beta + tile.column, tile.left);
  by_columns(columns, bf16, [&](auto access) {
    typedef typename decltype(access)::Element Element;
    const Element* from = (const Element*)x + tile.column;
    Element* to = (Element*)y + tile.column;
    each_row(
        tile, [&](int row) { return access.read(from + row * columns, tile.left); },
        [&](int row, const auto& four) {
          Four result = normalised(widened(four), mean, inverse);
          for (int k = 0; k < 4; k++) {
            result.at[k] = scale.at[k] * result.at[k] + shift.at[k];
          }
          access.write(to + row * columns, tile.left, result);
        });
  });
}
