// What cuda_on_cpu.h calls: a thread's place in the launch, barriers, and what passes between the lanes of a warp.
#include "machine/block.h"

namespace sim {

namespace {

constexpr unsigned NOBODY = 32;

// Lets the lanes go on that wait for the same lanes as this one, if all of those that have not returned have come.
bool release_group(unsigned mask) {
  Thread& first = *block->thread;
  Warp& warp = block->warps[first.warp()];
  unsigned group = mask & warp.alive;
  if ((warp.waiting & group) != group) {
    return false;
  }
  Thread* lanes = &block->threads[first.warp() * 32];
  for (unsigned lane = 0; lane < 32; lane++) {
    if (group >> lane & 1) {
      Thread& thread = lanes[lane];
      thread.state = State::READY;
      bool took_part = group >> thread.source & 1;
      thread.received = took_part ? lanes[thread.source].sent : 0;
      thread.source = took_part ? thread.source : NOBODY;
    }
  }
  warp.waiting &= ~group;
  return true;
}

}

// A lane that returns may be the last that others waited for.
void leave_warp() {
  Thread& self = *block->thread;
  Warp& warp = block->warps[self.warp()];
  warp.alive &= ~(1u << self.lane());
  for (unsigned lane = 0; lane < 32; lane++) {
    if (warp.waiting >> lane & 1) {
      release_group(block->threads[self.warp() * 32 + lane].mask);
    }
  }
}

struct Index {
  unsigned x, y, z;
};

Index thread_index() { return {block->thread->index.x, block->thread->index.y, block->thread->index.z}; }
Index block_index() { return {block->index.x, block->index.y, block->index.z}; }
Index block_size() { return {block->launch->block.x, block->launch->block.y, block->launch->block.z}; }
Index grid_size() { return {block->launch->grid.x, block->launch->grid.y, block->launch->grid.z}; }
unsigned lane() { return block->thread->lane(); }

void barrier() {
  block->thread->state = State::AT_BARRIER;
  suspend();
}

uint64_t exchange(unsigned mask, uint64_t value, unsigned source) {
  Thread& self = *block->thread;
  if (!(mask >> self.lane() & 1)) {
    fail_thread(CUDA_ERROR_LAUNCH_FAILED, "warp operation by a lane that its own mask leaves out");
  }
  self.mask = mask;
  self.sent = value;
  self.source = source;
  self.state = State::AT_WARP;
  block->warps[self.warp()].waiting |= 1u << self.lane();
  if (!release_group(mask)) {
    suspend();
  }
  if (self.source == NOBODY) {
    fail_thread(CUDA_ERROR_LAUNCH_FAILED, "shuffle takes the value of a lane that takes no part");
  }
  return self.received;
}

void warp_barrier(unsigned mask) {
  exchange(mask, 0, lane());
  block->thread->epoch++;
}

}
