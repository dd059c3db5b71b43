// The inline PTX of warps, copies and clusters. The simulated GPU has its own functions of the same names. Kernels with
// an instruction that an architecture lacks are never launched there; such a kernel would trap.
#pragma once

// Returns the same value, but hides its origin from the compiler. The compiler then keeps the value across a loop
// instead of computing it in each iteration, and computes dependent values where they are used. No instruction results.
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

// Prefetches into the L2 cache the 32 bytes of global memory around an address, without waiting.
static __device__ __forceinline__ void prefetch(const void* global) {
  asm volatile("prefetch.global.L2 [%0];" ::"l"(__cvta_generic_to_global(global)));
}

// Barriers of some warps of a block, numbered from 1 to 15. A barrier ends when `threads` threads have come, waiting
// threads and arriving threads together.
static __device__ __forceinline__ void wait_at(int barrier, int threads) {
  asm volatile("bar.sync %0, %1;" ::"r"(barrier), "r"(threads) : "memory");
}

static __device__ __forceinline__ void arrive_at(int barrier, int threads) {
  asm volatile("bar.arrive %0, %1;" ::"r"(barrier), "r"(threads) : "memory");
}

// Waits until the previous kernel in the stream has ended and its writes are visible, if this kernel may begin earlier
// (programmatic dependent launch). Nothing that earlier kernels write may be read before this call.
static __device__ __forceinline__ void wait_for_launch_before() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

// Lets the next kernel begin, if it may begin early, as soon as all blocks have called this or ended.
static __device__ __forceinline__ void let_next_launch_begin() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}

// For compute capability 8.0 and newer: products on tensor cores, and asynchronous copies.

// d (16,8) += a (16,16) b (16,8), of bf16 factors with float32 sums. Let g = l / 4 and t = 2 * (l % 4) in lane l; the
// lower index is in the lower half of a register. Lane l holds of a columns t and t + 1 of rows g and g + 8, then
// columns t + 8 and t + 9 of the same rows; of b rows t and t + 1 of column g, then rows t + 8 and t + 9; of d columns
// t and t + 1 of row g, then of row g + 8. All lanes of a warp take part, as in the next two functions.
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

// Loads four (8,8) matrices of 16-bit elements from shared memory. Lane l passes the address of row l % 8 of matrix l /
// 8, a multiple of 16 bytes, and gets elements t and t + 1 of row g of each matrix.
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

// The same for each matrix' transpose: a lane gets elements of rows t and t + 1 of column g.
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

// Starts to copy 16 bytes to shared memory; both addresses are multiples of 16 bytes.
static __device__ __forceinline__ void copy_ahead(void* shared, const void* global) {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"((u32)__cvta_generic_to_shared(shared)),
               "l"(__cvta_generic_to_global(global))
               : "memory");
#else
  __trap();
#endif
}

// Makes a group of the copies that this thread started since the last commit.
static __device__ __forceinline__ void commit_copies() {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.commit_group;" ::: "memory");
#else
  __trap();
#endif
}

// Waits for this thread's groups except the last N. Other threads' copies are visible after these threads' wait and a
// barrier.
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

// 2^x to 2 units in the last place, and 1 / x to 1 unit, each in one instruction; a magnitude below 2^-126 counts as 0.
// NaN stays NaN.
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

// In a cluster, of compute capability 9.0 and newer, blocks access one another's shared memory. CLUSTER_OF stands after
// `__global__ void` and gives the blocks of a cluster along x; the grid is a multiple of that number.
#if __CUDA_ARCH__ >= 900
#define CLUSTER_OF(blocks) __cluster_dims__(blocks, 1, 1)
#else
#define CLUSTER_OF(blocks)
#endif

// A 32-bit address in the shared memory of a block of the cluster; bytes can be added to the address.
typedef u32 Remote;

// The rank of this block in its cluster.
static __device__ __forceinline__ u32 cluster_rank() {
  u32 rank = 0;
#if __CUDA_ARCH__ >= 900
  asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
#else
  __trap();
#endif
  return rank;
}

// Waits until all threads of all blocks of the cluster have come here; the threads of a warp must come together.
static __device__ __forceinline__ void cluster_barrier() {
#if __CUDA_ARCH__ >= 900
  asm volatile("barrier.cluster.arrive.release.aligned;\n\tbarrier.cluster.wait.acquire.aligned;" ::: "memory");
#else
  __trap();
#endif
}

// The address of the same place in the shared memory of another block of the cluster, or of this block.
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

// Initialises an arrival barrier (PTX: mbarrier) in this block's shared memory: 8 bytes, aligned to 8. A phase of the
// barrier ends when one thread has told the expected number of bytes and these bytes have arrived. A cluster barrier
// must stand between this call and any use by another block.
static __device__ __forceinline__ void make_arrival_barrier(u64* barrier) {
#if __CUDA_ARCH__ >= 900
  asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;\n\tfence.mbarrier_init.release.cluster;"
               ::"r"((u32)__cvta_generic_to_shared(barrier))
               : "memory");
#else
  __trap();
#endif
}

// Tells the expected bytes, once per phase.
static __device__ __forceinline__ void expect_bytes(u64* barrier, u32 bytes) {
#if __CUDA_ARCH__ >= 900
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;"
               ::"r"((u32)__cvta_generic_to_shared(barrier)), "r"(bytes)
               : "memory");
#else
  __trap();
#endif
}

// Waits until the phase of this parity has ended (the first is 0, the second 1, the third 0 and so on); the phase's
// bytes are then visible to this thread. Lanes may continue one after the other; __syncwarp() must stand before
// operations of the whole warp.
// The wait acquires at the scope of the block, PTX's default, although other blocks send. This is enough: bytes and
// barrier lie in this block's own shared memory, which no cache hides, and the barrier counts only bytes that have
// arrived. CUTLASS waits for other blocks of a cluster in the same way. Scope cluster, as in NVIDIA's example of
// st.async, would make ptxas invalidate the L1 cache each time: 50 cycles more per step forward, 160 backward.
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

// Sends 4 or 16 bytes to shared memory of a block of the cluster, aligned to their size; an arrival barrier there
// counts the bytes. The thread does not wait.
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

// Transposes an (8,8) matrix of 16-bit elements: lane l passes elements t and t + 1 of row g, as load_matrices gives
// them, and gets elements t and t + 1 of the transpose's row g. All lanes of a warp take part. For compute capability
// 7.5 and newer.
static __device__ __forceinline__ u32 transposed(u32 two) {
  u32 result = 0;
#if __CUDA_ARCH__ >= 750
  asm volatile("movmatrix.sync.aligned.m8n8.trans.b16 %0, %1;" : "=r"(result) : "r"(two));
#else
  __trap();
#endif
  return result;
}

// The lower halves of two words in one word, `low` below `high`, in one instruction.
static __device__ __forceinline__ u32 lower_halves(u32 low, u32 high) {
  u32 halves;
  asm("prmt.b32 %0, %1, %2, 0x5410;" : "=r"(halves) : "r"(low), "r"(high));
  return halves;
}
