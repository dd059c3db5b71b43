// CUDA's functions for kernels beyond those of the C library: names of the CPU's with another spelling, bits, rounding,
// printing. Results are the C library's, which is more exact than a card's quick ones.
#pragma once

namespace sim {

int print_text(const char* format, ...);
void fail_assertion(const char* condition, const char* file, int line);
void stop_thread();

template <typename T>
inline T plain(T value) {
  return value;
}
template <typename T>
inline T plain(Old<T> old) {
  return old;
}
template <typename... Values>
inline int print(const char* format, Values... values) {
  return print_text(format, plain(values)...);
}

inline float inverse_root(float x) { return 1.0f / sqrtf(x); }
inline double inverse_root(double x) { return 1.0 / ::sqrt(x); }
inline float between_0_and_1(float x) { return x >= 0.0f ? (x < 1.0f ? x : 1.0f) : 0.0f; }

// Where a number does not fit, the nearest that does; NaN gives 0.
inline int whole(float x) {
  return x != x ? 0 : x >= 2147483648.0f ? 0x7fffffff : x < -2147483648.0f ? int(0x80000000u) : int(x);
}
inline unsigned natural(float x) {
  return !(x > 0.0f) ? 0u : x >= 4294967296.0f ? 0xffffffffu : unsigned(x);
}

}

#define printf(...) sim::print(__VA_ARGS__)
#undef assert
#define assert(condition) ((condition) ? void() : sim::fail_assertion(#condition, __FILE__, __LINE__))
#define __trap() sim::stop_thread()

#define warpSize 32

// Macros, since the C library has functions of its own under some of these names.
#define rsqrtf(x) sim::inverse_root(float(x))
#define rsqrt(x) sim::inverse_root(double(x))
#define __frsqrt_rn(x) sim::inverse_root(float(x))
#define __expf(x) expf(x)
#define __exp10f(x) exp2f((x) * 3.32192809488736f)
#define __logf(x) logf(x)
#define __log2f(x) log2f(x)
#define __log10f(x) log10f(x)
#define __sinf(x) sinf(x)
#define __cosf(x) cosf(x)
#define __tanf(x) tanf(x)
#define __powf(x, y) powf(x, y)
#define __sincosf(x, sine, cosine) (*(sine) = sinf(x), *(cosine) = cosf(x), void())
#define __saturatef(x) sim::between_0_and_1(x)

inline float fdividef(float x, float y) { return x / y; }
inline float __fdividef(float x, float y) { return x / y; }
inline float __fadd_rn(float x, float y) { return x + y; }
inline float __fsub_rn(float x, float y) { return x - y; }
inline float __fmul_rn(float x, float y) { return x * y; }
inline float __fdiv_rn(float x, float y) { return x / y; }
inline float __fmaf_rn(float x, float y, float z) { return fmaf(x, y, z); }
inline float __frcp_rn(float x) { return 1.0f / x; }
inline float __fsqrt_rn(float x) { return sqrtf(x); }

inline int __float2int_rn(float x) { return sim::whole(nearbyintf(x)); }
inline int __float2int_rz(float x) { return sim::whole(truncf(x)); }
inline int __float2int_rd(float x) { return sim::whole(floorf(x)); }
inline int __float2int_ru(float x) { return sim::whole(ceilf(x)); }
inline unsigned __float2uint_rn(float x) { return sim::natural(nearbyintf(x)); }
inline unsigned __float2uint_rz(float x) { return sim::natural(truncf(x)); }
inline float __int2float_rn(int x) { return float(x); }
inline float __uint2float_rn(unsigned x) { return float(x); }
inline int __float_as_int(float value) { return sim::same_bits<int>(value); }
inline long long __double_as_longlong(double value) { return sim::same_bits<long long>(value); }
inline double __longlong_as_double(long long bits) { return sim::same_bits<double>(bits); }

inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz(unsigned(x)); }
inline int __clzll(long long x) { return x == 0 ? 64 : __builtin_clzll((unsigned long long)x); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline int __ffsll(long long x) { return __builtin_ffsll(x); }
inline unsigned __brev(unsigned x) {
  unsigned reversed = 0;
  for (int i = 0; i < 32; i++) {
    reversed |= (x >> i & 1) << (31 - i);
  }
  return reversed;
}
inline unsigned long long __brevll(unsigned long long x) {
  return (unsigned long long)__brev(unsigned(x)) << 32 | __brev(unsigned(x >> 32));
}
inline unsigned __umulhi(unsigned x, unsigned y) { return unsigned((unsigned long long)x * y >> 32); }
inline int __mulhi(int x, int y) { return int((long long)x * y >> 32); }
inline int __mul24(int x, int y) { return int(((long long)x << 40 >> 40) * ((long long)y << 40 >> 40)); }

template <typename T>
inline T __ldg(const T* address) {
  return *address;
}

// Threads of a block run one after another, and what one has written the next sees.
inline void __threadfence() {}
inline void __threadfence_block() {}
inline void __threadfence_system() {}

// Of two types the one that CUDA takes.
#define CHARLSTM_LEAST_AND_MOST(A, B, T)                                       \
  inline T min(A a, B b) {                                                     \
    return static_cast<T>(b) < static_cast<T>(a) ? static_cast<T>(b) : static_cast<T>(a); \
  }                                                                            \
  inline T max(A a, B b) {                                                     \
    return static_cast<T>(a) < static_cast<T>(b) ? static_cast<T>(b) : static_cast<T>(a); \
  }
CHARLSTM_LEAST_AND_MOST(int, int, int)
CHARLSTM_LEAST_AND_MOST(int, unsigned, unsigned)
CHARLSTM_LEAST_AND_MOST(unsigned, int, unsigned)
CHARLSTM_LEAST_AND_MOST(unsigned, unsigned, unsigned)
CHARLSTM_LEAST_AND_MOST(long, long, long)
CHARLSTM_LEAST_AND_MOST(unsigned long, unsigned long, unsigned long)
CHARLSTM_LEAST_AND_MOST(long long, long long, long long)
CHARLSTM_LEAST_AND_MOST(unsigned long long, unsigned long long, unsigned long long)
#undef CHARLSTM_LEAST_AND_MOST
inline float min(float a, float b) { return fminf(a, b); }
inline double min(double a, double b) { return fmin(a, b); }
inline double min(float a, double b) { return fmin(a, b); }
inline double min(double a, float b) { return fmin(a, b); }
inline double max(float a, double b) { return fmax(a, b); }
inline double max(double a, float b) { return fmax(a, b); }
