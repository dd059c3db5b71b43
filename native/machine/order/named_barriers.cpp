// bar.sync, bar.arrive and bar.red of one of 16 barriers. They count whole warps: the last lane of a warp that comes
// brings all of it.
#include <algorithm>
#include <string>

#include "machine/cluster.h"
#include "machine/order/order.h"

namespace sim {

namespace {

enum class Does { SYNCHRONISES, ARRIVES, VOTES };

// What a lane sends to the other lanes of its warp.
struct Arriving {
  unsigned id, threads;
  Does does;
  bool vote;
};

const Arriving& sent_by(const Thread& lane) {
  return *reinterpret_cast<const Arriving*>(lane.sent);
}

std::string name(unsigned id) {
  return "barrier " + std::to_string(id);
}

Knowledge& knowledge_of(const Thread& thread) {
  return cluster->knowledge[cluster->actor(*block, thread)];
}

// Warps that have returned are not waited for, unless the barrier names a number.
unsigned all_threads() {
  return 32 * unsigned(std::count_if(block->warps.begin(), block->warps.end(),
                                     [](const Warp& warp) { return warp.alive != 0; }));
}

void end_if_complete(NamedBarrier& barrier) {
  if (barrier.come < (barrier.of_all ? all_threads() : barrier.expected)) {
    return;
  }
  std::vector<Knowledge*> waiting;
  for (const Thread* thread : barrier.waiting) {
    waiting.push_back(&knowledge_of(*thread));
  }
  if (!waiting.empty() && !barrier.arrived.empty()) {
    std::vector<const Coming*> arrived;
    for (const Coming& one : barrier.arrived) {
      arrived.push_back(&one);
    }
    // Threads that meet at a barrier share what each has learnt.
    waiting.front()->learn(Knowledge::all_of(arrived).known);
  }
  Knowledge::meet(waiting);
  Votes votes{barrier.votes, barrier.votes > 0, barrier.votes == barrier.voters};
  for (Thread* thread : barrier.waiting) {
    thread->named_votes = votes;
    thread->at_named = false;
    if (thread->state == State::AT_NAMED) {
      wake(*thread);
    }
  }
  barrier = NamedBarrier();
}

void come_together(Thread* lanes, unsigned group) {
  if (!come_to_one_barrier(lanes, group)) {
    return;
  }
  const Arriving first = sent_by(lanes[__builtin_ctz(group)]);
  NamedBarrier& barrier = block->named[first.id];
  for (unsigned lane = 0; lane < 32; lane++) {
    if (group >> lane & 1) {
      Thread& thread = lanes[lane];
      const Arriving& coming = sent_by(thread);
      if (coming.id != first.id || coming.does != first.does || coming.threads != first.threads) {
        return violation(Flaw::BARRIER, "lanes of a warp come to barriers in different ways: to " +
                                            name(first.id) + " and " + name(coming.id));
      }
      if (coming.does == Does::ARRIVES) {
        barrier.arrived.push_back(knowledge_of(thread).come());
      } else {
        barrier.waiting.push_back(&thread);
        thread.at_named = true;
        thread.named = coming.id;
      }
      barrier.votes += coming.vote;
      barrier.voters += coming.does == Does::VOTES;
    }
  }
  unsigned all = unsigned(block->warps.size()) * 32, wanted = first.threads == 0 ? all : first.threads;
  if (barrier.expected != 0 && barrier.expected != wanted) {
    return violation(Flaw::BARRIER, name(first.id) + " waits for " + std::to_string(barrier.expected) +
                                        " threads, and a warp comes that expects " +
                                        std::to_string(wanted));
  }
  barrier.of_all = first.threads == 0;
  barrier.expected = wanted;
  barrier.come += 32;
  end_if_complete(barrier);
}

void come(unsigned id, unsigned threads, Does does, bool vote) {
  unsigned all = unsigned(block->warps.size()) * 32;
  if (id >= block->named.size()) {
    fail_launch(Flaw::BARRIER, name(id) + " is none of the 16 that a block has");
  }
  if (threads % 32 != 0 || threads > all) {
    fail_launch(Flaw::BARRIER, name(id) + " of " + std::to_string(threads) + " threads, in a block of " +
                std::to_string(block->threads.size()) + ": they must be whole warps of it");
  }
  const Arriving coming{id, threads, does, vote};
  meet(~0u, come_together, reinterpret_cast<uint64_t>(&coming));
  Thread& self = *block->thread;
  if (self.at_named) {
    self.state = State::AT_NAMED;
    suspend();
  }
}

}

bool join_arrivals() {
  NamedBarrier& barrier = block->named[0];
  for (size_t first = 0; first < block->threads.size(); first += 32) {
    unsigned alive = block->warps[first / 32].alive;
    Thread* lanes = &block->threads[first];
    block->thread = &lanes[alive == 0 ? 0 : __builtin_ctz(alive)];
    bool all = alive != 0;
    for (unsigned lane = 0; lane < 32; lane++) {
      all &= (alive >> lane & 1) == 0 || lanes[lane].state == State::AT_BARRIER;
    }
    if (!all || !come_to_one_barrier(lanes, alive)) {
      continue;
    }
    for (; alive != 0; alive &= alive - 1) {
      Thread& thread = lanes[__builtin_ctz(alive)];
      thread.state = State::AT_NAMED;
      thread.at_named = true;
      thread.named = 0;
      barrier.waiting.push_back(&thread);
    }
    barrier.come += 32;
  }
  if (barrier.come > barrier.expected) {
    violation(Flaw::BARRIER, "a warp comes to barrier 0 again before all others have come to it");
  }
  end_if_complete(barrier);
  return barrier.expected == 0 && !block->failed;
}

void leave_named_barriers() {
  if (block->warps[block->thread->warp()].alive == 0) {
    for (NamedBarrier& barrier : block->named) {
      if (barrier.of_all) {
        end_if_complete(barrier);
      }
    }
  }
}

bool is_block_barrier(unsigned id, unsigned threads) {
  return id == 0 && (threads == 0 || threads == block->threads.size());
}

void named_barrier(unsigned id, unsigned threads) {
  if (is_block_barrier(id, threads)) {
    wait_at_barrier(block->thread->barrier);
  } else {
    come(id, threads, Does::SYNCHRONISES, false);
  }
}

void arrive_at_named_barrier(unsigned id, unsigned threads) {
  if (threads == 0) {
    fail_launch(Flaw::BARRIER, "bar.arrive at " + name(id) + " without a number of threads");
  }
  come(id, threads, Does::ARRIVES, false);
}

Votes named_barrier_votes(unsigned id, unsigned threads, bool value) {
  come(id, threads, Does::VOTES, value);
  return block->thread->named_votes;
}

}
