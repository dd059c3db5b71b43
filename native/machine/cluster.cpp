#include "machine/cluster.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "machine/arrivals.h"
#include "machine/cluster_touches.h"
#include "machine/launch.h"
#include "machine/sends.h"
#include "machine/shared_memory.h"
#include "machine/state.h"

namespace sim {

Cluster* cluster;

namespace {

bool any_failed() {
  return std::any_of(cluster->blocks.begin(), cluster->blocks.end(), [](const Block& one) { return one.failed; });
}

// Runs a block as far as it comes by itself; true if anything of it ran.
bool run_alone(Block& running) {
  block = &running;
  bool backward = cluster->order == Order::REVERSED, ran = false;
  do {
    for (bool any = true; any && !running.failed;) {
      any = false;
      for (unsigned i = 0; i < running.warps.size() && !running.failed; i++) {
        any |= run_warp(backward ? running.warps.size() - 1 - i : i, backward);
        if (!running.failed) {
          deliver_some();
        }
      }
      ran |= any;
    }
  } while (!running.failed && pass_block_barrier());
  return ran;
}

std::vector<unsigned> next_order() {
  std::vector<unsigned> ranks(cluster->blocks.size());
  std::iota(ranks.begin(), ranks.end(), 0);
  if (cluster->order == Order::REVERSED) {
    std::reverse(ranks.begin(), ranks.end());
  } else if (cluster->order == Order::SHUFFLED) {
    std::shuffle(ranks.begin(), ranks.end(), cluster->random);
  }
  return ranks;
}

// All threads that have not returned wait for one another.
bool pass_cluster_barrier() {
  std::vector<Knowledge*> all;
  for (Block& one : cluster->blocks) {
    for (Thread& thread : one.threads) {
      if (thread.state != State::RETURNED && thread.state != State::AT_CLUSTER) {
        return false;
      }
    }
  }
  for (Block& one : cluster->blocks) {
    for (Thread& thread : one.threads) {
      if (thread.state == State::AT_CLUSTER) {
        thread.state = State::READY;
        all.push_back(&cluster->knowledge[cluster->actor(one, thread)]);
      }
    }
  }
  Knowledge::meet(all);
  return !all.empty();
}

// Nobody can go on, and nothing is under way.
void report_stuck() {
  for (Block& one : cluster->blocks) {
    for (Thread& thread : one.threads) {
      if (thread.state == State::AT_ARRIVAL) {
        block = &one;
        one.thread = &thread;
        return violation(CUDA_ERROR_LAUNCH_FAILED, "waits for ever for " + what_it_waits_for(thread));
      }
    }
  }
  unsigned at_barrier = 0, all = 0, returned = 0;
  for (Block& one : cluster->blocks) {
    all += one.threads.size();
    returned += count(one, State::RETURNED);
    at_barrier += count(one, State::AT_CLUSTER);
    if (at_barrier == 0 && !cluster->returned(one)) {
      block = &one;
      return report_stuck_block();
    }
  }
  for (Block& one : cluster->blocks) {
    for (Thread& thread : one.threads) {
      if (thread.state == State::AT_BARRIER || thread.state == State::AT_WARP) {
        block = &one;
        one.thread = &thread;
      }
    }
  }
  violation(CUDA_ERROR_LAUNCH_FAILED, "cluster barrier not reached by all threads: " + std::to_string(at_barrier) +
                                          " of " + std::to_string(all) + " wait at it, " + std::to_string(returned) +
                                          " have returned");
}

bool all_returned() {
  return std::all_of(cluster->blocks.begin(), cluster->blocks.end(),
                     [](const Block& one) { return cluster->returned(one); });
}

void run_to_end() {
  for (bool ends = false; !ends && !any_failed();) {
    bool any = false;
    for (unsigned rank : next_order()) {
      any |= run_alone(cluster->blocks[rank]);
      if (any_failed()) {
        return;
      }
    }
    if (!any && !pass_cluster_barrier() && !deliver_late()) {
      if (all_returned()) {
        check_arrivals_at_end();
        ends = true;
      } else {
        report_stuck();
      }
    }
  }
}

}

bool Cluster::returned(const Block& of) const {
  return count(of, State::RETURNED) == of.threads.size();
}

void Cluster::meet(const Block& all) {
  std::vector<Knowledge*> met;
  for (const Thread& thread : all.threads) {
    met.push_back(&knowledge[actor(all, thread)]);
  }
  Knowledge::meet(met);
}

void Cluster::met(const Thread* lanes, unsigned group, bool at_barrier) {
  Knowledge* first = &knowledge[actor(*block, *lanes)];
  if (!at_barrier) {
    Knowledge::depend(first, group);
    return;
  }
  std::vector<Knowledge*> met;
  for (unsigned lane = 0; lane < 32; lane++) {
    if (group >> lane & 1) {
      met.push_back(first + lane);
    }
  }
  Knowledge::meet(met);
}

std::string Cluster::name_of(unsigned actor) const {
  return "thread number " + std::to_string(actor % lanes) + " of block " + std::to_string(actor / lanes) +
         " of its cluster";
}

unsigned own_actor() {
  return cluster->actor(*block, *block->thread);
}

Knowledge& own_knowledge() {
  return cluster->knowledge[own_actor()];
}

void want_cluster(const char* what) {
  if (!cluster) {
    const char* why = settings.capability < 900 ? " on a card that has no clusters, where the kernel stops"
                                                : " by a kernel that is of no cluster";
    fail_launch(std::string(what) + why);
  }
}

void fail_launch(const std::string& what) {
  fail_thread(CUDA_ERROR_LAUNCH_FAILED, what);
  __builtin_unreachable();
}

bool run_cluster(std::vector<Block> blocks, Order order) {
  Cluster running;
  running.order = order;
  running.blocks = std::move(blocks);
  for (unsigned rank = 0; rank < running.blocks.size(); rank++) {
    running.blocks[rank].rank = rank;
    begin_block(running.blocks[rank]);
  }
  running.lanes = running.blocks[0].warps.size() * 32;
  for (unsigned actor = 0; actor < running.lanes * running.blocks.size(); actor++) {
    running.knowledge.emplace_back(actor);
  }
  cluster = &running;
  forget_shared_arrays();
  forget_cluster_touches();
  forget_arrivals();
  forget_sends();
  run_to_end();
  bool right = !any_failed();
  for (Block& one : running.blocks) {
    block = &one;
    give_back_stacks();
  }
  block = nullptr;
  cluster = nullptr;
  return right;
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
  block->thread->state = State::AT_CLUSTER;
  suspend();
}

unsigned long long place_in(const void* shared, unsigned rank) {
  want_cluster("place_in");
  auto address = reinterpret_cast<uintptr_t>(shared);
  if (!in_shared_space(address)) {
    fail_thread(CUDA_ERROR_ILLEGAL_ADDRESS, "place_in of what is not in shared memory");
  }
  if (rank >= cluster->blocks.size()) {
    fail_thread(CUDA_ERROR_LAUNCH_FAILED, "place_in block " + std::to_string(rank) + " of a cluster of " +
                                              std::to_string(cluster->blocks.size()));
  }
  return address + (uintptr_t(rank) - block->rank) * SHARED_SPACE_OF_A_BLOCK;
}

}
