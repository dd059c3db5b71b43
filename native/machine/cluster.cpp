#include "machine/cluster.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "machine/launch.h"
#include "machine/order/arrivals.h"
#include "machine/order/cluster_shadow.h"
#include "machine/order/order.h"
#include "machine/order/releases.h"
#include "machine/order/sends.h"
#include "machine/shared_memory.h"
#include "machine/time_limit.h"
#include "memory/state.h"

namespace sim {

Cluster* cluster;
uint64_t changes;

namespace {

// How long threads may loop while all others wait: without a change of memory (a read of what others write counts as
// a longer computation), and in all.
constexpr uint64_t MOST_IDLE = 1 << 18, WEIGHT_OF_A_LOOK = 1 << 4, MOST_ROUNDS = 1 << 24, ROUNDS_BETWEEN_LOOKS = 1 << 8;
// How idle a thread may become within one turn.
constexpr uint64_t PATIENCE = 1 << 6;

bool any_failed() {
  return std::any_of(cluster->blocks.begin(), cluster->blocks.end(), [](const Block& one) { return one.failed; });
}

// The numbers from 0 to the count of blocks or warps, in the cluster's order.
std::vector<unsigned> next_order(size_t count) {
  std::vector<unsigned> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0);
  if (cluster->order == Order::REVERSED) {
    std::reverse(numbers.begin(), numbers.end());
  } else if (cluster->order == Order::SHUFFLED) {
    std::shuffle(numbers.begin(), numbers.end(), cluster->random);
  }
  return numbers;
}

// Runs a block until it waits for another block or ends; true if any thread ran. Threads that pause take turns.
bool run_alone(Block& running) {
  block = &running;
  bool shuffled = cluster->order == Order::SHUFFLED, in_lockstep = cluster->order == Order::LOCKSTEP, ran = false;
  do {
    for (bool any = true; any && !running.failed;) {
      uint64_t before = wakes;
      any = false;
      for (unsigned warp : next_order(running.warps.size())) {
        bool backward = shuffled ? cluster->random() % 2 : cluster->order == Order::REVERSED;
        any |= in_lockstep && running.interpreted ? run_lanes_together(warp) : run_warp(warp, backward, shuffled);
        if (!running.failed) {
          any |= deliver_some();
        }
        if (any_failed()) {
          return ran;
        }
      }
      ran |= any;
      any &= shuffled || in_lockstep || wakes != before;
    }
  } while (!running.failed && pass_block_barrier());
  return ran;
}

// True if every thread has come or returned, and at least one waits.
bool pass_cluster_barrier() {
  bool awaited = false;
  for (const Block& one : cluster->blocks) {
    for (const Thread& thread : one.threads) {
      if (thread.state != State::RETURNED && thread.at_cluster != AtCluster::COME) {
        return false;
      }
      awaited |= thread.state == State::AT_CLUSTER;
    }
  }
  std::vector<const Coming*> all;
  for (Block& one : cluster->blocks) {
    for (Thread& thread : one.threads) {
      if (awaited && thread.at_cluster == AtCluster::COME) {
        all.push_back(&cluster->come[cluster->actor(one, thread)]);
        thread.at_cluster = AtCluster::ALL_COME;
        thread.state = thread.state == State::AT_CLUSTER ? State::READY : thread.state;
      }
    }
  }
  if (awaited) {
    cluster->all_come = Knowledge::all_of(all);
    show_fenced_barriers();
  }
  return awaited;
}

bool computes(const Thread& thread) {
  return thread.state == State::SPINS && thread.computes;
}

bool looks(const Thread& thread) {
  return thread.state == State::SPINS && !thread.computes;
}

bool waits_for_arrivals(const Thread& thread) {
  return thread.state == State::AT_ARRIVAL;
}

bool waits_for_its_block(const Thread& thread) {
  return thread.state == State::AT_BARRIER || thread.state == State::AT_WARP;
}

// Makes the first thread that fulfils the condition the running one and returns it; null if none does.
const Thread* find_thread(bool (*is_so)(const Thread&)) {
  for (Block& one : cluster->blocks) {
    auto found = std::find_if(one.threads.begin(), one.threads.end(), is_so);
    if (found != one.threads.end()) {
      block = &one;
      return one.thread = &*found;
    }
  }
  return nullptr;
}

// No thread can go on, and no copy is under way. A thread that polls memory waits for this.
void report_stuck(const std::string& awaited) {
  if (const Thread* thread = find_thread(waits_for_arrivals)) {
    return violation(Flaw::DEADLOCK, "waits for ever for " + what_it_waits_for(*thread));
  }
  if (const Thread* thread = find_thread([](const Thread& one) { return one.state == State::SPINS; })) {
    return violation(Flaw::DEADLOCK,
                     thread->computes ? "runs in a loop that does not end, and changes nothing" : awaited);
  }
  unsigned at_barrier = 0, all = 0, returned = 0;
  for (Block& one : cluster->blocks) {
    all += one.threads.size();
    returned += count(one, State::RETURNED);
    at_barrier += count(one, State::AT_CLUSTER);
    if ((at_barrier == 0 || count(one, State::AT_NAMED) > 0) && !cluster->returned(one)) {
      block = &one;
      return report_stuck_block();
    }
  }
  find_thread(waits_for_its_block);
  violation(Flaw::CLUSTER, "cluster barrier not reached by all threads: " + std::to_string(at_barrier) +
                               " of " + std::to_string(all) + " wait at it, " + std::to_string(returned) +
                               " have returned");
}

bool all_returned() {
  return std::all_of(cluster->blocks.begin(), cluster->blocks.end(),
                     [](const Block& one) { return cluster->returned(one); });
}

void look_for_changes() {
  if (changes != cluster->changes) {
    cluster->changes = changes;
    cluster->idle = 0;
    cluster->patience = PATIENCE;
  }
}

// Lets the threads go on that poll memory or compute.
bool wake_spinning() {
  uint64_t woken = 0;
  for (Block& one : cluster->blocks) {
    for (Thread& thread : one.threads) {
      if (thread.state == State::SPINS || thread.state == State::AT_ARRIVAL) {
        bool computes = thread.state == State::SPINS && thread.computes;
        thread.state = State::READY;
        one.thread = &thread;
        block = &one;
        woken++;
        cluster->idle += computes ? 1 : WEIGHT_OF_A_LOOK;
      }
    }
  }
  bool time_to_look = (cluster->rounds + woken) / ROUNDS_BETWEEN_LOOKS != cluster->rounds / ROUNDS_BETWEEN_LOOKS;
  cluster->rounds += woken;
  if (time_to_look) {
    look_at_time();
  }
  return woken > 0;
}

// False if only loops that change nothing go on.
bool run_all() {
  bool any = false;
  for (unsigned rank : next_order(cluster->blocks.size())) {
    any |= run_alone(cluster->blocks[rank]);
    if (any_failed()) {
      return true;
    }
  }
  return any || pass_cluster_barrier() || deliver_late();
}

Progress run_on() {
  while (!any_failed()) {
    if (run_all()) {
      continue;
    }
    if (all_returned()) {
      check_arrivals_at_end();
      return any_failed() ? Progress::FAILED : Progress::ENDED;
    }
    look_for_changes();
    bool ends_turn = cluster->idle >= cluster->patience || worn_out(*cluster);
    if (ends_turn && find_thread(looks) && !find_thread(computes)) {
      return Progress::WAITS;
    }
    if (worn_out(*cluster) || !wake_spinning()) {
      report_stuck(WAITS_IN_VAIN);
    }
  }
  return Progress::FAILED;
}

}

Cluster::Cluster() = default;

Cluster::~Cluster() = default;

bool Cluster::returned(const Block& of) const {
  return of.returned == of.threads.size();
}

void Cluster::meet(const Block& all) {
  meeting.clear();
  Known told;
  Knowledge* one = &knowledge[actor(all, all.threads[0])];
  for (size_t i = 0; i < all.threads.size(); i++, one++) {
    if (all.returned > 0 && all.threads[i].state == State::RETURNED) {
      told.over.join(one->tell());
    } else {
      meeting.push_back(one);
    }
  }
  pass_on_fences(all);
  Knowledge::meet(meeting);
  for (Knowledge* one : meeting) {
    if (all.returned > 0) {
      one->learn(told);
    }
  }
}

void Cluster::met(const Thread* lanes, unsigned group, bool at_barrier) {
  Knowledge* first = &knowledge[actor(*block, *lanes)];
  if (!at_barrier) {
    Knowledge::depend(first, group);
    return;
  }
  meeting.clear();
  for (unsigned lane = 0; lane < 32; lane++) {
    if (group >> lane & 1) {
      meeting.push_back(first + lane);
    }
  }
  Knowledge::meet(meeting);
}

void want_cluster(const char* what) {
  if (!cluster) {
    const char* why = settings.capability < 900 ? " on a card that has no clusters, where the kernel stops"
                                                : " by a kernel that is of no cluster";
    fail_launch(Flaw::CLUSTER, std::string(what) + why);
  }
}

void arrive_at_cluster_barrier(bool releases) {
  want_cluster("the barrier of a cluster");
  Thread& self = *block->thread;
  if (self.at_cluster != AtCluster::NOT) {
    fail_launch(Flaw::CLUSTER, "comes to the barrier of its cluster twice, and does not wait between");
  }
  self.at_cluster = AtCluster::COME;
  cluster->come[own_actor()] = releases ? own_knowledge().come() : told_by_fences(Strength::CLUSTER);
}

void wait_at_cluster_barrier() {
  Thread& self = *block->thread;
  if (self.at_cluster == AtCluster::NOT) {
    fail_launch(Flaw::CLUSTER, "waits at the barrier of its cluster, to which it has not come");
  }
  if (self.at_cluster == AtCluster::COME) {
    self.state = State::AT_CLUSTER;
    suspend();
  }
  self.at_cluster = AtCluster::NOT;
  own_knowledge().go_on(cluster->come[own_actor()], cluster->all_come);
}

void begin_cluster(Cluster& running, bool alone) {
  running.random = std::minstd_rand();
  running.rounds = running.idle = 0;
  running.unit = running.blocks[0].stamp;
  running.first_unit = 1;
  running.knowledge.clear();
  for (unsigned rank = 0; rank < running.blocks.size(); rank++) {
    running.blocks[rank].rank = rank;
    begin_block(running.blocks[rank]);
  }
  running.lanes = running.blocks[0].warps.size() * 32;
  for (unsigned actor = 0; actor < running.lanes * running.blocks.size(); actor++) {
    running.knowledge.emplace_back(actor);
  }
  for (Block& one : running.blocks) {
    for (Thread& thread : one.threads) {
      thread.knowledge = &running.knowledge[running.actor(one, thread)];
    }
  }
  running.come.assign(running.knowledge.size(), Coming());
  running.fences.clear();
  running.fences.resize(running.knowledge.size());
  running.fenced.assign(running.blocks.size(), Earlier());
  running.arrays = std::make_shared<SharedArrays>();
  running.number = begin_cluster_shadow(alone);
  running.arrivals = std::make_shared<Arrivals>();
  running.sends = std::make_shared<Sends>();
  running.releases = std::make_shared<Releases>();
}

Progress go_on(Cluster& running) {
  cluster = &running;
  use_shared_arrays(*running.arrays, running.first_part);
  running.patience = running.idle + PATIENCE;
  look_for_changes();
  Progress progress = run_on();
  block = nullptr;
  cluster = nullptr;
  return progress;
}

void end_cluster(Cluster& running) {
  for (Block& one : running.blocks) {
    block = &one;
    give_back_stacks();
  }
  block = nullptr;
}

// A limit of time, where one is set, ends such a loop.
bool worn_out(const Cluster& waiting) {
  return settings.seconds == 0 && (waiting.idle >= MOST_IDLE || waiting.rounds >= MOST_ROUNDS);
}

void fail_waiting(Cluster& waiting, const std::string& what) {
  cluster = &waiting;
  report_stuck(what);
  block = nullptr;
  cluster = nullptr;
}

}

namespace sim __attribute__((visibility("default"))) {

// Called by ptx_on_cpu.h.

unsigned cluster_rank() {
  want_cluster("cluster_rank");
  return block->rank;
}

void cluster_barrier() {
  want_cluster("cluster_barrier");
  arrive_at_cluster_barrier(true);
  wait_at_cluster_barrier();
}

unsigned long long place_in(const void* shared, unsigned rank) {
  want_cluster("place_in");
  auto address = reinterpret_cast<uintptr_t>(shared);
  if (!in_shared_space(address)) {
    fail_thread(Flaw::WRONG_SPACE, "place_in of what is not in shared memory");
  }
  if (rank >= cluster->blocks.size()) {
    fail_thread(Flaw::CLUSTER, "place_in block " + std::to_string(rank) + " of a cluster of " +
                                   std::to_string(cluster->blocks.size()));
  }
  return address + (uintptr_t(rank) - block->rank) * SHARED_SPACE_OF_A_BLOCK;
}

}
