// bar.sync, bar.arrive and bar.red of one of 16 barriers. They count whole warps: the last lane of a warp that comes
// brings all of it.
#include <string>

#include "machine/cluster.h"
#include "machine/order.h"

namespace sim {

void barrier() __attribute__((visibility("default")));

namespace {

enum class Does { SYNCHRONISES, ARRIVES, VOTES };

// As a lane sends it to those of its warp.
struct Arriving {
  unsigned id : 8;
  unsigned does : 8;
  unsigned vote : 1;
  unsigned threads : 15;
};

uint64_t packed(Arriving coming) {
  return coming.id | coming.does << 8 | coming.vote << 16 | uint64_t(coming.threads) << 32;
}

Arriving unpacked(uint64_t bits) {
  return {unsigned(bits & 0xff), unsigned(bits >> 8 & 0xff), unsigned(bits >> 16 & 1), unsigned(bits >> 32)};
}

std::string name(unsigned id) {
  return "barrier " + std::to_string(id);
}

Knowledge& knowledge_of(const Thread& thread) {
  return cluster->knowledge[cluster->actor(*block, thread)];
}

void end_if_complete(NamedBarrier& barrier) {
  if (barrier.come < barrier.expected) {
    return;
  }
  std::vector<Knowledge*> waiting;
  for (const Thread* thread : barrier.waiting) {
    waiting.push_back(&knowledge_of(*thread));
  }
  Knowledge::meet(waiting);
  for (Knowledge* one : waiting) {
    one->learn(barrier.seen, barrier.over, barrier.earlier);
  }
  Votes votes{barrier.votes, barrier.votes > 0, barrier.votes == barrier.voters};
  for (Thread* thread : barrier.waiting) {
    thread->named_votes = votes;
    thread->at_named = false;
    if (thread->state == State::AT_NAMED) {
      thread->state = State::READY;
    }
  }
  barrier = NamedBarrier();
}

void come_together(Thread* lanes, unsigned group) {
  if (!come_to_one_barrier(lanes, group)) {
    return;
  }
  Arriving first = unpacked(lanes[__builtin_ctz(group)].sent);
  NamedBarrier& barrier = block->named[first.id];
  for (unsigned lane = 0; lane < 32; lane++) {
    if (group >> lane & 1) {
      Thread& thread = lanes[lane];
      Arriving coming = unpacked(thread.sent);
      if (coming.id != first.id || coming.does != first.does || coming.threads != first.threads) {
        return violation(CUDA_ERROR_LAUNCH_FAILED, "lanes of a warp come to barriers in different ways: to " +
                                                       name(first.id) + " and " + name(coming.id));
      }
      if (Does(coming.does) == Does::ARRIVES) {
        Knowledge& knows = knowledge_of(thread);
        barrier.over.join(knows.tell());
        barrier.seen.join(knows.show());
        barrier.earlier.join(knows.of_earlier());
      } else {
        barrier.waiting.push_back(&thread);
        thread.at_named = true;
        thread.named = coming.id;
      }
      barrier.votes += coming.vote;
      barrier.voters += Does(coming.does) == Does::VOTES;
    }
  }
  if (barrier.expected != 0 && barrier.expected != first.threads) {
    return violation(CUDA_ERROR_LAUNCH_FAILED, name(first.id) + " waits for " + std::to_string(barrier.expected) +
                                                   " threads, and a warp comes that expects " +
                                                   std::to_string(first.threads));
  }
  barrier.expected = first.threads;
  barrier.come += 32;
  end_if_complete(barrier);
}

void come(unsigned id, unsigned threads, Does does, bool vote) {
  unsigned all = unsigned(block->warps.size()) * 32;
  if (id >= block->named.size()) {
    fail_launch(name(id) + " is none of the 16 that a block has");
  }
  if (threads % 32 != 0 || threads > all) {
    fail_launch(name(id) + " of " + std::to_string(threads) + " threads, in a block of " +
                std::to_string(block->threads.size()) + ": they must be whole warps of it");
  }
  meet(~0u, come_together, packed({id, unsigned(does), vote, threads == 0 ? all : threads}));
  Thread& self = *block->thread;
  if (self.at_named) {
    self.state = State::AT_NAMED;
    suspend();
  }
}

}

void named_barrier(unsigned id, unsigned threads) {
  if (id == 0 && (threads == 0 || threads == block->threads.size())) {
    barrier();
  } else {
    come(id, threads, Does::SYNCHRONISES, false);
  }
}

void arrive_at_named_barrier(unsigned id, unsigned threads) {
  if (threads == 0) {
    fail_launch("bar.arrive at " + name(id) + " without a number of threads");
  }
  come(id, threads, Does::ARRIVES, false);
}

Votes named_barrier_votes(unsigned id, unsigned threads, bool value) {
  come(id, threads, Does::VOTES, value);
  return block->thread->named_votes;
}

}
