// CUDA's words for kernels, with a meaning on the CPU. Included before every kernel by the build; nothing of it is seen
// by nvcc. A thread is a fiber, and the compiler's thread instrumentation reports each access it makes.
#pragma once
#include <math.h>
#include <stdint.h>
#include <string.h>

#define CHARLSTM_SIMULATED 1

// A kernel stays a function of its own, or its body would be inlined into a caller that is not instrumented.
#define __global__ __attribute__((noinline, noclone, visibility("hidden")))
#define __launch_bounds__(...)
#define CLUSTER_OF(blocks)
#define __device__
#define __forceinline__ inline
#define __restrict__

struct uint3 {
  unsigned x, y, z;
};

namespace sim {

typedef uint3 Index;

// Constant in the compiler's sense: they never change during a thread's life.
__attribute__((const)) Index thread_index();
__attribute__((const)) Index block_index();
__attribute__((const)) Index block_size();
__attribute__((const)) Index grid_size();
__attribute__((const)) unsigned lane();

void barrier();
void warp_barrier(unsigned mask);
uint64_t exchange(unsigned mask, uint64_t value, unsigned source);
// A bit of each lane of the mask.
unsigned vote(unsigned mask, bool value);
void refuse_width(int width);

// The block's array that was declared at this site; a new one is poisoned.
void* shared_array(const void* site, size_t bytes);
void* dynamic_shared();

void copy(void* to, const void* from, size_t bytes);
void fill(void* to, int value, size_t bytes);

template <typename T>
inline T exchange_value(unsigned mask, T value, unsigned source) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8, "a shuffle moves 4 or 8 bytes");
  uint64_t sent = 0;
  __builtin_memcpy(&sent, &value, sizeof value);
  uint64_t received = exchange(mask, sent, source);
  T result;
  __builtin_memcpy(&result, &received, sizeof result);
  return result;
}

// The caller's lane in its segment of the given width, and where that begins.
inline unsigned within(int width) {
  if (width < 1 || width > 32 || (width & (width - 1)) != 0) {
    refuse_width(width);
  }
  return lane() & (width - 1);
}
inline unsigned segment(int width) { return lane() - within(width); }

template <typename To, typename From>
inline To same_bits(From value) {
  To result;
  static_assert(sizeof result == sizeof value, "sizes differ");
  __builtin_memcpy(&result, &value, sizeof result);
  return result;
}

}

#define threadIdx (sim::thread_index())
#define blockIdx (sim::block_index())
#define blockDim (sim::block_size())
#define gridDim (sim::grid_size())

#define SHARED_ARRAY(type, name, count)  \
  static const char charlstm_site_##name = 0; \
  type(&name)[count] = *static_cast<type(*)[count]>(sim::shared_array(&charlstm_site_##name, sizeof(type[count])))
#define DYNAMIC_SHARED(type, name) type* name = static_cast<type*>(sim::dynamic_shared())

#define memcpy(to, from, bytes) sim::copy(to, from, bytes)
#define memset(to, value, bytes) sim::fill(to, value, bytes)

inline void __syncthreads() { sim::barrier(); }
inline void __syncwarp(unsigned mask = 0xffffffffu) { sim::warp_barrier(mask); }

// Where there is no such lane in the caller's segment, as shfl.sync has it: the value of the lane that is there modulo
// the width, or else the caller's own. An exclusive or reaches into segments below the caller's, but not above.
template <typename T>
inline T __shfl_sync(unsigned mask, T value, int source, int width = 32) {
  return sim::exchange_value(mask, value, sim::segment(width) + (source & (width - 1)));
}
template <typename T>
inline T __shfl_up_sync(unsigned mask, T value, unsigned lanes, int width = 32) {
  lanes %= 32;
  return sim::exchange_value(mask, value, sim::lane() - (sim::within(width) >= lanes ? lanes : 0));
}
template <typename T>
inline T __shfl_down_sync(unsigned mask, T value, unsigned lanes, int width = 32) {
  lanes %= 32;
  return sim::exchange_value(mask, value, sim::lane() + (sim::within(width) + lanes < unsigned(width) ? lanes : 0));
}
template <typename T>
inline T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32) {
  unsigned source = sim::lane() ^ (lanes & 31);
  return sim::exchange_value(mask, value, source < sim::segment(width) + width ? source : sim::lane());
}

inline unsigned __ballot_sync(unsigned mask, int predicate) { return sim::vote(mask, predicate != 0); }
inline int __any_sync(unsigned mask, int predicate) { return sim::vote(mask, predicate != 0) != 0; }
inline int __all_sync(unsigned mask, int predicate) { return sim::vote(mask, predicate == 0) == 0; }

inline float __int_as_float(int bits) { return sim::same_bits<float>(bits); }
inline float __uint_as_float(unsigned bits) { return sim::same_bits<float>(bits); }
inline unsigned __float_as_uint(float value) { return sim::same_bits<unsigned>(value); }

template <typename T>
inline T min(T a, T b) { return b < a ? b : a; }
template <typename T>
inline T max(T a, T b) { return a < b ? b : a; }
// As for CUDA, the number wins over NaN, which plain comparison would not promise.
inline float max(float a, float b) { return fmaxf(a, b); }
inline double max(double a, double b) { return fmax(a, b); }

#include "language/ptx_on_cpu.h"
