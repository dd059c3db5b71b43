// A cluster of blocks as it runs: consecutive blocks along x, which run together and reach one another's shared memory.
// All blocks of a cooperative launch run as one, without that reach.
#pragma once
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "clocks/knowledge.h"
#include "machine/block.h"

namespace sim {

struct Fences;

struct Cluster {
  Cluster();
  ~Cluster();

  std::vector<Block> blocks;          // by rank
  unsigned lanes = 0;                 // of a block, its last warp made whole
  std::vector<Knowledge> knowledge;   // of each thread, by its number among the actors
  std::vector<std::unique_ptr<Fences>> fences;  // of each thread that has any
  uint32_t unit = 0, first_unit = 0;  // the stamp of its first block, and of the first of the launch
  uint64_t rounds = 0, idle = 0;      // how often nothing went on but threads in loops; since memory changed last
  uint64_t changes = 0;               // as many as there had been then
  Order order = Order::FORWARD;
  std::minstd_rand random;            // always the same: a failure must come again

  unsigned actor(const Block& of, const Thread& thread) const { return of.rank * lanes + thread.number; }
  bool returned(const Block& of) const;

  // All threads of the block stand at its barrier, or have returned: then what they read is over, and nothing tells
  // that what they wrote is there. Lanes of a warp that come together stand at theirs, or compute.
  void meet(const Block& all);
  void met(const Thread* lanes, unsigned group, bool at_barrier);

  std::vector<Coming> come;  // to its barrier, by each thread that has
  Coming all_come;           // to the last
  std::vector<Knowledge*> meeting;  // kept for its room

  // " of its cluster", or no word where that is the whole grid.
  const char* whose() const;
  // "thread number N of block R of its cluster"
  std::string name_of(unsigned actor) const;
};

// Of memory that others may see, by interpreted kernels.
extern uint64_t changes;

// The one that the running block is of, or null.
extern Cluster* cluster;

// Of the running thread, among all of the cluster.
inline unsigned own_actor() { return cluster->actor(*block, *block->thread); }
inline Knowledge& own_knowledge() { return cluster->knowledge[own_actor()]; }

// Of the cluster that the running block is of, as its kernel sees it.
inline bool in_no_cluster() { return block->launch->cooperative; }

// Fails the running thread: always, or if it runs in no cluster.
[[noreturn]] void fail_launch(Flaw flaw, const std::string& what);
void want_cluster(const char* what);

// Runs a cluster to its end; false if a check failed. Clusters of a launch run in the same object, one after another.
bool run_cluster(Cluster& running);

}
