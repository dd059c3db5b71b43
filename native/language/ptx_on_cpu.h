// Twins of what kernels/ptx.h asks for in PTX, under its names.
#pragma once

namespace sim {

// A lane's fragments of matrices, small enough to be passed in registers: nothing of a kernel's own becomes memory.
struct Sums {
  float at[4];
};
struct Registers {
  unsigned at[4];
};
struct Pair {
  unsigned at[2];
};

Sums multiply_add(Sums d, Registers a, Pair b);
Registers load_matrices(const void* row, bool transposed);
void copy_ahead(void* shared, const void* global);
void commit_copies();
void wait_for_copies(unsigned groups_left);
unsigned transposed(unsigned two);

unsigned cluster_rank();
void cluster_barrier();
unsigned long long place_in(const void* shared, unsigned rank);
void make_arrival_barrier(unsigned long long* barrier);
void expect_bytes(unsigned long long* barrier, unsigned bytes);
void wait_for_bytes(unsigned long long* barrier, unsigned parity);
void named_barrier(unsigned id, unsigned threads);
void arrive_at_named_barrier(unsigned id, unsigned threads);
void wait_for_launch_before();
void let_next_launch_begin();
void send(unsigned long long to, unsigned long long barrier, unsigned value);
void send(unsigned long long to, unsigned long long barrier, Sums values);

}

template <typename T>
inline T opaque(T value) {
  return value;
}

// No cache is simulated; wherever it points, it is no access.
inline void prefetch(const void*) {}

inline void wait_at(int barrier, int threads) { sim::named_barrier(barrier, threads); }
inline void arrive_at(int barrier, int threads) { sim::arrive_at_named_barrier(barrier, threads); }
inline void wait_for_launch_before() { sim::wait_for_launch_before(); }
inline void let_next_launch_begin() { sim::let_next_launch_begin(); }

inline void multiply_add(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  sim::Sums sums = sim::multiply_add({{d[0], d[1], d[2], d[3]}}, {{a[0], a[1], a[2], a[3]}}, {{b[0], b[1]}});
  for (int i = 0; i < 4; i++) {
    d[i] = sums.at[i];
  }
}

inline void load_matrices(unsigned (&to)[4], const void* row) {
  sim::Registers loaded = sim::load_matrices(row, false);
  for (int i = 0; i < 4; i++) {
    to[i] = loaded.at[i];
  }
}

inline void load_matrices_transposed(unsigned (&to)[4], const void* row) {
  sim::Registers loaded = sim::load_matrices(row, true);
  for (int i = 0; i < 4; i++) {
    to[i] = loaded.at[i];
  }
}

inline void copy_ahead(void* shared, const void* global) { sim::copy_ahead(shared, global); }
inline void commit_copies() { sim::commit_copies(); }
template <int N>
inline void wait_for_copies() {
  static_assert(N >= 0, "so many groups may still be under way");
  sim::wait_for_copies(N);
}

// Rounded to 11 bits: as wrong as a card's may be. The smallest numbers pass as they are, as there.
inline float quick_tanh(float x) {
  float y = tanhf(x);
  if (!(fabsf(y) >= 0x1p-126f)) {
    return y;
  }
  unsigned bits = sim::same_bits<unsigned>(y);
  return sim::same_bits<float>((bits + 0xfff + (bits >> 13 & 1)) & ~0x1fffu);
}

inline unsigned transposed(unsigned two) { return sim::transposed(two); }

// A place in the shared memory of some block of the cluster.
typedef unsigned long long Remote;

inline unsigned cluster_rank() { return sim::cluster_rank(); }
inline void cluster_barrier() { sim::cluster_barrier(); }
inline Remote place_in(const void* shared, unsigned rank) { return sim::place_in(shared, rank); }
inline void make_arrival_barrier(unsigned long long* barrier) { sim::make_arrival_barrier(barrier); }
inline void expect_bytes(unsigned long long* barrier, unsigned bytes) { sim::expect_bytes(barrier, bytes); }
inline void wait_for_bytes(unsigned long long* barrier, unsigned parity) { sim::wait_for_bytes(barrier, parity); }
inline void send(Remote to, Remote barrier, unsigned value) { sim::send(to, barrier, value); }
inline void send(Remote to, Remote barrier, const float (&values)[4]) {
  sim::send(to, barrier, sim::Sums{{values[0], values[1], values[2], values[3]}});
}

inline unsigned lower_halves(unsigned low, unsigned high) { return (low & 0xffff) | high << 16; }
inline float quick_exp2(float x) { return exp2f(x); }
inline float quick_reciprocal(float x) { return 1.0f / x; }
