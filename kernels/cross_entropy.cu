// Softmax, cross-entropy and its gradient in one pass over logits (M,V), a warp a row; stable for any finite logits;
// a row with a NaN has a loss of NaN.
//   row_losses (M)  = -ln softmax(logits)[target]
//   row_hits (M)    = 1 if no symbol has a higher logit than the target, else 0
//   gradient (M,V)  = (softmax(logits) - onehot(target)) * scale, unless gradient is null; it may be the logits.
// totals.cu sums the rows. Block 32 x R threads; launch ceil(M / R) blocks. Bytes: 8 M V + 12 M. FLOPs: about 6 M V.
#include "device.h"

extern "C" __global__ void cross_entropy(const float* logits, const int* targets, float* gradient, float* row_losses,
                                         float* row_hits, int rows, int symbols, float scale) {
  int row = blockIdx.x * blockDim.y + threadIdx.y;
  if (row >= rows) {
    return;
  }
  const float* z = logits + (long long)row * symbols;
  int target = targets[row];
  float target_logit = z[target];
  float max = -__int_as_float(0x7f800000);
  for (int j = threadIdx.x; j < symbols; j += WARP) {
    max = fmaxf(max, z[j]);
  }
  max = warp_max(max);
  float sum = 0.0f;
  for (int j = threadIdx.x; j < symbols; j += WARP) {
    sum += expf(z[j] - max);
  }
  sum = warp_sum(sum);
  if (threadIdx.x == 0) {
    row_losses[row] = logf(sum) + max - target_logit;
    row_hits[row] = target_logit == max ? 1.0f : 0.0f;
  }
  if (gradient) {
    float* dz = gradient + (long long)row * symbols;
    float inverse = 1.0f / sum;
    for (int j = threadIdx.x; j < symbols; j += WARP) {
      dz[j] = (expf(z[j] - max) * inverse - (j == target ? 1.0f : 0.0f)) * scale;
    }
  }
}
