// The generator Philox4x32-10 of Salmon, Moraes, Dror and Shaw (2011), the same as in random/Philox.java.
#pragma once
#include "device.h"

// The purposes of random numbers, the second word of the counter.
#define SAMPLE 3
#define DROPOUT 5

struct Words {
  u32 at[4];
};

// The four words at a key and a counter.
static __device__ __forceinline__ Words philox(u64 key, u32 c0, u32 c1, u32 c2, u32 c3) {
  u32 k0 = (u32)key, k1 = (u32)(key >> 32);
#pragma unroll
  for (int round = 0; round < 10; round++) {
    u64 p0 = (u64)0xD2511F53u * c0;
    u64 p1 = (u64)0xCD9E8D57u * c2;
    c0 = (u32)(p1 >> 32) ^ c1 ^ k0;
    c2 = (u32)(p0 >> 32) ^ c3 ^ k1;
    c1 = (u32)p1;
    c3 = (u32)p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return {{c0, c1, c2, c3}};
}
