// The threads of a warp take turns on stacks: each runs until it waits for something, returns or leaves its stack.
#include <algorithm>
#include <new>
#include <utility>

#include "machine/block.h"
#include "machine/cluster.h"
#include "machine/early_launch.h"
#include "memory/state.h"

namespace sim {

uint64_t wakes;

namespace {

Place scheduler;

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

// Runs each of these lanes once if it can go on; true if any ran.
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

// The lanes that are in the deepest call and come first in its text take the next turn. So lanes that have branched
// apart meet again.
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

void suspend() {
  switch_to(block->thread->carrier->place, scheduler);
}

}
