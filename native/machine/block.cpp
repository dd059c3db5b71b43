#include "machine/block.h"

#include <algorithm>

#include "machine/cluster.h"
#include "machine/remarks.h"
#include "machine/shared_memory.h"
#include "memory/state.h"

namespace sim {

Block* block;

namespace {

uint64_t next_epoch;

std::string words(const Dimensions& index) {
  return "(" + std::to_string(index.x) + "," + std::to_string(index.y) + "," + std::to_string(index.z) + ")";
}

}

size_t count(const Block& of, State state) {
  return std::count_if(of.threads.begin(), of.threads.end(), [=](const Thread& one) { return one.state == state; });
}

// PTX calls a barrier aligned if all threads of a warp must reach the same one.
bool come_to_one_barrier(const Thread* lanes, unsigned group) {
  const void* site = lanes[__builtin_ctz(group)].site;
  for (unsigned lane = 0; lane < 32; lane++) {
    if (group >> lane & 1 && lanes[lane].site != site) {
      violation(Flaw::BARRIER, "lanes " + std::to_string(__builtin_ctz(group)) + " and " +
                                   std::to_string(lane) +
                                   " of a warp come to different barriers: it must be one for all of it");
      return false;
    }
  }
  return true;
}

// A thread that has returned counts as arrived. It may have passed fewer barriers than others: in a loop with fewer
// turns, or beside a barrier in a branch. CUDA forbids it (programming guide, "Synchronization Functions"), and cards
// forgive it (known).
void remark_on_skipped_barrier(Thread& waiting) {
  size_t missing = std::count_if(block->threads.begin(), block->threads.end(), [&](const Thread& one) {
    return one.left == block->epoch + 1 && one.barrier;
  });
  if (missing > 0) {
    block->thread = &waiting;
    remark_here(Grade::NOTE, Flaw::BARRIER, [&] {
      return std::to_string(missing) + " threads of the block never reached this barrier, and returned after others "
                                       "that they passed";
    }, "Let all threads of the block reach the same barriers");
  }
}

// The barrier does not wait for threads that have returned. If threads came to different barriers of the text before,
// a thread that has returned has missed one, although the counts were even.
bool pass_block_barrier() {
  size_t waiting = count(*block, State::AT_BARRIER);
  if (waiting > 0 && !block->named[0].arrived.empty()) {
    return join_arrivals();
  }
  if (waiting == 0 || waiting + block->returned < block->threads.size() || (block->returned > 0 && block->at_several)) {
    return false;
  }
  for (size_t first = 0; block->interpreted && first < block->threads.size(); first += 32) {
    unsigned alive = block->warps[first / 32].alive;
    block->thread = &block->threads[first];
    if (alive != 0 && !come_to_one_barrier(block->thread, alive)) {
      return false;
    }
  }
  const void* barrier = nullptr;
  for (Thread& thread : block->threads) {
    if (thread.state == State::AT_BARRIER) {
      if (!barrier && block->interpreted && block->returned > 0) {
        remark_on_skipped_barrier(thread);
      }
      thread.state = State::READY;
      thread.waited |= block->waited;
      block->at_several |= barrier && barrier != thread.barrier;
      barrier = thread.barrier;
    }
  }
  block->epoch++;
  if (cluster) {
    cluster->meet(*block);
  }
  return true;
}

void report_stuck_block() {
  for (Thread& thread : block->threads) {
    if (thread.state == State::AT_NAMED) {
      const NamedBarrier& barrier = block->named[thread.named];
      block->thread = &thread;
      return violation(Flaw::BARRIER,
                       "barrier " + std::to_string(thread.named) + " not reached by all that it waits for: " +
                           std::to_string(barrier.come) + " of " + std::to_string(barrier.expected) + " threads");
    }
    if (thread.state == State::AT_BARRIER || thread.state == State::AT_WARP) {
      block->thread = &thread;
    }
  }
  size_t at_barrier = count(*block, State::AT_BARRIER), returned = count(*block, State::RETURNED);
  size_t all = block->threads.size();
  std::string counts = std::to_string(at_barrier) + " of " + std::to_string(all) + " wait at a barrier, " +
                       std::to_string(all - at_barrier - returned) + " in a warp operation, " +
                       std::to_string(returned) + " have returned";
  bool lanes_miss = at_barrier + returned < all;
  violation(lanes_miss ? Flaw::WARP_OPERATION : Flaw::BARRIER, "barrier not reached by all threads: " + counts);
}

void begin_block(Block& fresh) {
  size_t count = fresh.launch->block.count();
  const Kernel& kernel = *fresh.launch->kernel;
  fresh.stack_size = kernel.interpreted ? LARGE_STACK_SIZE : STACK_SIZE;
  fresh.interpreted = kernel.interpreted;
  fresh.returned = 0;
  fresh.first_file.clear();
  fresh.at_several = fresh.waited = fresh.lets_begin_first = false;
  fresh.threads.assign(count, Thread());
  fresh.named.fill(NamedBarrier());
  fresh.warps.assign((count + 31) / 32, Warp());
  for (unsigned i = 0; i < count; i++) {
    fresh.threads[i].number = i;
    fresh.threads[i].index = fresh.launch->block.at(i);
    fresh.warps[i / 32].alive |= 1u << i % 32;
  }
  fresh.thread = &fresh.threads[0];
}

bool run_block(Block& running, bool backward) {
  block = &running;
  begin_block(running);
  running.first_epoch = running.epoch = next_epoch;
  SharedArrays arrays;
  use_shared_arrays(arrays, 0);
  do {
    for (bool any = true; any && !running.failed;) {
      any = false;
      for (unsigned i = 0; i < running.warps.size() && !running.failed; i++) {
        any |= run_warp(backward ? running.warps.size() - 1 - i : i, backward);
      }
    }
  } while (!running.failed && pass_block_barrier());
  if (!running.failed && count(running, State::RETURNED) < running.threads.size()) {
    report_stuck_block();
  }
  give_back_stacks();
  next_epoch = running.epoch + 1;
  block = nullptr;
  return !running.failed;
}

// The message names the place after a comma.
Finding finding_of(Grade grade, Flaw flaw, const std::string& what, const std::string& remedy) {
  const char* name = block->launch->kernel->name;
  char place[256] = "";
  if (block->launch->kernel->place) {
    block->launch->kernel->place(place, sizeof place, nullptr);
  }
  std::string who = "; block " + words(block->index) + " thread " + words(block->thread->index);
  std::string message = std::string("kernel ") + name + ": " + what + who + place;
  return {grade, flaw, name, message, *place ? place + 2 : "", remedy};
}

void violation(Flaw flaw, const std::string& what, const std::string& remedy) {
  Finding finding = finding_of(Grade::ERROR, flaw, what, remedy);
  finding.message += flaw == Flaw::RACE ? "" : unwritten_hint();
  block->failed |= fail_context(finding) != CUDA_SUCCESS || !goes_on(flaw);
}

void fail_thread(Flaw flaw, const std::string& what, const std::string& remedy) {
  violation(flaw, what, remedy);
  if (block->failed) {
    suspend();
  }
}

void fail_launch(Flaw flaw, const std::string& what, const std::string& remedy) {
  fail_thread(flaw, what, remedy);
  __builtin_unreachable();
}

size_t remark(Grade grade, Flaw flaw, const std::string& what, const std::string& remedy) {
  return remark_on(finding_of(grade, flaw, what, remedy));
}

}
