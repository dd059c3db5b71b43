// A thread's execution of a PTX function: its frames, registers and memory. The kernel's own frame lies in the block's
// files; frames of calls lie at the low end of the thread's own memory, with local memory above. A thread therefore
// needs a stack only within an instruction.
#pragma once
#include <cstring>

#include "machine/block.h"
#include "machine/shared_memory.h"
#include "memory/memory.h"
#include "ptx/program.h"

namespace sim::ptx {

struct Frame {
  Frame* caller = nullptr;
  const Function* function = nullptr;
  const Instruction* back = nullptr;  // the caller's next instruction
  uint64_t* registers = nullptr;
  char* params = nullptr;
  size_t local = 0;                   // the beginning of its local memory
  size_t below = 0;                   // the local memory in use before
  char* end = nullptr;
};

struct Run {
  uint64_t* registers = nullptr;  // of the frame
  const Instruction* at = nullptr;
  Frame* frame = nullptr;
  char* local = nullptr;          // the thread's local memory
  size_t local_end = 0;           // the end of the local memory in use
  uintptr_t shared = 0;           // where shared memory's addresses begin
  bool carry = false;
  uint32_t steps = 0;             // since it let others run: backward branches, where looking at others counts as many
  bool looked = false;            // whether it has looked at others' changes since then
  const Program* program = nullptr;
  const Instruction* next = nullptr;  // where it resumes after leaving its stack
  bool paused = false;            // whether it has paused just before that
  size_t bytes = 0;               // including the kernel's frame
};

// Leaves the stack to other threads until this thread resumes; a step returns this as its next instruction.
inline const Instruction* leave(Run& run, const Instruction* next) {
  run.next = next;
  return nullptr;
}

// Gives the next instruction, after a row that can be done at once.
inline const Instruction* after(const Instruction& i, Run& run) {
  const Instruction& next = (&i)[1];
  return i.row > 0 ? next.step(next, run) : &next;
}

// More local memory for the function that runs: where it begins.
size_t extend_local(Run& run, size_t bytes, size_t alignment);

// The run of the running thread.
Run& this_run();

template <typename T>
inline T get(const Run& run, Slot slot) {
  T value;
  std::memcpy(&value, run.registers + slot, sizeof value);
  return value;
}

template <typename T>
inline void put(Run& run, Slot slot, T value) {
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  run.registers[slot] = bits;
}

inline bool is_set(const Run& run, Slot predicate) {
  return run.registers[predicate] != 0;
}

// An instruction's address as one of this process; in shared memory those of 32 bits wrap around.
inline uintptr_t address_in(Space space, const Run& run, uint64_t value) {
  switch (space) {
    case Space::CLUSTER:
    case Space::SHARED: return run.shared + uint32_t(value);
    case Space::LOCAL: return reinterpret_cast<uintptr_t>(run.local) + value;
    case Space::PARAM: return reinterpret_cast<uintptr_t>(run.frame->params) + value;
    default: return value;
  }
}

// Whether an address lies in the running thread's parameters or local memory.
bool in_own_memory(uintptr_t address);

// Fails the thread unless the access is aligned and within its memory, and nothing races with it.
void check_read(uintptr_t address, size_t size);
void check_write(uintptr_t address, size_t size);
// The same for device memory, or for the block's own shared memory.
void check_global(uintptr_t address, size_t size, bool writes);
void check_own_shared(uintptr_t address, size_t size, bool writes);
// Checks only alignment, and the bounds of the thread's own memory.
void check_aligned(uintptr_t address, size_t size, bool writes);
// Fails unless an address belongs to its space: device memory, constants, or the block's own shared memory.
void check_space(Space space, uintptr_t address, size_t size, bool writes);

// The thread has looked for other threads' changes and may do so again, or is at a place where it lets others run.
inline void look(Run& run) {
  run.steps += 128;
  run.looked = true;
}
const Instruction* rest(Run& run, const Instruction* next);

// The steps that leave a function.
const Instruction* leave_function(const Instruction& instruction, Run& run);
const Instruction* fail_for_lack(const Instruction& instruction, Run& run);
const Instruction* enter_function(const Function& function, const Instruction* back, Run& run);

// The arguments and results of a call: variables of the caller that replace the function's own.
struct Call {
  const Function* function = nullptr;  // null for a call by pointer
  std::vector<const Variable*> arguments, results;
};

// The entry point of a kernel.
struct Entry : Kernel {
  std::string obstacle;                // to its launch
  const Program* program = nullptr;
  const Function* function = nullptr;
};
void run_thread(void* const* arguments);

// ", PTX line 12 (saxpy.cu:7)"; and the place of the running thread, or of an instruction of its kernel, for a finding.
std::string place_of(const Program& program, unsigned line, uint32_t location);
const void* own_place();
void describe_place(char* text, unsigned long size, const void* instruction);

}
