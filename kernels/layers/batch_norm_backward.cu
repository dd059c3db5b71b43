// The backward pass of a batch normalisation of M rows, from the partial sums that batch_norm_sums.cu made by slices:
//   dgamma (C) = the sum of dy (M,C) normal, dbeta (C) = the sum of dy, where normal = (x (M,C) - mean) / deviation
//   dx (M,C)   = gamma (C) / deviation (dy - (dbeta + normal dgamma) / M), which may be dy
// Each block computes both sums, and the first slice's blocks write them. statistics (2,W) has mean and 1 / deviation.
// batch_norm.h describes blocks, order and W. Bytes: 12 M C + 8 S W + 8 W + 12 C; the second term is read again by each
// slice's blocks, and bf16 halves the first. FLOPs: 7 M C, and 2 C S in each slice's blocks.
#include "batch_norm.h"

extern "C" __global__ void batch_norm_backward(const void* __restrict__ x, const void* dy, void* dx,
                                               const float* __restrict__ gamma, const float* __restrict__ statistics,
                                               const float* __restrict__ partials, float* __restrict__ dgamma,
                                               float* __restrict__ dbeta, int rows, int columns, int slices, int bf16) {
  wait_for_launch_before();
  let_next_launch_begin();
  Tile tile = tile_of(rows, columns, slices);
  Sums own = {};
  for (int slice = threadIdx.y; tile.left > 0 && slice < slices; slice += ROWS) {
    const float* from = partials + 2 * slice * tile.width + tile.column;
    own.merge({*(const Four*)from, *(const Four*)(from + tile.width)});
  }
  Sums all = over_block(own);
  if (tile.slice == 0 && threadIdx.y == 0) {
    write_anywhere(dgamma + tile.column, tile.left, all.gamma);
    write_anywhere(dbeta + tile.column, tile.left, all.beta);
  }
  Four mean = read_anywhere(statistics + tile.column, tile.left);
  Four inverse = read_anywhere(statistics + tile.width + tile.column, tile.left);
  Four scale = read_anywhere(gamma + tile.column, tile.left);
  for (int k = 0; k < 4; k++) {
    scale.at[k] *= inverse.at[k];
    all.gamma.at[k] /= rows;
    all.beta.at[k] /= rows;
  }
  by_columns(columns, bf16, [&](auto access) {
    typedef decltype(access) Access;
    struct Both {
      typename Access::Fours x;
      typename Access::Fours dy;
    };
    const typename Access::Element* from = (const typename Access::Element*)x + tile.column;
    const typename Access::Element* gradients = (const typename Access::Element*)dy + tile.column;
    typename Access::Element* to = (typename Access::Element*)dx + tile.column;
    each_row(
        tile,
        [&](int row) {
          return Both{access.read(from + row * columns, tile.left), access.read(gradients + row * columns, tile.left)};
        },
        [&](int row, const Both& both) {
          Four gradient = widened(both.dy);
          Four normal = normalised(widened(both.x), mean, inverse);
          for (int k = 0; k < 4; k++) {
            float rest = gradient.at[k] - all.beta.at[k] - normal.at[k] * all.gamma.at[k];
            gradient.at[k] = scale.at[k] * rest;
          }
          access.write(to + row * columns, tile.left, gradient);
        });
  });
}
