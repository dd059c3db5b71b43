// Draws a symbol for each row of logits (B,V) from softmax(logits / temperature). Top-k keeps the top_k most
// probable symbols; top-p keeps the fewest of these whose probabilities reach top_p of their sum. draw.h walks the kept
// symbols' cumulative distribution up to the uniform number at key seed, sentence and position. At temperature 0 the
// most probable symbol is drawn, of equals the lowest id; -1 if a logit is NaN. One thread per row; launch B. Bytes: 8
// B V, and 4 B V for each kept symbol unless all are kept. FLOPs: about 8 B V, in double as on the other devices.
#include "draw.h"

extern "C" __global__ void draw(const void* logits, double temperature, int top_k, double top_p, u64 seed,
                                const int* sentences, const int* position, int* drawn, int rows, int symbols,
                                int bf16) {
  wait_for_launch_before();
  let_next_launch_begin();
  int row = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= rows) {
    return;
  }
  const void* z = place(logits, (long long)row * symbols, bf16);
  int best = 0;
  float max = load(z, 0, bf16);
  for (int j = 0; j < symbols; j++) {
    float value = load(z, j, bf16);
    if (value != value) {
      drawn[row] = -1;
      return;
    }
    if (value > max) {
      max = value;
      best = j;
    }
  }
  if (temperature > 0.0) {
    auto share = [=](int j) { return exp(((double)load(z, j, bf16) - max) / temperature); };
    auto logit = [=](int j) { return load(z, j, bf16); };
    best = walk(logit, share, symbols, top_k, top_p, uniform(seed, sentences[row], *position));
  }
  drawn[row] = best;
}
