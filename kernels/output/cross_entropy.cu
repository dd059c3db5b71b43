// Softmax, cross-entropy and its gradient in one pass over logits (M,V), a warp a row; stable for any finite logits;
// a row with a NaN has a loss of NaN.
//   loss of a row   = -ln softmax(logits)[target]
//   hit of a row    = 1 if the target is the prediction, the symbol of the highest logit, the lowest of equals, else 0
//   gradient (M,V)  = (softmax(logits) - onehot(target)) / *count, unless gradient is null; it may be the logits.
//   partials (G,5)  = the sums of losses and hits over each block's rows, in double and in one order, and the number of
//                     rows that count; then the sum of losses and the number of rows without padding, for totals.cu
// A row whose target is -1 does not count: its gradient is zero, and it has neither loss nor hit. A target of -2 - id
// marks padding; such a row counts, with the target id.
// Block 32 x 8; launch G blocks. Warp y of block b takes rows 8 b + y, 8 (b + G) + y, ... The first 128 symbols of a
// row stay in registers and are read once, the others three times. A row may begin at any element, so a lane reads one
// element at a time, and a warp 32 side by side.
// Bytes: 8 M V + 4 M + 40 G; bf16 halves the first term. FLOPs: about 6 M V.
#include "losses.h"

#define WARPS 8
#define HELD 4

extern "C" __global__ void cross_entropy(const void* logits, const int* __restrict__ targets,
                                         const double* __restrict__ count, void* gradient,
                                         double* __restrict__ partials, int rows, int symbols, int bf16) {
  wait_for_launch_before();
  let_next_launch_begin();
  SHARED_ARRAY(Losses, parts, 2 * WARPS);
  float scale = gradient ? 1.0f / (float)*count : 0.0f;
  Losses seen = {};
  for (int row = blockIdx.x * WARPS + threadIdx.y; row < rows; row += gridDim.x * WARPS) {
    const void* z = place(logits, (long long)row * symbols, bf16);
    void* dz = gradient ? (void*)place(gradient, (long long)row * symbols, bf16) : 0;
    int target = targets[row];
    int id = id_of(target);
    if (id < 0) {
      for (int j = threadIdx.x; gradient && j < symbols; j += WARP) {
        store(dz, j, 0.0f, bf16);
      }
      continue;
    }
    float target_logit = load(z, id, bf16);
    float held[HELD];
    float max = -INFINITE;
#pragma unroll
    for (int k = 0; k < HELD && k * WARP < symbols; k++) {
      int j = k * WARP + threadIdx.x;
      held[k] = j < symbols ? load(z, j, bf16) : -INFINITE;
      max = fmaxf(max, held[k]);
    }
    for (int j = HELD * WARP + threadIdx.x; j < symbols; j += WARP) {
      max = fmaxf(max, load(z, j, bf16));
    }
    max = warp_max(max);
    float sum = 0.0f;
    bool before = false;
#pragma unroll
    for (int k = 0; k < HELD && k * WARP < symbols; k++) {
      before |= held[k] == max && k * WARP + threadIdx.x < id;
      held[k] = expf(held[k] - max);
      sum += held[k];
    }
    for (int j = HELD * WARP + threadIdx.x; j < symbols; j += WARP) {
      float value = load(z, j, bf16);
      before |= value == max && j < id;
      sum += expf(value - max);
    }
    sum = warp_sum(sum);
    bool hit = !__any_sync(FULL_MASK, before) && target_logit == max;
    add_to(seen, threadIdx.x, target < 0, logf(sum) + max - target_logit, hit);
    if (gradient) {
      float inverse = 1.0f / sum;
      // All lanes must read the target's logit before any lane writes.
      __syncwarp();
#pragma unroll
      for (int k = 0; k < HELD && k * WARP < symbols; k++) {
        int j = k * WARP + threadIdx.x;
        if (j < symbols) {
          store(dz, j, (held[k] * inverse - (j == id ? 1.0f : 0.0f)) * scale, bf16);
        }
      }
      for (int j = HELD * WARP + threadIdx.x; j < symbols; j += WARP) {
        float p = expf(load(z, j, bf16) - max) * inverse;
        store(dz, j, (p - (j == id ? 1.0f : 0.0f)) * scale, bf16);
      }
    }
  }
  keep_losses(parts, threadIdx.y, threadIdx.x, seen);
  __syncthreads();
  if (threadIdx.x == 0 && threadIdx.y == 0) {
    write_losses(partials + TOTALS * blockIdx.x, parts, WARPS);
  }
}
