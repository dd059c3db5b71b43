// A block in execution: its threads (a fiber each), its warps, and the barriers where they wait for one another.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "clocks/knowledge.h"
#include "machine/fiber.h"
#include "machine/launch.h"
#include "machine/order/order.h"
#include "memory/findings.h"

namespace sim {

enum class State { FRESH, READY, AT_BARRIER, AT_NAMED, AT_WARP, AT_CLUSTER, AT_ARRIVAL, SPINS, RETURNED };

// A thread's state at the cluster's barrier: not arrived; arrived; all have arrived, but it has not waited yet.
enum class AtCluster : uint8_t { NOT, COME, ALL_COME };

struct Thread;

// An operation of several lanes of a warp: the last lane to arrive executes it for the whole group, of the warp's 32
// lanes.
using Together = void (*)(Thread* lanes, unsigned group);

// A copy to shared memory in flight: its source, its destination and the bytes that were read.
struct Copy {
  uintptr_t to = 0;
  uintptr_t from = 0;
  std::array<char, 16> bytes;
  unsigned group = 0;    // in which it is committed; the thread's first is 0
  uint8_t size = 0;
  uint8_t read = 0;      // of its bytes; the others are zeros
};

// A thread's copies in flight, oldest first, and the groups of copies that it has committed.
struct Copies {
  std::vector<Copy> under_way;
  unsigned groups = 0;
};

// A stack for threads: it belongs to one thread while that thread waits within a function, and then to the next.
struct Carrier {
  uintptr_t stack = 0;
  Place place;
};

// First comes all that is touched at each turn, a line of the cache.
struct alignas(64) Thread {
  unsigned number = 0;
  State state = State::FRESH;
  AtCluster at_cluster = AtCluster::NOT;
  bool goes_on = false;  // it has left its stack between two instructions, and has not returned
  bool waited = false;   // for the launch before
  uintptr_t stack = 0;   // its own memory: the stack that it runs on, or, interpreted, for local memory and calls
  Carrier* carrier = nullptr;
  Knowledge* knowledge = nullptr;  // as one of a cluster
  void* run = nullptr;   // of an interpreted kernel: what its interpreter keeps of it, in the block's files
  const void* site = nullptr;  // the barrier at which all of its warp must be, or null
  const void* barrier = nullptr;  // of the block, at which it waits: the instruction
  Dimensions index;
  unsigned mask = 0;     // the lanes it waits for
  Together together = nullptr;  // what for
  uint64_t sent = 0;     // its value for `together`, or the value's address
  uint64_t received = 0;
  unsigned source = 0;   // the lane that a shuffle reads
  unsigned epoch = 0;    // counts the warp barriers it has passed
  Copies copies;
  Copies bulk_copies;    // by cp.async.bulk from shared memory
  uintptr_t awaited = 0; // the arrival barrier at which it waits
  bool gave_up = false;  // its last try at one
  unsigned parity = 0;   // of the phase that must have ended there
  bool computes = false; // as it spins: it has not looked for what others do
  uint64_t left = 0;     // of the block's epochs, plus one, that in which it returned; 0 before
  bool at_named = false; // it waits at this barrier of 16, whose votes it gets
  unsigned named = 0;
  Votes named_votes;
  uint64_t turn = 0;     // its position at a pause: in lockstep, lanes with the lowest and the same calls resume
  uint64_t calls = 0;

  unsigned lane() const { return number % 32; }
  unsigned warp() const { return number / 32; }
};

// A barrier of some warps of a block, by the number of threads that it waits for.
struct NamedBarrier {
  unsigned expected = 0;       // threads; 0 before the first arrival
  unsigned come = 0;           // threads that have come; a warp counts as a whole
  bool of_all = false;         // expects all threads that have not returned
  unsigned votes = 0, voters = 0;
  std::vector<Thread*> waiting;
  std::vector<Coming> arrived;  // the knowledge of threads that only arrived
};

struct Warp {
  unsigned alive = 0;    // lanes that have not returned
  unsigned waiting = 0;  // lanes that wait in a shuffle or a warp barrier
  unsigned together = 0; // in lockstep: lanes that take this turn
};

struct Block {
  const Launch* launch = nullptr;
  Dimensions index;
  unsigned rank = 0;           // in its cluster
  uint32_t stamp = 0;          // marks an element as accessed by this block: its number in the grid, plus one
  uint32_t several = 0;        // marks a byte as read by several blocks
  uint64_t launch_number = 0;
  uint64_t epoch = 0;          // counts barriers, over all blocks that have run
  uint64_t first_epoch = 0;    // at the block's beginning
  std::vector<void*> arguments;
  std::vector<Thread> threads;
  std::vector<char> files;     // of all threads, side by side, for few pages to be touched
  std::vector<char> first_file;  // what each begins with, where its interpreter has set that for the first
  std::vector<Warp> warps;
  std::array<NamedBarrier, 16> named;
  Thread* thread = nullptr;    // the running thread
  size_t stack_size = STACK_SIZE;  // of each thread
  size_t returned = 0;         // of its threads
  bool at_several = false;     // its threads have passed a barrier at different places of the text
  bool interpreted = false;    // its kernel is
  bool waited = false;         // one of its threads has waited for the launch before
  bool lets_begin_first = false;  // a thread has let the next launch begin without waiting before
  bool failed = false;

  // Whether an address lies in the running thread's own memory.
  bool owns(uintptr_t address) const { return thread->stack != 0 && address - thread->stack < stack_size; }
};

// The running block, or null between blocks, when the instrumentation reports no accesses of a kernel.
extern Block* block;

// Lets a thread go on that waits for others; and how often that has been done.
extern uint64_t wakes;
inline void wake(Thread& waiting) {
  waiting.state = State::READY;
  wakes++;
}

// Runs one block to its end, threads forward or backward; false if a check failed.
bool run_block(Block& running, bool backward);

// The parts of run_block, for blocks that run together; all but the first are for the running block.
void begin_block(Block& fresh);
// Runs each thread of a warp until it waits or returns, or each thread once, or the lanes in lockstep; true if any
// thread ran.
bool run_warp(unsigned warp, bool backward, bool once = false);
bool run_lanes_together(unsigned warp);
// Releases the block's barrier if all threads that have not returned wait there.
bool pass_block_barrier();
// Fails the launch unless all lanes of the group are at the same barrier.
bool come_to_one_barrier(const Thread* lanes, unsigned group);
// Fails the launch because no thread can continue.
void report_stuck_block();
void give_back_stacks();

size_t count(const Block& of, State state);

// Switches from the running thread to the scheduler, until the scheduler resumes the thread.
void suspend();

// Waits at the block's barrier, at this place of the program text.
void wait_at_barrier(const void* place);

// Waits for the lanes of the mask to arrive; the last lane executes the operation with the values that all sent.
void meet(unsigned mask, Together together, uint64_t sent);

// Removes the running thread, which has returned from the kernel, from its warp's waits, and then its warp from
// barriers.
void leave_warp();
void leave_named_barriers();

// If some threads have only arrived at barrier 0, lets threads at the block's barrier, which is the same, join them;
// true if they continue.
bool join_arrivals();

// Fails the kernel if the running thread has returned from it with copies in flight.
void leave_copies();

// Whether the source has changed since the copy began.
bool has_changed(const Copy& copy);

// Fails the launch with a finding that names kernel, block, thread and place, with the flaw's remedy or another. The
// thread must then suspend itself, and is not resumed. A suppressed finding fails nothing.
Finding finding_of(Grade grade, Flaw flaw, const std::string& what, const std::string& remedy = "");
void violation(Flaw flaw, const std::string& what, const std::string& remedy = "");

// These also suspend the thread; the second is for flaws after which nothing can continue.
void fail_thread(Flaw flaw, const std::string& what, const std::string& remedy = "");
[[noreturn]] void fail_launch(Flaw flaw, const std::string& what, const std::string& remedy = "");

// Reports a warning or a note of the running thread, once per place, and counts it. The launch continues. Returns the
// remark's number.
size_t remark(Grade grade, Flaw flaw, const std::string& what, const std::string& remedy = "");

}
