// Softmax, cross-entropy and its gradient in one pass over logits (M,V), a warp a row; stable for any finite logits;
// a row with a NaN has a loss of NaN.
//   loss of a row   = -ln softmax(logits)[target]
//   hit of a row    = 1 if the target is the prediction, the symbol of the highest logit, the lowest of equals, else 0
//   gradient (M,V)  = (softmax(logits) - onehot(target)) / *count, unless gradient is null; it may be the logits.
//   partials (G,3)  = the sums of losses and hits over each block's rows, in double and in one order, and how many of
//                     the rows count, for totals.cu
// A row whose target is below 0 does not count: its gradient is zero, and it has neither loss nor hit.
// Block 32 x 8; launch G blocks, of which warp y of block b takes rows 8 b + y, 8 (b + G) + y, ... The first 128
// symbols of a row stay in registers and are read once, those beyond three times. A row begins where 16 bytes need
// not, so each lane reads an element, and a warp 32 side by side.
// Bytes: 8 M V + 4 M + 24 G, half of the first in bf16. FLOPs: about 6 M V.
#include "device.h"

#define WARPS 8
#define HELD 4

extern "C" __global__ void cross_entropy(const void* logits, const int* __restrict__ targets,
                                         const double* __restrict__ count, void* gradient,
                                         double* __restrict__ partials, int rows, int symbols, int bf16) {
  SHARED_ARRAY(double, losses, WARPS);
  SHARED_ARRAY(int, hits, WARPS);
  SHARED_ARRAY(int, counts, WARPS);
  float scale = gradient ? 1.0f / (float)*count : 0.0f;
  double loss = 0.0;
  int hit = 0;
  int counted = 0;
  for (int row = blockIdx.x * WARPS + threadIdx.y; row < rows; row += gridDim.x * WARPS) {
    const void* z = place(logits, (long long)row * symbols, bf16);
    void* dz = gradient ? (void*)place(gradient, (long long)row * symbols, bf16) : 0;
    int target = targets[row];
    if (target < 0) {
      for (int j = threadIdx.x; gradient && j < symbols; j += WARP) {
        store(dz, j, 0.0f, bf16);
      }
      continue;
    }
    float target_logit = load(z, target, bf16);
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
      before |= held[k] == max && k * WARP + threadIdx.x < target;
      held[k] = expf(held[k] - max);
      sum += held[k];
    }
    for (int j = HELD * WARP + threadIdx.x; j < symbols; j += WARP) {
      float value = load(z, j, bf16);
      before |= value == max && j < target;
      sum += expf(value - max);
    }
    sum = warp_sum(sum);
    loss += logf(sum) + max - target_logit;
    hit += !__any_sync(FULL_MASK, before) && target_logit == max;
    counted++;
    if (gradient) {
      float inverse = 1.0f / sum;
#pragma unroll
      for (int k = 0; k < HELD && k * WARP < symbols; k++) {
        int j = k * WARP + threadIdx.x;
        if (j < symbols) {
          store(dz, j, (held[k] * inverse - (j == target ? 1.0f : 0.0f)) * scale, bf16);
        }
      }
      for (int j = HELD * WARP + threadIdx.x; j < symbols; j += WARP) {
        float p = expf(load(z, j, bf16) - max) * inverse;
        store(dz, j, (p - (j == target ? 1.0f : 0.0f)) * scale, bf16);
      }
    }
  }
  if (threadIdx.x == 0) {
    losses[threadIdx.y] = loss;
    hits[threadIdx.y] = hit;
    counts[threadIdx.y] = counted;
  }
  __syncthreads();
  if (threadIdx.x == 0 && threadIdx.y == 0) {
    for (int y = 1; y < WARPS; y++) {
      loss += losses[y];
      hit += hits[y];
      counted += counts[y];
    }
    partials[3 * blockIdx.x] = loss;
    partials[3 * blockIdx.x + 1] = hit;
    partials[3 * blockIdx.x + 2] = counted;
  }
}
