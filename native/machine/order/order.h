// Accesses, and their order by PTX's memory model, for kernels whose every access and fence is known: those of PTX. All
// is about the running thread, and fails it as other checks do.
#pragma once
#include <cstddef>
#include <cstdint>

namespace sim __attribute__((visibility("default"))) {

using Address = uintptr_t;

// Of an access that is relaxed, volatile or atomic: its scope, .sys being as .gpu. It does not race with another whose
// threads both are within both scopes.
enum class Strength : uint8_t { WEAK, BLOCK, CLUSTER, GPU };

// Checks a read or a write of any memory, a read or a write of device memory, an atomic read and write, and
// ld.global.nc, whose memory nothing may write during the launch. Each fails the running thread, if there is one.
void check_access(Address address, size_t size, bool writes, Strength strength = Strength::WEAK);
void check_device(Address address, size_t size, bool writes);
void check_atomic(Address address, size_t size, Strength strength = Strength::GPU);
void check_constant(Address address, size_t size);

// fence.acq_rel and, sequentially, fence.sc and membar; and fence.mbarrier_init, which shows what the thread has made
// at the next barrier of the cluster, relaxed or not.
void fence(Strength scope, bool sequential);
void fence_made_mbarriers();
// Just before a st.release or an atom.release or acq_rel, and just after a ld.acquire or an atom.acquire or acq_rel.
void release(Address address, Strength scope);
void acquire(Address address, Strength scope);

// bar.sync, bar.arrive and bar.red of one of 16 barriers; 0 threads are all of the block. The sum is of what arrived
// with true among those that take part.
void named_barrier(unsigned id, unsigned threads);
bool is_block_barrier(unsigned id, unsigned threads);
void arrive_at_named_barrier(unsigned id, unsigned threads);
struct Votes {
  unsigned count = 0;  // that gave true
  bool any = false, all = false;
};
Votes named_barrier_votes(unsigned id, unsigned threads, bool value);

// barrier.cluster.arrive, with .relaxed or not, and barrier.cluster.wait.
void arrive_at_cluster_barrier(bool releases);
void wait_at_cluster_barrier();

// mbarriers in the shared memory of the running block or, for arrivals, of another of its cluster; of any launch.
void make_mbarrier(Address address, unsigned count);
void invalidate_mbarrier(Address address);
// Counts arrivals, after so many bytes more are expected. The state is of the phase in which it arrived, and holds how
// many arrivals that still waited for before. It may be said that the phase does not end by it.
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
// cp.async.mbarrier.arrive: when the thread's copies so far have come; without .noinc it counts up what is pending.
void arrive_after_copies(Address address, bool increments);
// Whether the phase has ended. If not, a try puts the thread off until that ends or nothing else goes on, and a test
// does not.
struct Question {
  bool by_parity = false, may_wait = false;
  uint64_t state_or_parity = 0;
  Strength acquires_from = Strength::BLOCK;
};
bool mbarrier_phase_ended(Address address, const Question& question);

// st.async of 4, 8 or 16 bytes into another block of the cluster, counted at its mbarrier.
void send_bytes(Address to, Address mbarrier, const void* bytes, size_t size);

// cp.async of 4, 8 or 16 bytes to shared memory, of which the first few are read and the others zeros.
void copy_to_shared(Address shared, Address global, size_t size, size_t read);

// cp.async.bulk of a multiple of 16 bytes: to shared memory of the cluster, counted at an mbarrier beside it, and from
// the block's own, in groups that the thread waits for.
void copy_bulk_to_shared(Address shared, Address from, size_t size, Address mbarrier);
void copy_bulk_to_global(Address global, Address shared, size_t size);
void commit_bulk_copies();
void wait_for_bulk_copies(unsigned groups_left);

// Where a spin may be: lets others of the block, and other blocks that run beside, go on before this thread does. It
// may only have computed, and not have looked for what they do.
void let_others_run(bool computes = false);

// After so many of its instructions the running thread shall pause, by the order of the launch: then others run, and it
// goes on in its turn.
uint64_t instructions_to_pause();

}
