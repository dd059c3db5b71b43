#include "machine/block.h"

#include <algorithm>
#include <new>
#include <utility>

#include "machine/cluster.h"
#include "machine/early_launch.h"
#include "machine/remarks.h"
#include "machine/shared_memory.h"
#include "memory/state.h"

namespace sim {

Block* block;
uint64_t wakes;

namespace {

uint64_t next_epoch;

Place scheduler;

std::string words(const Dimensions& index) {
  return "(" + std::to_string(index.x) + "," + std::to_string(index.y) + "," + std::to_string(index.z) + ")";
}

std::vector<Carrier*> spare_carriers;

void end_thread() {
  leave_copies();
  block->thread->state = State::RETURNED;
  block->thread->left = block->epoch + 1;
  block->returned++;
  leave_warp();
  leave_named_barriers();
  if (overlap && block->returned == block->threads.size()) {
    overlap->waited |= block->waited;
    overlap->next_begins_after |= block->waited && !block->lets_begin_first;
  }
}

// The lanes of a warp that run one after another. A carrier goes on with the next by itself.
struct Turn {
  unsigned first, count, lanes;
  bool backward;
  unsigned at;
};
Turn turn;

Thread* next_of_turn() {
  while (turn.at < turn.count && !block->failed) {
    unsigned lane = turn.backward ? turn.count - 1 - turn.at : turn.at;
    Thread& thread = block->threads[turn.first + lane];
    turn.at++;
    if (turn.lanes >> lane & 1 && (thread.state == State::FRESH || thread.state == State::READY)) {
      return &thread;
    }
  }
  return nullptr;
}

void leave_own_memory(Thread& thread) {
  if (block->interpreted && thread.stack != 0) {
    leave_stack(thread.stack, block->stack_size);
  }
  thread.stack = 0;
}

// The thread is the running one, on this carrier unless it waits on another.
Place& place_for(Thread& thread, Carrier* carrier) {
  if (!thread.carrier) {
    thread.carrier = carrier;
    thread.stack = block->interpreted ? thread.stack : carrier->stack;
  }
  thread.state = State::READY;
  block->thread = &thread;
  return thread.carrier->place;
}

void carry_threads() {
  for (;;) {
    bool lacks_memory = false;
    try {
      block->launch->kernel->call(block->arguments.data());
    } catch (const std::bad_alloc&) {
      lacks_memory = true;
    }
    // Beyond the handler, which must not wait on another stack.
    if (lacks_memory) {
      fail_launch(Flaw::UNSUPPORTED, "takes more memory than the host gives the simulated GPU",
                  "Launch fewer threads, or raise the limit of the process (ulimit -v)");
    }
    Thread& thread = *block->thread;
    if (!thread.goes_on) {
      end_thread();
      leave_own_memory(thread);
    }
    Carrier* mine = std::exchange(thread.carrier, nullptr);
    Thread* next = next_of_turn();
    Place& place = next ? place_for(*next, mine) : scheduler;
    if (&place != &mine->place) {
      spare_carriers.push_back(mine);
      switch_to(mine->place, place);
    }
  }
}

Carrier* take_carrier() {
  if (spare_carriers.empty()) {
    auto* made = new Carrier{take_stack(STACK_SIZE), {}};
    prepare(made->place, made->stack, STACK_SIZE, carry_threads);
    return made;
  }
  Carrier* last = spare_carriers.back();
  spare_carriers.pop_back();
  return last;
}

// Runs each of these lanes once, if it can go on; true if any did.
bool run_lanes(unsigned warp, unsigned lanes, bool backward) {
  turn = {warp * 32, unsigned(std::min<size_t>(32, block->threads.size() - warp * 32)), lanes, backward, 0};
  bool any = false;
  while (Thread* next = next_of_turn()) {
    switch_to(scheduler, place_for(*next, next->carrier ? nullptr : take_carrier()));
    any = true;
  }
  return any;
}

}

// Of the lanes that can go on, those take a turn that are in the deepest call and come first in its text. So lanes that
// have branched apart meet again.
bool run_lanes_together(unsigned warp) {
  Thread* lanes = &block->threads[warp * 32];
  unsigned& together = block->warps[warp].together = 0;
  if (lanes->state == State::FRESH) {
    run_lanes(warp, ~0u, false);
  }
  const Thread* first = nullptr;
  for (unsigned alive = block->warps[warp].alive; alive != 0; alive &= alive - 1) {
    unsigned lane = __builtin_ctz(alive);
    const Thread& thread = lanes[lane];
    if (thread.state == State::READY) {
      bool earlier = !first || thread.turn < first->turn;
      bool same = first && thread.turn == first->turn && thread.calls == first->calls;
      first = earlier ? &thread : first;
      together = (earlier ? 0 : together) | (earlier || same ? 1u : 0u) << lane;
    }
  }
  if (settings.lockstep && together != 0) {
    cluster->met(lanes, together, false);
  }
  run_lanes(warp, together, false);
  return first && !block->failed;
}

bool run_warp(unsigned warp, bool backward, bool once) {
  bool any = false;
  uint64_t before;
  do {
    before = wakes;
    any |= run_lanes(warp, ~0u, backward);
  } while (!once && wakes != before);
  return any && !block->failed;
}

size_t count(const Block& of, State state) {
  return std::count_if(of.threads.begin(), of.threads.end(), [=](const Thread& one) { return one.state == state; });
}

// Of the barriers that PTX calls aligned, one must be reached by all of a warp.
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

// Threads that have returned count as come. Some may have passed a barrier before, as in a loop with other numbers of
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

// Threads that have returned are not waited for. Where some came to other places of the text before, one that has
// returned has missed a barrier, though the numbers came out even there.
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

void give_back_stacks() {
  for (Thread& thread : block->threads) {
    if (thread.carrier) {
      prepare(thread.carrier->place, thread.carrier->stack, STACK_SIZE, carry_threads);
      spare_carriers.push_back(thread.carrier);
      thread.carrier = nullptr;
    }
    leave_own_memory(thread);
  }
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

void suspend() {
  switch_to(block->thread->carrier->place, scheduler);
}

// The place is told after a comma.
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
