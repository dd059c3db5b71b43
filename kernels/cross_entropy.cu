// Softmax, cross-entropy and its gradient in one pass over logits (M,V), a warp a row; stable for any finite logits;
// a row with a NaN has a loss of NaN.
//   loss of a row   = -ln softmax(logits)[target]
//   hit of a row    = 1 if no symbol has a higher logit than the target, else 0
//   gradient (M,V)  = (softmax(logits) - onehot(target)) * scale, unless gradient is null; it may be the logits.
//   partials (G,2)  = the sums of losses and hits over each block's rows, in double and in one order, for totals.cu
// Block 32 x 8; launch G blocks, of which warp y of block b takes rows 8 b + y, 8 (b + G) + y, ...
// Bytes: 8 M V + 4 M + 16 G, half of the first in bf16. FLOPs: about 6 M V.
#include "device.h"

#define WARPS 8

extern "C" __global__ void cross_entropy(const void* logits, const int* targets, void* gradient, double* partials,
                                         int rows, int symbols, float scale, int bf16) {
  SHARED_ARRAY(double, losses, WARPS);
  SHARED_ARRAY(double, hits, WARPS);
  double loss = 0.0;
  double hit = 0.0;
  for (int row = blockIdx.x * WARPS + threadIdx.y; row < rows; row += gridDim.x * WARPS) {
    long long z = (long long)row * symbols;
    int target = targets[row];
    float target_logit = load(logits, z + target, bf16);
    float max = -__int_as_float(0x7f800000);
    for (int j = threadIdx.x; j < symbols; j += WARP) {
      max = fmaxf(max, load(logits, z + j, bf16));
    }
    max = warp_max(max);
    float sum = 0.0f;
    for (int j = threadIdx.x; j < symbols; j += WARP) {
      sum += expf(load(logits, z + j, bf16) - max);
    }
    sum = warp_sum(sum);
    loss += logf(sum) + max - target_logit;
    hit += target_logit == max ? 1.0 : 0.0;
    if (gradient) {
      float inverse = 1.0f / sum;
      for (int j = threadIdx.x; j < symbols; j += WARP) {
        float p = expf(load(logits, z + j, bf16) - max) * inverse;
        store(gradient, z + j, (p - (j == target ? 1.0f : 0.0f)) * scale, bf16);
      }
    }
  }
  if (threadIdx.x == 0) {
    losses[threadIdx.y] = loss;
    hits[threadIdx.y] = hit;
  }
  __syncthreads();
  if (threadIdx.x == 0 && threadIdx.y == 0) {
    for (int y = 1; y < WARPS; y++) {
      loss += losses[y];
      hit += hits[y];
    }
    partials[2 * blockIdx.x] = loss;
    partials[2 * blockIdx.x + 1] = hit;
  }
}
