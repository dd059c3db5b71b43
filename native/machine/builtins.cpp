// Called by cuda_on_cpu.h: a thread's place in the launch, barriers, and shuffles between the lanes of a warp; and
// where threads pause.
#include <utility>

#include "machine/block.h"
#include "machine/cluster.h"
#include "machine/remarks.h"

namespace sim {

namespace {

constexpr unsigned NOBODY = 32;

void only_wait(Thread*, unsigned) {}

// Each lane gets the value that its source lane has sent.
void hand_on(Thread* lanes, unsigned group) {
  for (unsigned lane = 0; lane < 32; lane++) {
    if (group >> lane & 1) {
      Thread& thread = lanes[lane];
      bool took_part = group >> thread.source & 1;
      thread.received = took_part ? lanes[thread.source].sent : 0;
      thread.source = took_part ? thread.source : NOBODY;
    }
  }
}

// Each lane gets one bit of every lane: set if that lane sent a value other than 0.
void count_votes(Thread* lanes, unsigned group) {
  unsigned votes = 0;
  for (unsigned lane = 0; lane < 32; lane++) {
    votes |= (group >> lane & 1 && lanes[lane].sent != 0 ? 1u : 0u) << lane;
  }
  for (unsigned lane = 0; lane < 32; lane++) {
    if (group >> lane & 1) {
      lanes[lane].received = votes;
    }
  }
}

// Lanes of the mask may have returned after an earlier operation, as in a loop with fewer turns. CUDA leaves open what
// then comes out. The last warp may have fewer lanes than its mask.
void remark_on_skipped_operation(Thread& waiting) {
  unsigned first = waiting.warp() * 32, missing = 0;
  for (unsigned left = waiting.mask & ~block->warps[waiting.warp()].alive; left != 0; left &= left - 1) {
    unsigned number = first + __builtin_ctz(left);
    if (number < block->threads.size()) {
      const Thread& lane = block->threads[number];
      missing += lane.left == block->epoch + 1 && lane.together;
    }
  }
  if (missing > 0 && block->interpreted) {
    Thread* running = std::exchange(block->thread, &waiting);
    remark_here(Grade::NOTE, Flaw::WARP_OPERATION, [&] {
      return std::to_string(missing) + (missing == 1 ? " lane" : " lanes") +
             " of its mask never reached this operation, and returned after others that they passed";
    });
    block->thread = running;
  }
}

// Lets the lanes go on that wait with this lane's mask, if all lanes of the mask have come or returned. False if some
// have not, or if they have come to different operations, which fails the kernel.
bool release_group(Thread& first) {
  Warp& warp = block->warps[first.warp()];
  unsigned group = first.mask & warp.alive;
  if ((warp.waiting & group) != group) {
    return false;
  }
  Thread* lanes = &block->threads[first.warp() * 32];
  for (unsigned lane = 0; lane < 32; lane++) {
    if (group >> lane & 1 && (lanes[lane].mask != first.mask || lanes[lane].together != first.together)) {
      violation(Flaw::WARP_OPERATION, "lanes " + std::to_string(first.lane()) + " and " + std::to_string(lane) +
                                          " of a warp wait for one another in different operations");
      return false;
    }
  }
  if (group != first.mask) {
    remark_on_skipped_operation(first);
  }
  first.together(lanes, group);
  if (cluster) {
    cluster->met(lanes, group, first.together == only_wait);
  }
  for (unsigned lane = 0; lane < 32; lane++) {
    if (group >> lane & 1) {
      wake(lanes[lane]);
    }
  }
  warp.waiting &= ~group;
  return !block->failed;
}

}

void meet(unsigned mask, Together together, uint64_t sent) {
  Thread& self = *block->thread;
  if (!(mask >> self.lane() & 1)) {
    fail_thread(Flaw::SHUFFLE_MASK, "warp operation by a lane that its own mask leaves out");
  }
  self.mask = mask;
  self.together = together;
  self.sent = sent;
  self.state = State::AT_WARP;
  block->warps[self.warp()].waiting |= 1u << self.lane();
  if (!release_group(self)) {
    suspend();
  }
}

void wait_at_barrier(const void* place) {
  block->thread->barrier = place;
  block->thread->state = State::AT_BARRIER;
  suspend();
}

// Other lanes may have waited for this lane alone.
void leave_warp() {
  Thread& self = *block->thread;
  Warp& warp = block->warps[self.warp()];
  warp.alive &= ~(1u << self.lane());
  for (unsigned lane = 0; lane < 32 && warp.waiting >> lane != 0 && !block->failed; lane++) {
    if (warp.waiting >> lane & 1) {
      release_group(block->threads[self.warp() * 32 + lane]);
    }
  }
}

uint64_t instructions_to_pause() {
  constexpr unsigned MOST = 64;
  switch (cluster->order) {
    case Order::LOCKSTEP: return 0;
    case Order::SHUFFLED: return 1 + cluster->random() % MOST;
    default: return UINT64_MAX;
  }
}

void let_others_run(bool computes) {
  block->thread->computes = computes;
  block->thread->state = State::SPINS;
  suspend();
}

}

namespace sim __attribute__((visibility("default"))) {

struct Index {
  unsigned x, y, z;
};

Index thread_index() { return {block->thread->index.x, block->thread->index.y, block->thread->index.z}; }
Index block_index() { return {block->index.x, block->index.y, block->index.z}; }
Index block_size() { return {block->launch->block.x, block->launch->block.y, block->launch->block.z}; }
Index grid_size() { return {block->launch->grid.x, block->launch->grid.y, block->launch->grid.z}; }
unsigned lane() { return block->thread->lane(); }

void barrier() {
  wait_at_barrier(__builtin_return_address(0));
}

uint64_t exchange(unsigned mask, uint64_t value, unsigned source) {
  Thread& self = *block->thread;
  self.source = source;
  meet(mask, hand_on, value);
  if (self.source == NOBODY) {
    fail_thread(Flaw::SHUFFLE_MASK, "shuffle takes the value of a lane that takes no part");
  }
  return self.received;
}

unsigned vote(unsigned mask, bool value) {
  meet(mask, count_votes, value);
  return block->thread->received;
}

void refuse_width(int width) {
  std::string words = "shuffle of width " + std::to_string(width) + ", which is no power of two up to 32";
  fail_thread(Flaw::WARP_OPERATION, words);
}

void warp_barrier(unsigned mask) {
  meet(mask, only_wait, 0);
  block->thread->epoch++;
}

}
