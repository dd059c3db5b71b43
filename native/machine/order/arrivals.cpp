// Arrival barriers of order.h, and those that ptx_on_cpu.h declares for bytes alone.
#include "machine/order/arrivals.h"

#include <algorithm>

#include "machine/cluster.h"
#include "machine/order/cluster_shadow.h"
#include "machine/shared_memory.h"

namespace sim {

namespace {

// PTX's limits of a barrier: pending bytes, either way, and pending arrivals.
constexpr int64_t MOST_BYTES = (1 << 20) - 1;
constexpr unsigned MOST_ARRIVALS = (1 << 20) - 1;

std::map<Address, Barrier>& all_barriers() {
  return cluster->arrivals->barriers;
}

std::string number_of(int64_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string balance(const Barrier& barrier) {
  if (barrier.pending > 0 && !barrier.for_bytes) {
    return "which still waits for " + std::to_string(barrier.pending) + " of " + number_of(barrier.count, "arrival");
  }
  if (barrier.pending > 0) {
    return "for which nobody has said how many bytes to expect" +
           (barrier.missing < 0 ? ", though " + number_of(-barrier.missing, "byte") + " have come" : std::string());
  }
  return barrier.missing > 0 ? "which still expects " + number_of(barrier.missing, "byte")
                             : "to which " + number_of(-barrier.missing, "byte") + " more have come than it expects";
}

std::string name_of_barrier(const Barrier& barrier) {
  return "the arrival barrier at " + shared_place(barrier.address);
}

std::string phase_of(const Barrier& barrier) {
  return "phase " + std::to_string(barrier.phase) + " of " + name_of_barrier(barrier);
}

bool waits_in_vain(const Barrier& barrier, unsigned parity) {
  return (barrier.phase & 1) == parity;
}

void hear(Barrier& barrier, unsigned actor, uint32_t moment, const Moments& knowledge) {
  if (actor >= barrier.told_at.size()) {
    barrier.told_at.resize(actor + 1);
  }
  if (barrier.told_at[actor] < moment) {
    barrier.told_at[actor] = moment;
    barrier.told.join(knowledge);
  }
}

void end_phase_if_level(Barrier& barrier) {
  if (barrier.pending != 0 || barrier.missing != 0) {
    return;
  }
  barrier.phase++;
  barrier.pending = barrier.count;
  barrier.over.join(barrier.told);
  barrier.over.raise(barrier.actor, uint32_t(barrier.phase));
  for (unsigned far = 0; far < 2; far++) {
    barrier.seen[far].join(barrier.shown[far]);
  }
  barrier.seen[0].seen.raise(barrier.actor, uint32_t(barrier.phase));
  for (Thread& thread : cluster->blocks[rank_of(barrier.address)].threads) {
    if (thread.state == State::AT_ARRIVAL && thread.awaited == barrier.address &&
        !waits_in_vain(barrier, thread.parity)) {
      wake(thread);
    }
  }
}

bool within_range(const Barrier& barrier) {
  return barrier.missing >= -MOST_BYTES && barrier.missing <= MOST_BYTES;
}

Barrier& make_barrier(const char* does, Address address, unsigned count) {
  if (!in_shared_space(address) || rank_of(address) != block->rank || !within_shared_array(address, 8)) {
    fail_thread(Flaw::WRONG_SPACE, std::string(does) + " of what is not shared memory");
  }
  if (address % 8 != 0) {
    fail_thread(Flaw::MISALIGNED,
                std::string(does) + ": " + shared_place(address) + " is not aligned to 8");
  }
  if (count == 0 || count > MOST_ARRIVALS) {
    fail_launch(Flaw::ARRIVAL_BARRIER,
                std::string(does) + ": " + std::to_string(count) + " arrivals are not 1 to 1048575");
  }
  check_cluster_access(address, 8, true);
  make_inaccessible(address, 8);
  Barrier& barrier = all_barriers()[address];
  barrier.address = address;
  barrier.actor = unsigned(cluster->knowledge.size()) + cluster->arrivals->made++;
  barrier.made_by = own_actor();
  barrier.made_at = own_knowledge().now();
  barrier.count = barrier.pending = count;
  return barrier;
}

void arrive_here(const char* does, Barrier& barrier, unsigned count, bool drops, Strength scope) {
  if (count > barrier.pending) {
    fail_launch(Flaw::ARRIVAL_BARRIER,
                std::string(does) + ": " + number_of(count, "arrival") + " at " + phase_of(barrier) +
                ", which waits for " + std::to_string(barrier.pending) + " of " + std::to_string(barrier.count));
  }
  Knowledge& mine = own_knowledge();
  hear(barrier, own_actor(), mine.now(), mine.tell());
  bool far = rank_of(barrier.address) != block->rank;
  if (scope != Strength::WEAK && (!far || scope >= Strength::CLUSTER)) {
    barrier.shown[far].join(mine.show());
  }
  barrier.pending -= count;
  barrier.count -= drops ? count : 0;
  end_phase_if_level(barrier);
}

void expect_here(Barrier& barrier, int64_t bytes) {
  barrier.missing += bytes;
  if (!within_range(barrier)) {
    fail_launch(Flaw::ARRIVAL_BARRIER, phase_of(barrier) + " counts more bytes than an arrival barrier can");
  }
}

void learn_from(const Barrier& barrier, Strength scope) {
  for (unsigned far = 0; far < (scope >= Strength::CLUSTER ? 2 : 1); far++) {
    own_knowledge().learn({barrier.seen[far].seen, barrier.over, barrier.seen[far].earlier});
  }
}

void try_at(const Barrier& barrier, unsigned parity) {
  Thread& self = *block->thread;
  self.awaited = barrier.address;
  self.parity = parity;
  self.state = State::AT_ARRIVAL;
  suspend();
}

// Fields of a state: the phase in the lowest bits, the pending arrivals above.
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

void fence_made_mbarriers() {
  for (auto& [address, barrier] : all_barriers()) {
    barrier.fenced |= barrier.made_by == own_actor();
  }
}

void show_fenced_barriers() {
  for (auto& [address, barrier] : all_barriers()) {
    barrier.known |= barrier.fenced;
  }
}

Barrier* find_barrier(Address address) {
  auto found = all_barriers().find(address);
  return found == all_barriers().end() ? nullptr : &found->second;
}

Barrier& barrier_at(const char* does, Address address) {
  Barrier* found = find_barrier(address);
  if (!found || !(found->known || own_knowledge().sees(found->made_by, found->made_at))) {
    std::string where = in_shared_space(address) ? shared_place(address) : "what is not shared memory";
    fail_launch(Flaw::ARRIVAL_BARRIER,
                std::string(does) + ": nobody has certainly made an arrival barrier before at " + where);
  }
  return *found;
}

void arrive(Barrier& barrier, size_t bytes, unsigned count, unsigned sender, uint32_t moment,
            const Moments& knowledge) {
  hear(barrier, sender, moment, knowledge);
  barrier.last_bytes = barrier.phase + 1;
  barrier.missing -= bytes;
  if (!within_range(barrier)) {
    violation(Flaw::ARRIVAL_BARRIER, phase_of(barrier) + " counts more bytes than an arrival barrier can");
  }
  if (count > barrier.pending) {
    violation(Flaw::ARRIVAL_BARRIER, "copies arrive at " + phase_of(barrier) + ", which waits for no arrival more");
  } else {
    barrier.pending -= count;
  }
  end_phase_if_level(barrier);
}

std::string name_of_phase(unsigned actor, uint64_t phase) {
  for (const auto& [address, barrier] : all_barriers()) {
    if (barrier.actor == actor) {
      return "phase " + std::to_string(phase) + " of " + name_of_barrier(barrier);
    }
  }
  return "a phase of an arrival barrier that is none any more";
}

std::string what_it_waits_for(const Thread& thread) {
  const Barrier& barrier = all_barriers().at(thread.awaited);
  return phase_of(barrier) + ", " + balance(barrier);
}

void check_arrivals_at_end() {
  for (const auto& [address, barrier] : all_barriers()) {
    Block& owner = cluster->blocks[rank_of(address)];
    block = &owner;
    if (barrier.last_bytes > barrier.phase) {
      return violation(Flaw::ARRIVAL_BARRIER, "ends in " + phase_of(barrier) + ", " + balance(barrier));
    }
    bool known = std::any_of(owner.threads.begin(), owner.threads.end(), [&](const Thread& thread) {
      return cluster->knowledge[cluster->actor(owner, thread)].sees(barrier.actor, barrier.last_bytes);
    });
    if (!known) {
      std::string phase = name_of_phase(barrier.actor, barrier.last_bytes - 1);
      std::string what = "returns before all that was sent to it has certainly come: none waits for " + phase;
      return violation(Flaw::ARRIVAL_BARRIER, what);
    }
  }
}

void make_mbarrier(Address address, unsigned count) {
  make_barrier("mbarrier.init", address, count);
}

void invalidate_mbarrier(Address address) {
  Barrier& barrier = own_barrier("mbarrier.inval", address);
  for (const Thread& thread : block->threads) {
    if (thread.state == State::AT_ARRIVAL && thread.awaited == address) {
      fail_launch(Flaw::ARRIVAL_BARRIER, "invalidates " + name_of_barrier(barrier) + ", at which thread number " +
                  std::to_string(thread.number) + " waits");
    }
  }
  if (barrier.missing != 0) {
    fail_launch(Flaw::ARRIVAL_BARRIER, "invalidates " + phase_of(barrier) + ", " + balance(barrier));
  }
  make_accessible(address, 8);
  check_cluster_access(address, 8, true);
  all_barriers().erase(address);
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
  while (waits_in_vain(barrier, parity)) {
    try_at(barrier, parity);
  }
  learn_from(barrier, Strength::BLOCK);
}

}
