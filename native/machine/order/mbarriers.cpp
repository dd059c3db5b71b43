// Arrival barriers as kernels use them: those of order.h, and those that ptx_on_cpu.h has for bytes alone.
#include <string>

#include "machine/cluster.h"
#include "machine/order/arrivals.h"
#include "machine/order/order.h"
#include "machine/shared_memory.h"

namespace sim {

namespace {

// Of a state: the phase, and above that how many arrivals it still waited for.
constexpr unsigned BITS_OF_PHASE = 40;
constexpr uint64_t PHASE = (uint64_t(1) << BITS_OF_PHASE) - 1;

// Waiting at another block's is not possible, and arriving only while that runs.
Barrier& reachable(const char* does, Address address) {
  Barrier& barrier = barrier_at(does, address);
  const Block& owner = cluster->blocks[rank_of(address)];
  if (cluster->returned(owner)) {
    fail_launch(Flaw::ARRIVAL_BARRIER,
                std::string(does) + " at " + name_of_barrier(barrier) + ", which has returned");
  }
  return barrier;
}

Barrier& own_barrier(const char* does, Address address) {
  Barrier& barrier = barrier_at(does, address);
  if (rank_of(address) != block->rank) {
    fail_launch(Flaw::ARRIVAL_BARRIER,
                std::string(does) + " at " + name_of_barrier(barrier) + ", which is not the thread's own block");
  }
  return barrier;
}

}

void make_mbarrier(Address address, unsigned count) {
  make_barrier("mbarrier.init", address, count);
}

void invalidate_mbarrier(Address address) {
  end_barrier(own_barrier("mbarrier.inval", address));
}

uint64_t arrive_at_mbarrier(Address address, const Arrival& arrival) {
  const char* does = arrival.drops ? "mbarrier.arrive_drop" : "mbarrier.arrive";
  Barrier& barrier = reachable(does, address);
  uint64_t state = barrier.phase | uint64_t(barrier.pending) << BITS_OF_PHASE;
  if (!arrival.may_end && arrival.count == barrier.pending) {
    fail_launch(Flaw::ARRIVAL_BARRIER, std::string(does) + ".noComplete ends " + phase_of(barrier));
  }
  expect_here(barrier, arrival.expected_bytes);
  arrive_here(does, barrier, arrival.count, arrival.drops, arrival.releases_to);
  return state;
}

unsigned pending_of_state(uint64_t state) {
  return unsigned(state >> BITS_OF_PHASE);
}

void expect_bytes_at_mbarrier(Address address, unsigned bytes) {
  expect_here(reachable("mbarrier.expect_tx", address), bytes);
}

void complete_bytes_at_mbarrier(Address address, unsigned bytes) {
  Knowledge& mine = own_knowledge();
  arrive(reachable("mbarrier.complete_tx", address), bytes, 0, own_actor(), mine.now(), mine.tell());
}

bool mbarrier_phase_ended(Address address, const Question& question) {
  const char* does = question.may_wait ? "mbarrier.try_wait" : "mbarrier.test_wait";
  Barrier& barrier = own_barrier(does, address);
  uint64_t asked = question.by_parity ? question.state_or_parity : question.state_or_parity & PHASE;
  if (question.by_parity ? asked > 1 : asked > barrier.phase || asked + 1 < barrier.phase) {
    fail_launch(Flaw::ARRIVAL_BARRIER,
                std::string(does) + (question.by_parity ? ": parity " : ": state of phase ") + std::to_string(asked) +
                " in " + phase_of(barrier));
  }
  auto ended = [&] { return question.by_parity ? !waits_in_vain(barrier, unsigned(asked)) : asked < barrier.phase; };
  bool& gave_up = block->thread->gave_up;
  if (!ended() && question.may_wait) {
    // A try may give up at any time. Here the first of two does: then a loop that is missing shows.
    gave_up = !gave_up;
    if (gave_up) {
      return false;
    }
    try_at(barrier, barrier.phase & 1);
  }
  if (ended() && question.acquires_from != Strength::WEAK) {
    learn_from(barrier, question.acquires_from);
  }
  return ended();
}

}

namespace sim __attribute__((visibility("default"))) {

// Called by ptx_on_cpu.h.

void make_arrival_barrier(unsigned long long* at) {
  want_cluster("make_arrival_barrier");
  make_barrier("make_arrival_barrier", reinterpret_cast<Address>(at), 1).for_bytes = true;
}

void expect_bytes(unsigned long long* at, unsigned count) {
  want_cluster("expect_bytes");
  Barrier& barrier = barrier_at("expect_bytes", reinterpret_cast<Address>(at));
  if (barrier.pending == 0) {
    fail_launch(Flaw::ARRIVAL_BARRIER, "expect_bytes twice in " + phase_of(barrier));
  }
  expect_here(barrier, count);
  arrive_here("expect_bytes", barrier, 1, false, Strength::BLOCK);
}

void wait_for_bytes(unsigned long long* at, unsigned parity) {
  want_cluster("wait_for_bytes");
  Barrier& barrier = barrier_at("wait_for_bytes", reinterpret_cast<Address>(at));
  if (parity > 1) {
    fail_launch(Flaw::ARRIVAL_BARRIER,
                "wait_for_bytes: parity " + std::to_string(parity) + " of " + name_of_barrier(barrier));
  }
  wait_at(barrier, parity);
  learn_from(barrier, Strength::BLOCK);
}

}
