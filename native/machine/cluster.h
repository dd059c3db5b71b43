// A cluster of blocks as it runs: consecutive blocks along x, which run together and reach one another's shared memory.
#pragma once
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "machine/block.h"
#include "machine/knowledge.h"

namespace sim {

struct Cluster {
  std::vector<Block> blocks;          // by rank
  unsigned lanes = 0;                 // of a block, its last warp made whole
  std::vector<Knowledge> knowledge;   // of each thread, by its number among the actors
  Order order = Order::FORWARD;
  std::minstd_rand random;            // always the same: a failure must come again

  unsigned actor(const Block& of, const Thread& thread) const { return of.rank * lanes + thread.number; }
  bool returned(const Block& of) const;

  // All threads of the block stand at its barrier; lanes of a warp that come together stand at theirs, or compute.
  void meet(const Block& all);
  void met(const Thread* lanes, unsigned group, bool at_barrier);

  // "thread number N of block R of its cluster"
  std::string name_of(unsigned actor) const;
};

// The one that the running block is of, or null.
extern Cluster* cluster;

// Of the running thread, among all of the cluster.
unsigned own_actor();
Knowledge& own_knowledge();

// Fails the running thread: always, or if it runs in no cluster.
[[noreturn]] void fail_launch(const std::string& what);
void want_cluster(const char* what);

// Runs a cluster to its end; false if a check failed.
bool run_cluster(std::vector<Block> blocks, Order order);

}
