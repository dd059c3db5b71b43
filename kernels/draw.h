// How a symbol is drawn, for draw.cu and sample.cu.
#pragma once
#include "philox.h"

// The uniform number from 0 to 1 at key seed and counter (position, SAMPLE, sentence).
static __device__ __forceinline__ double uniform(u64 seed, int sentence, int position) {
  Words words = philox(seed, position, SAMPLE, sentence, sentence < 0 ? 0xffffffffu : 0);
  return (double)(((u64)words.at[0] << 32 | words.at[1]) >> 11) * (1.0 / 9007199254740992.0);
}

// Walks the cumulative distribution in id order up to a uniform number, by each symbol's share, which need not add up
// to 1. One order of sums and one rounding for all who draw.
template <typename Share>
static __device__ __forceinline__ int walk(const Share& share, int symbols, double number) {
  double sum = 0.0;
  for (int j = 0; j < symbols; j++) {
    sum += share(j);
  }
  double rest = number * sum;
  rest -= share(0);
  int symbol = 0;
  while (rest >= 0.0 && symbol < symbols - 1) {
    symbol++;
    rest -= share(symbol);
  }
  return symbol;
}
