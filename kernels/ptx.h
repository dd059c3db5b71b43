// The inline PTX of warps, copies and clusters. The simulated GPU brings twins of the same names. A kernel that uses an
// instruction its architecture lacks is never launched there; it would stop.
#pragma once

// The same value, but the compiler does not see how it came about: it keeps it across a loop rather than compute it
// again in each round, and computes what follows from it where that is used. No instruction comes of this.
static __device__ __forceinline__ int opaque(int value) {
  asm volatile("" : "+r"(value));
  return value;
}

static __device__ __forceinline__ u32 opaque(u32 value) {
  asm volatile("" : "+r"(value));
  return value;
}

static __device__ __forceinline__ float opaque(float value) {
  asm volatile("" : "+f"(value));
  return value;
}

// Brings the 32 bytes of global memory that an address lies in into the L2 cache. Nobody waits for that.
static __device__ __forceinline__ void prefetch(const void* global) {
  asm volatile("prefetch.global.L2 [%0];" ::"l"(__cvta_generic_to_global(global)));
}

// Barriers of some warps of a block, by numbers from 1 to 15. A barrier ends when so many threads have come: those that
// wait there and those that only arrive.
static __device__ __forceinline__ void wait_at(int barrier, int threads) {
  asm volatile("bar.sync %0, %1;" ::"r"(barrier), "r"(threads) : "memory");
}

static __device__ __forceinline__ void arrive_at(int barrier, int threads) {
  asm volatile("bar.arrive %0, %1;" ::"r"(barrier), "r"(threads) : "memory");
}

// Waits until the kernel before this one in the stream has ended and all that it wrote can be read, where this one may
// begin before that (programmatic dependent launch). Nothing that earlier kernels write is read before.
static __device__ __forceinline__ void wait_for_launch_before() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

// Lets the kernel after this one begin as soon as all blocks have come here or ended, where it may begin early.
static __device__ __forceinline__ void let_next_launch_begin() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}

// Of compute capability 8.0 and newer: products on tensor cores, and copies beside a kernel.

// d (16,8) += a (16,16) b (16,8), of bf16 factors with float32 sums. Lane l holds, with g = l / 4 and t = 2 * (l % 4),
// the lower index in the lower half of a register: of a columns t and t + 1 of rows g and g + 8, then columns t + 8 and
// t + 9 of the same rows; of b rows t and t + 1 of column g, then rows t + 8 and t + 9; of d columns t and t + 1 of row
// g, then of row g + 8. All lanes of a warp take part, here and in the next two.
static __device__ __forceinline__ void multiply_add(float (&d)[4], const u32 (&a)[4], const u32 (&b)[2]) {
#if __CUDA_ARCH__ >= 800
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  __trap();
#endif
}

// Four (8,8) of 16-bit elements from shared memory: lane l says where row l % 8 of matrix l / 8 begins, a multiple of
// 16 bytes. Of each matrix it gets elements t and t + 1 of row g.
static __device__ __forceinline__ void load_matrices(u32 (&to)[4], const void* row) {
#if __CUDA_ARCH__ >= 800
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
               : "r"((u32)__cvta_generic_to_shared(row))
               : "memory");
#else
  __trap();
#endif
}

// The same of each matrix's transpose: elements of rows t and t + 1 of column g.
static __device__ __forceinline__ void load_matrices_transposed(u32 (&to)[4], const void* row) {
#if __CUDA_ARCH__ >= 800
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
               : "r"((u32)__cvta_generic_to_shared(row))
               : "memory");
#else
  __trap();
#endif
}

// Starts to copy 16 bytes to shared memory, both places multiples of 16 bytes.
static __device__ __forceinline__ void copy_ahead(void* shared, const void* global) {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"((u32)__cvta_generic_to_shared(shared)),
               "l"(__cvta_generic_to_global(global))
               : "memory");
#else
  __trap();
#endif
}

// Makes a group of the copies that this thread has started since it made the last.
static __device__ __forceinline__ void commit_copies() {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.commit_group;" ::: "memory");
#else
  __trap();
#endif
}

// Waits for this thread's groups but the last N; what other threads have copied is there after a barrier that follows
// their wait.
template <int N>
static __device__ __forceinline__ void wait_for_copies() {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.wait_group %0;" ::"n"(N) : "memory");
#else
  __trap();
#endif
}

// The hyperbolic tangent to about 11 bits, in one instruction. NaN stays NaN.
static __device__ __forceinline__ float quick_tanh(float x) {
  float y;
  asm("tanh.approx.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

// 2^x to 2 units in the last place, and 1 / x to 1, each in one instruction; below 2^-126 all counts as 0. NaN stays
// NaN.
static __device__ __forceinline__ float quick_exp2(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

static __device__ __forceinline__ float quick_reciprocal(float x) {
  float y;
  asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

// Blocks of a cluster, of compute capability 9.0 and newer, reach one another's shared memory. A kernel says after
// `__global__ void` how many blocks along x make a cluster; its grid is a multiple of that.
#if __CUDA_ARCH__ >= 900
#define CLUSTER_OF(blocks) __cluster_dims__(blocks, 1, 1)
#else
#define CLUSTER_OF(blocks)
#endif

// A place in the shared memory of some block of the cluster, to which bytes may be added.
typedef u32 Remote;

// Which block of its cluster this is.
static __device__ __forceinline__ u32 cluster_rank() {
  u32 rank = 0;
#if __CUDA_ARCH__ >= 900
  asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
#else
  __trap();
#endif
  return rank;
}

// All threads of all blocks of the cluster come here before one goes on; the threads of a warp come together.
static __device__ __forceinline__ void cluster_barrier() {
#if __CUDA_ARCH__ >= 900
  asm volatile("barrier.cluster.arrive.release.aligned;\n\tbarrier.cluster.wait.acquire.aligned;" ::: "memory");
#else
  __trap();
#endif
}

// Where the same place is in the shared memory of another block of the cluster, or of this one.
static __device__ __forceinline__ Remote place_in(const void* shared, u32 rank) {
  Remote place = 0;
#if __CUDA_ARCH__ >= 900
  asm volatile("mapa.shared::cluster.u32 %0, %1, %2;"
               : "=r"(place)
               : "r"((u32)__cvta_generic_to_shared(shared)), "r"(rank));
#else
  __trap();
#endif
  return place;
}

// An arrival barrier in this block's shared memory (PTX calls it mbarrier), 8 bytes aligned to 8. Each of its phases
// ends when one thread has said how many bytes to expect and as many have arrived. A cluster barrier stands between
// this and all use of it by another block.
static __device__ __forceinline__ void make_arrival_barrier(u64* barrier) {
#if __CUDA_ARCH__ >= 900
  asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;\n\tfence.mbarrier_init.release.cluster;"
               ::"r"((u32)__cvta_generic_to_shared(barrier))
               : "memory");
#else
  __trap();
#endif
}

// Says, once a phase, how many bytes it waits for.
static __device__ __forceinline__ void expect_bytes(u64* barrier, u32 bytes) {
#if __CUDA_ARCH__ >= 900
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;"
               ::"r"((u32)__cvta_generic_to_shared(barrier)), "r"(bytes)
               : "memory");
#else
  __trap();
#endif
}

// Waits until the phase of this parity has ended: the first is 0, the second 1, the third 0 and so on. Bytes that
// arrived in it are then there for this thread. Lanes may come out one after the other; __syncwarp() stands before what
// a warp does together.
// It acquires at the scope of the block, which is PTX's default, though other blocks send: bytes and barrier lie in
// this block's own shared memory, no cache stands before that, and the barrier counts bytes when they are there. So
// CUTLASS waits for other blocks of a cluster. At the scope of the cluster, as NVIDIA's example of st.async has it,
// ptxas would drop the L1 cache each time: 50 cycles more a step forward, 160 backward.
static __device__ __forceinline__ void wait_for_bytes(u64* barrier, u32 parity) {
#if __CUDA_ARCH__ >= 900
  asm volatile(
      "{\n\t.reg .pred ended;\n"
      "again:\n\tmbarrier.try_wait.parity.shared::cta.b64 ended, [%0], %1;\n\t"
      "@!ended bra again;\n\t}"
      ::"r"((u32)__cvta_generic_to_shared(barrier)), "r"(parity)
      : "memory");
#else
  __trap();
#endif
}

// Sends 4 bytes, or 16, to a multiple of as many in the shared memory of a block of the cluster, and lets an arrival
// barrier there count them. The thread does not wait.
static __device__ __forceinline__ void send(Remote to, Remote barrier, u32 value) {
#if __CUDA_ARCH__ >= 900
  asm volatile("st.async.shared::cluster.mbarrier::complete_tx::bytes.b32 [%0], %2, [%1];"
               ::"r"(to), "r"(barrier), "r"(value)
               : "memory");
#else
  __trap();
#endif
}

static __device__ __forceinline__ void send(Remote to, Remote barrier, const float (&values)[4]) {
#if __CUDA_ARCH__ >= 900
  asm volatile("st.async.shared::cluster.mbarrier::complete_tx::bytes.v4.f32 [%0], {%2, %3, %4, %5}, [%1];"
               ::"r"(to), "r"(barrier), "f"(values[0]), "f"(values[1]), "f"(values[2]), "f"(values[3])
               : "memory");
#else
  __trap();
#endif
}

// Of a matrix (8,8) of 16 bits the transpose: lane l holds elements t and t + 1 of row g, as load_matrices gives them,
// and gets those of the transpose's row g. All lanes of a warp take part. Of compute capability 7.5 and newer.
static __device__ __forceinline__ u32 transposed(u32 two) {
  u32 result = 0;
#if __CUDA_ARCH__ >= 750
  asm volatile("movmatrix.sync.aligned.m8n8.trans.b16 %0, %1;" : "=r"(result) : "r"(two));
#else
  __trap();
#endif
  return result;
}

// The lower half of one in the lower half, that of the other in the upper, in one instruction.
static __device__ __forceinline__ u32 lower_halves(u32 low, u32 high) {
  u32 halves;
  asm("prmt.b32 %0, %1, %2, 0x5410;" : "=r"(halves) : "r"(low), "r"(high));
  return halves;
}
