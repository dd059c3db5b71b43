// A cluster in execution: consecutive blocks along x that run together and access one another's shared memory. In
// interpreted kernels without clusters, each block is a cluster of its own.
#pragma once
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "clocks/knowledge.h"
#include "machine/block.h"

namespace sim {

struct Fences;
struct SharedArrays;
struct Arrivals;
struct Sends;
struct Releases;

struct Cluster {
  Cluster();
  ~Cluster();

  std::vector<Block> blocks;          // by rank
  unsigned lanes = 0;                 // of a block, rounded up to whole warps
  std::vector<Knowledge> knowledge;   // of each thread, by its actor number
  std::vector<std::unique_ptr<Fences>> fences;  // of each thread with fences
  std::vector<Earlier> fenced;        // by each block's sequential fences before the last barrier
  uint32_t unit = 0, first_unit = 0;  // the stamps of its first block, and of the launch's first block
  uint64_t rounds = 0, idle = 0;      // rounds in which only spinning threads ran; and those since memory last changed
  uint64_t changes = 0;               // the count of changes at that time
  uint64_t patience = 0;              // the idle rounds before other clusters get their turn
  Order order = Order::FORWARD;
  std::minstd_rand random;            // constant seed, so that a failure can be reproduced

  // Its shared memory: where that begins among the parts of all, its histories' number, and what is there.
  unsigned first_part = 0;
  uint32_t number = 0;
  std::shared_ptr<SharedArrays> arrays;
  std::shared_ptr<Arrivals> arrivals;
  std::shared_ptr<Sends> sends;
  std::shared_ptr<Releases> releases;

  unsigned actor(const Block& of, const Thread& thread) const { return of.rank * lanes + thread.number; }
  bool returned(const Block& of) const;

  // A barrier: all threads of the block wait there or have returned. Their reads are then over, but nothing has made
  // their writes visible yet. Lanes of a warp that come together wait at their barrier, or compute.
  void meet(const Block& all);
  void met(const Thread* lanes, unsigned group, bool at_barrier);

  std::vector<Coming> come;  // of each thread that has come to the barrier
  Coming all_come;           // of all threads, to the last barrier
  std::vector<Knowledge*> meeting;  // a member only to reuse its memory
};

// The number of changes by interpreted kernels to memory that others may read.
extern uint64_t changes;

// The running block's cluster, or null.
extern Cluster* cluster;

// The running thread's number and knowledge among all threads of the cluster.
inline unsigned own_actor() { return cluster->actor(*block, *block->thread); }
inline Knowledge& own_knowledge() { return *block->thread->knowledge; }

// Fails the running thread if it runs in no cluster.
void want_cluster(const char* what);

// Clusters of a launch run one after another in the same object, or in several objects if one waits for another. A
// cluster begins in its blocks' places, and continues until it has ended or only loops that poll other threads still
// run.
enum class Progress { FAILED, WAITS, ENDED };
void begin_cluster(Cluster& fresh, bool alone);
Progress go_on(Cluster& running);
void end_cluster(Cluster& running);

// Whether the cluster has waited for so long that no thread does what it waits for; fail_waiting then fails it, and
// says what a loop waits for.
constexpr const char* WAITS_IN_VAIN = "waits in a loop for what no thread does";
bool worn_out(const Cluster& waiting);
void fail_waiting(Cluster& waiting, const std::string& what);

}
