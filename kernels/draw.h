// Draws symbols, for draw.cu and sample.cu.
#pragma once
#include "philox.h"

// The uniform number from 0 to 1 at key seed and counter (position, SAMPLE, sentence).
static __device__ __forceinline__ double uniform(u64 seed, int sentence, int position) {
  Words words = philox(seed, position, SAMPLE, sentence, sentence < 0 ? 0xffffffffu : 0);
  return (double)(((u64)words.at[0] << 32 | words.at[1]) >> 11) * (1.0 / 9007199254740992.0);
}

// The kept symbols: in order of falling logits, and of rising ids among equal logits, all up to the given logit and
// symbol; last is the highest kept id.
struct Kept {
  float logit;
  int symbol;
  int last;
};

static __device__ __forceinline__ bool keeps(const Kept& kept, float logit, int symbol) {
  return logit > kept.logit || (logit == kept.logit && symbol <= kept.symbol);
}

// Takes symbols by falling logits until `count` are kept or the sum of their shares reaches the goal. Each kept symbol
// costs a pass over all symbols; this needs no memory, and useful settings keep few symbols.
template <typename Logit, typename Share>
static __device__ __forceinline__ Kept most_probable(const Logit& logit, const Share& share, int symbols, int count,
                                                     double goal) {
  Kept kept = {INFINITE, -1, 0};
  double sum = 0.0;
#pragma unroll 1
  for (int n = 0; n < count && (n == 0 || sum < goal); n++) {
    float most = -INFINITE;
    int next = -1;
#pragma unroll 1
    for (int j = 0; j < symbols; j++) {
      float value = logit(j);
      if (!keeps(kept, value, j) && (next < 0 || value > most)) {
        most = value;
        next = j;
      }
    }
    kept = {most, next, max(kept.last, next)};
    sum += share(next);
  }
  return kept;
}

// Keeps the top_k most probable symbols, and of these the fewest most probable whose shares reach top_p of the sum.
template <typename Logit, typename Share>
static __device__ __forceinline__ Kept kept_of(const Logit& logit, const Share& share, int symbols, int top_k,
                                               double top_p) {
  Kept kept = {-INFINITE, symbols - 1, symbols - 1};
  double goal = INFINITE;
#pragma unroll 1
  for (int pass = 0; pass < 2; pass++) {
    if (pass == 0 ? top_k < symbols : top_p < 1.0) {
      kept = most_probable(logit, share, symbols, min(top_k, symbols), goal);
    }
    double sum = 0.0;
    for (int j = 0; pass == 0 && top_p < 1.0 && j < symbols; j++) {
      sum += keeps(kept, logit(j), j) ? share(j) : 0.0;
    }
    goal = top_p * sum;
  }
  return kept;
}

// Walks the cumulative distribution in id order up to a uniform number. Shares need not add up to 1; symbols that are
// not kept have none. All callers share this order of sums and this rounding.
template <typename Logit, typename Share>
static __device__ __forceinline__ int walk(const Logit& logit, const Share& share, int symbols, int top_k,
                                           double top_p, double number) {
  Kept kept = kept_of(logit, share, symbols, top_k, top_p);
  double sum = 0.0;
  for (int j = 0; j <= kept.last; j++) {
    sum += keeps(kept, logit(j), j) ? share(j) : 0.0;
  }
  double rest = number * sum;
  int symbol = -1;
  do {
    symbol++;
    rest -= keeps(kept, logit(symbol), symbol) ? share(symbol) : 0.0;
  } while (rest >= 0.0 && symbol < kept.last);
  return symbol;
}
