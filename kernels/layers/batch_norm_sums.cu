// partials (S,2,W) = sums of dy (M,C) (x (M,C) - mean) / deviation and of dy over each of S slices of the rows, for
// batch_norm_backward.cu. statistics (2,W) has mean and 1 / deviation. batch_norm.h describes blocks, order and W.
// Bytes: 8 M C + 8 S W + 8 W; bf16 halves the first term. FLOPs: 5 M C.
#include "batch_norm.h"

extern "C" __global__ void batch_norm_sums(const void* __restrict__ x, const void* __restrict__ dy,
                                           const float* __restrict__ statistics, float* __restrict__ partials, int rows,
                                           int columns, int slices, int bf16) {
  wait_for_launch_before();
  let_next_launch_begin();
  Tile tile = tile_of(rows, columns, slices);
  Four mean = read_anywhere(statistics + tile.column, tile.left);
  Four inverse = read_anywhere(statistics + tile.width + tile.column, tile.left);
  Sums own = {};
  by_columns(columns, bf16, [&](auto access) {
    typedef decltype(access) Access;
    struct Both {
      typename Access::Fours x;
      typename Access::Fours dy;
    };
    const typename Access::Element* from = (const typename Access::Element*)x + tile.column;
    const typename Access::Element* gradients = (const typename Access::Element*)dy + tile.column;
    each_row(
        tile,
        [&](int row) {
          return Both{access.read(from + row * columns, tile.left), access.read(gradients + row * columns, tile.left)};
        },
        [&](int, const Both& both) {
          Four gradient = widened(both.dy);
          Four normal = normalised(widened(both.x), mean, inverse);
          for (int k = 0; k < 4; k++) {
            normal.at[k] *= gradient.at[k];
          }
          own.merge({normal, gradient});
        });
  });
  Sums all = over_block(own);
  if (threadIdx.y == 0 && tile.left > 0) {
    float* to = partials + 2 * tile.slice * tile.width + tile.column;
    *(Four*)to = all.gamma;
    *(Four*)(to + tile.width) = all.beta;
  }
}
