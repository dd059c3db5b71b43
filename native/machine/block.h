// A block as it runs: its threads, each a fiber, its warps, and where they wait for one another.
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

// It has come to the barrier of its cluster; and all have, and it has not waited for that yet.
enum class AtCluster : uint8_t { NOT, COME, ALL_COME };

struct Thread;

// An operation of several lanes of a warp: the last that comes does it for all of the group, of the warp's 32 lanes.
using Together = void (*)(Thread* lanes, unsigned group);

// A copy to shared memory that is under way: what it read, and where from and to.
struct Copy {
  uintptr_t to = 0;
  uintptr_t from = 0;
  std::array<char, 16> bytes;
  unsigned group = 0;    // that it is committed with, the thread's first being 0
  uint8_t size = 0;
  uint8_t read = 0;      // of its bytes; the others are zeros
};

// Those of a thread, oldest first, and the groups of them that it has committed.
struct Copies {
  std::vector<Copy> under_way;
  unsigned groups = 0;
};

// A stack that threads run on: of a thread for as long as that waits within a function, and else of the next.
struct Carrier {
  uintptr_t stack = 0;
  Place place;
};

struct Thread {
  Dimensions index;
  unsigned number = 0;
  State state = State::FRESH;
  uintptr_t stack = 0;   // its own memory: the stack that it runs on, or, interpreted, for local memory and calls
  Carrier* carrier = nullptr;
  bool goes_on = false;  // it has left its stack between two instructions, and has not returned
  unsigned mask = 0;     // the lanes it waits for
  Together together = nullptr;  // what for
  uint64_t sent = 0;     // what it gives to that, or where that lies
  uint64_t received = 0;
  unsigned source = 0;   // the lane it takes from in a shuffle
  unsigned epoch = 0;    // counts the warp barriers it has passed
  Copies copies;
  Copies bulk_copies;    // by cp.async.bulk from shared memory
  uintptr_t awaited = 0; // the arrival barrier at which it waits
  bool gave_up = false;  // its last try at one
  unsigned parity = 0;   // of the phase that must have ended there
  bool computes = false; // as it spins: it has not looked for what others do
  Knowledge* knowledge = nullptr;  // as one of a cluster
  void* run = nullptr;   // of an interpreted kernel: what its interpreter keeps of it, in the block's files
  const void* site = nullptr;  // the barrier at which all of its warp must be, or null
  const void* barrier = nullptr;  // of the block, at which it waits: the instruction
  uint64_t left = 0;     // of the block's epochs, plus one, that in which it returned; 0 before
  AtCluster at_cluster = AtCluster::NOT;
  bool at_named = false; // it waits at this barrier of 16, whose votes it gets
  unsigned named = 0;
  Votes named_votes;
  uint64_t turn = 0;     // where it pauses: in lockstep the lanes go on that come first by that, at the same calls
  uint64_t calls = 0;
  bool waited = false;   // for the launch before

  unsigned lane() const { return number % 32; }
  unsigned warp() const { return number / 32; }
};

// A barrier of some warps of a block, by the number of threads that it waits for.
struct NamedBarrier {
  unsigned expected = 0;       // threads; 0 while nobody has come
  unsigned come = 0;           // threads, warps counting as whole ones
  bool of_all = false;         // that have not returned, however many they are
  unsigned votes = 0, voters = 0;
  std::vector<Thread*> waiting;
  std::vector<Coming> arrived;  // what those that only arrive knew
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
  uint32_t stamp = 0;          // what marks an element as accessed by this block: its number in the grid, plus one
  uint32_t several = 0;        // marks a byte as read by several blocks
  uint64_t launch_number = 0;
  uint64_t epoch = 0;          // counts barriers, over all blocks that have run
  uint64_t first_epoch = 0;    // that it began with
  std::vector<void*> arguments;
  std::vector<Thread> threads;
  std::vector<char> files;     // of all threads, side by side, for few pages to be touched
  std::vector<Warp> warps;
  std::array<NamedBarrier, 16> named;
  Thread* thread = nullptr;    // the one that runs
  size_t stack_size = STACK_SIZE;  // of each thread
  size_t returned = 0;         // of its threads
  bool at_several = false;     // its threads have passed a barrier at different places of the text
  bool interpreted = false;    // its kernel is
  bool waited = false;         // one of its threads has waited for the launch before
  bool lets_begin_first = false;  // one that has not lets the next launch begin
  bool failed = false;

  // Whether it lies in the running thread's own memory.
  bool owns(uintptr_t address) const { return thread->stack != 0 && address - thread->stack < stack_size; }
};

// The block that runs, or null between blocks: then nothing that the instrumentation reports is a kernel's doing.
extern Block* block;

// Runs one block to its end, threads forward or backward; false if a check failed.
bool run_block(Block& running, bool backward);

// The parts of that, for blocks that run together; all but the first are about the running block.
void begin_block(Block& fresh);
// Runs the threads of a warp until each waits for something or has returned, or each once, or in lockstep; true if any
// ran.
bool run_warp(unsigned warp, bool backward, bool once = false);
bool run_lanes_together(unsigned warp);
// Lets all go on if all that have not returned stand at the block's barrier.
bool pass_block_barrier();
// Fails the launch unless all lanes of the group are at the same barrier.
bool come_to_one_barrier(const Thread* lanes, unsigned group);
// Fails the launch, since nobody can go on.
void report_stuck_block();
void give_back_stacks();

size_t count(const Block& of, State state);

// Goes from the running thread back to the scheduler, until that resumes it.
void suspend();

// Waits at the block's barrier, which is at this place of the text.
void wait_at_barrier(const void* place);

// Waits for the lanes of the mask to come to the same, and lets the last do it with what each has sent.
void meet(unsigned mask, Together together, uint64_t sent);

// Takes the running thread, which has returned from the kernel, out of what its warp waits for, and then its warp out
// of what barriers wait for.
void leave_warp();
void leave_named_barriers();

// Where some have only arrived at barrier 0, brings there those that stand at the block's barrier, which is the same;
// true if they go on.
bool join_arrivals();

// Fails the kernel if the running thread, which has returned from it, has copies under way.
void leave_copies();

// Whether the source is not what it was when the copy began.
bool has_changed(const Copy& copy);

// Fails the launch with a finding that names kernel, block, thread and place; the flaw's remedy is told, or another. A
// thread that finds one must suspend itself; it is not resumed. One that is suppressed fails nothing.
Finding finding_of(Grade grade, Flaw flaw, const std::string& what, const std::string& remedy = "");
void violation(Flaw flaw, const std::string& what, const std::string& remedy = "");

// The same, and suspends the thread; and of a flaw after which nothing can go on.
void fail_thread(Flaw flaw, const std::string& what, const std::string& remedy = "");
[[noreturn]] void fail_launch(Flaw flaw, const std::string& what, const std::string& remedy = "");

// A warning or a note of the running thread, told once a place and counted. The launch goes on. Gives its number.
size_t remark(Grade grade, Flaw flaw, const std::string& what, const std::string& remedy = "");

}
