// Accesses and their order by PTX's memory model, for kernels whose accesses and fences are all known: kernels in PTX.
// All functions concern the running thread, and fail it as other checks do.
#pragma once
#include <cstddef>
#include <cstdint>

namespace sim __attribute__((visibility("default"))) {

using Address = uintptr_t;

// The scope of a relaxed, volatile or atomic access; .sys counts as .gpu. Two such accesses do not race if each thread
// is within the other access' scope.
enum class Strength : uint8_t { WEAK, BLOCK, CLUSTER, GPU };

// Checks a read or a write of any memory, a read or a write of device memory, an atomic read and write, and
// ld.global.nc, whose memory nothing may write during the launch. Each fails the running thread, if there is one.
void check_access(Address address, size_t size, bool writes, Strength strength = Strength::WEAK);
void check_device(Address address, size_t size, bool writes);
void check_atomic(Address address, size_t size, Strength strength = Strength::GPU);
void check_constant(Address address, size_t size);

// fence.acq_rel, or fence.sc and membar if sequential; and fence.mbarrier_init, which publishes the thread's new
// barriers at the next barrier of the cluster, relaxed or not.
void fence(Strength scope, bool sequential);
void fence_made_mbarriers();
// Called just before a release (st.release, atom.release or acq_rel), and just after an acquire (ld.acquire,
// atom.acquire or acq_rel).
void release(Address address, Strength scope);
void acquire(Address address, Strength scope);

// bar.sync, bar.arrive and bar.red of one of 16 barriers; 0 threads means all of the block. The sum counts the
// participating threads that voted true.
void named_barrier(unsigned id, unsigned threads);
bool is_block_barrier(unsigned id, unsigned threads);
void arrive_at_named_barrier(unsigned id, unsigned threads);
struct Votes {
  unsigned count = 0;  // that gave true
  bool any = false, all = false;
};
Votes named_barrier_votes(unsigned id, unsigned threads, bool value);

// barrier.cluster.arrive, with or without .relaxed, and barrier.cluster.wait.
void arrive_at_cluster_barrier(bool releases);
void wait_at_cluster_barrier();

// mbarriers in the shared memory of the running block or, for arrivals, of another of its cluster; of any launch.
void make_mbarrier(Address address, unsigned count);
void invalidate_mbarrier(Address address);
// Counts arrivals, after adding to the expected bytes. The returned state names the phase of the arrival, and holds the
// number of arrivals that were pending before. The phase may be forbidden to end by this arrival.
struct Arrival {
  unsigned count = 1, expected_bytes = 0;
  bool drops = false, may_end = true;
  Strength releases_to = Strength::BLOCK;
};
uint64_t arrive_at_mbarrier(Address address, const Arrival& arrival);
unsigned pending_of_state(uint64_t state);
// mbarrier.expect_tx and mbarrier.complete_tx.
void expect_bytes_at_mbarrier(Address address, unsigned bytes);
void complete_bytes_at_mbarrier(Address address, unsigned bytes);
// cp.async.mbarrier.arrive: arrives when the thread's copies so far have completed; without .noinc the pending count is
// incremented.
void arrive_after_copies(Address address, bool increments);
// Asks whether the phase has ended. If it has not, a try suspends the thread until the phase ends or nothing else runs,
// and a test does not.
struct Question {
  bool by_parity = false, may_wait = false;
  uint64_t state_or_parity = 0;
  Strength acquires_from = Strength::BLOCK;
};
bool mbarrier_phase_ended(Address address, const Question& question);

// st.async of 4, 8 or 16 bytes into another block of the cluster, counted at its mbarrier.
void send_bytes(Address to, Address mbarrier, const void* bytes, size_t size);

// cp.async of 4, 8 or 16 bytes to shared memory: the first `read` bytes are read, and the others become zeros.
void copy_to_shared(Address shared, Address global, size_t size, size_t read);

// cp.async.bulk of a multiple of 16 bytes: to shared memory of the cluster, counted at an mbarrier beside the
// destination, and from the block's own shared memory, in groups that the thread waits for.
void copy_bulk_to_shared(Address shared, Address from, size_t size, Address mbarrier);
void copy_bulk_to_global(Address global, Address shared, size_t size);
void commit_bulk_copies();
void wait_for_bulk_copies(unsigned groups_left);

// A place where a thread may spin: lets other threads of the block and concurrent blocks run before this thread.
// `computes` means that the thread did not look for changes by others.
void let_others_run(bool computes = false);

// The number of instructions after which the running thread pauses, by the launch's order; others then run until its
// next turn.
uint64_t instructions_to_pause();

}
