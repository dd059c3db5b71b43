// How a symbol is drawn, for draw.cu and sample.cu.
#pragma once
#include "device.h"

// The uniform number from 0 to 1 of Philox4x32-10 (Salmon et al. 2011) at key seed and counter (position, SAMPLE,
// sentence).
#define SAMPLE 3
#define ROUNDS 10

static __device__ __forceinline__ double uniform(u64 seed, int sentence, int position) {
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
