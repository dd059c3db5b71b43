// partials (S,2,W) = mean and sum of squared deviations of the columns of x (M,C) over each of S slices of its rows,
// for batch_norm_forward.cu. batch_norm.h describes blocks, order and W.
// Bytes: 4 M C + 8 S W; bf16 halves the first term. FLOPs: about 5 M C.
#include "batch_norm.h"

extern "C" __global__ void batch_norm_moments(const void* __restrict__ x, float* __restrict__ partials, int rows,
                                              int columns, int slices, int bf16) {
  wait_for_launch_before();
  let_next_launch_begin();
  Tile tile = tile_of(rows, columns, slices);
  Moments own = {};
  by_columns(columns, bf16, [&](auto access) {
    typedef typename decltype(access)::Element Element;
    const Element* from = (const Element*)x + tile.column;
    each_row(
        tile, [&](int row) { return access.read(from + row * columns, tile.left); },
        [&](int, const auto& four) { own.add(widened(four)); });
  });
  Moments all = over_block(own);
  if (threadIdx.y == 0 && tile.left > 0) {
    float* to = partials + 2 * tile.slice * tile.width + tile.column;
    *(Four*)to = all.mean;
    *(Four*)(to + tile.width) = all.squares;
  }
}
