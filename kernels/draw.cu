// Draws a symbol for each row of logits (B,V) from softmax(logits / temperature), walking the cumulative distribution
// in id order up to the uniform number of Philox4x32-10 (Salmon et al. 2011) at key seed and counter
// (position, SAMPLE, sentence). At temperature 0 the most probable, the lowest id of equals; -1 if a logit is NaN.
// One thread a row; launch B. Bytes: 8 B V. FLOPs: about 8 B V, in double as on the other devices.
#include "device.h"

#define SAMPLE 3
#define ROUNDS 10

static __device__ double uniform(u64 seed, int sentence, int position) {
  u32 c0 = position, c1 = SAMPLE, c2 = sentence, c3 = sentence < 0 ? 0xffffffffu : 0;
  u32 k0 = (u32)seed, k1 = (u32)(seed >> 32);
  for (int round = 0; round < ROUNDS; round++) {
    u64 p0 = (u64)0xD2511F53u * c0;
    u64 p1 = (u64)0xCD9E8D57u * c2;
    c0 = (u32)(p1 >> 32) ^ c1 ^ k0;
    c2 = (u32)(p0 >> 32) ^ c3 ^ k1;
    c1 = (u32)p1;
    c3 = (u32)p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return (double)(((u64)c0 << 32 | c1) >> 11) * (1.0 / 9007199254740992.0);
}

extern "C" __global__ void draw(const void* logits, double temperature, u64 seed, const int* sentences,
                                const int* position, int* drawn, int rows, int symbols, int bf16) {
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
  int symbol = best;
  if (temperature > 0.0) {
    double sum = 0.0;
    for (int j = 0; j < symbols; j++) {
      sum += exp(((double)load(z, j, bf16) - max) / temperature);
    }
    double rest = uniform(seed, sentences[row], *position) * sum;
    rest -= exp(((double)load(z, 0, bf16) - max) / temperature);
    symbol = 0;
    while (rest >= 0.0 && symbol < symbols - 1) {
      symbol++;
      rest -= exp(((double)load(z, symbol, bf16) - max) / temperature);
    }
  }
  drawn[row] = symbol;
}
