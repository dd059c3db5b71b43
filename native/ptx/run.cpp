#include "ptx/run.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>

#include "machine/cluster.h"
#include "machine/launch.h"
#include "machine/time_limit.h"
#include "machine/order/order.h"
#include "memory/state.h"
#include "ptx/coverage.h"

namespace sim::ptx {

namespace {

// The first page of a stack cannot be touched.
constexpr size_t FIRST = PAGE;
// Then the frames, then local memory, and above it the stack of the interpreter itself.
constexpr size_t FRAMES = LARGE_STACK_SIZE - LOCAL_LIMIT - (128 << 10);
constexpr size_t MOST_OF_A_FILE = 32 << 10;
static_assert(FRAMES > FIRST + (256 << 10));

template <typename T>
T* aligned(char* at, size_t alignment = 16) {
  return reinterpret_cast<T*>((reinterpret_cast<uintptr_t>(at) + alignment - 1) / alignment * alignment);
}

[[noreturn]] void overflow() {
  fail_thread(Flaw::STACK_OVERFLOW, "stack overflow: its functions call one another too deeply, or hold too "
                                    "much; a thread has " + std::to_string(LOCAL_LIMIT >> 10) + " KiB");
  __builtin_unreachable();
}

uint64_t value_of(const Constant& constant, const Run& run) {
  if (constant.kind != Constant::SHARED) {
    return constant.bits + (constant.kind == Constant::LOCAL ? run.frame->local : 0);
  }
  const Variable& variable = defined(*constant.variable);
  void* array = variable.sized ? shared_array(&variable, variable.size) : dynamic_shared();
  return reinterpret_cast<uintptr_t>(array) - run.shared + constant.bits;
}

// Begins a frame at this place of the stack.
void push(Run& run, const Function& function, const Instruction* back, char* at) {
  auto* frame = aligned<Frame>(at);
  char* params = aligned<char>(reinterpret_cast<char*>(frame + 1), 256);
  auto* registers = aligned<uint64_t>(params + function.param_bytes);
  char* end = reinterpret_cast<char*>(registers + function.slots);
  size_t local = (run.local_end + 255) / 256 * 256;
  auto stack = reinterpret_cast<char*>(block->thread->stack);
  if ((at < stack + FRAMES && end > stack + FRAMES) || local + function.local_bytes > LOCAL_LIMIT) {
    overflow();
  }
  *frame = {run.frame, &function, back, registers, params, local, run.local_end, end};
  std::fill_n(reinterpret_cast<uint64_t*>(run.local + local), (function.local_bytes + 7) / 8, unset_value);
  run.frame = frame;
  run.registers = registers;
  run.local_end = local + function.local_bytes;
}

// A register that nobody has set must not depend on what ran before.
void fill_registers(const Run& run) {
  const Function& function = *run.frame->function;
  std::fill_n(run.registers, function.slots, unset_value);
  for (const Constant& constant : function.constants) {
    run.registers[constant.slot] = value_of(constant, run);
  }
}

// All threads of a block begin with the same parameters and registers.
void fill_first(const Run& run, void* const* arguments) {
  const Frame& frame = *run.frame;
  const Function& function = *frame.function;
  std::vector<char>& file = block->first_file;
  if (file.empty()) {
    fill_registers(run);
    for (size_t i = 0; i < function.parameters.size(); i++) {
      std::memcpy(frame.params + function.parameters[i]->place, arguments[i], function.parameters[i]->size);
    }
    file.assign(frame.params, reinterpret_cast<char*>(frame.registers + function.slots));
  } else {
    std::memcpy(frame.params, file.data(), file.size());
  }
}

// A frame's parameters may lie at any multiple of 256.
Run& make_run(const Entry& entry, void* const* arguments) {
  const Function& function = *entry.function;
  Thread& thread = *block->thread;
  constexpr size_t HEAD = (sizeof(Run) + sizeof(Frame) + 271) / 256 * 256;
  size_t bytes = (HEAD + function.param_bytes + function.slots * sizeof(uint64_t) + 271) / 256 * 256;
  bool large = bytes > MOST_OF_A_FILE;
  size_t own = large ? 256 : bytes;
  if (block->files.size() < own * block->threads.size() + 256) {
    block->files.resize(own * block->threads.size() + 256);
  }
  auto* run = reinterpret_cast<Run*>(aligned<char>(block->files.data(), 256) + own * thread.number);
  thread.run = run;
  *run = Run();
  run->bytes = own;
  run->program = entry.program;
  run->shared = own_shared_space() - shared_offset(own_shared_space());
  char* low = nullptr;
  if (function.uses_local || large) {
    thread.stack = take_stack(LARGE_STACK_SIZE);
    low = reinterpret_cast<char*>(thread.stack) + FIRST;
    run->local = reinterpret_cast<char*>(thread.stack + FRAMES);
  }
  push(*run, function, nullptr, large ? low : reinterpret_cast<char*>(run + 1));
  if (!large) {
    run->frame->end = low;
  }
  fill_first(*run, arguments);
  run->next = function.instructions.data();
  return *run;
}

}

size_t extend_local(Run& run, size_t bytes, size_t alignment) {
  size_t start = (run.local_end + alignment - 1) / alignment * alignment;
  if (start > LOCAL_LIMIT || bytes > LOCAL_LIMIT - start) {
    overflow();
  }
  std::memset(run.local + start, 0xff, bytes);
  run.local_end = start + bytes;
  return start;
}

Run& this_run() {
  return *static_cast<Run*>(block->thread->run);
}

const Instruction* enter_function(const Function& called, const Instruction* back, Run& run) {
  const Function& function = defined(called);
  Frame& caller = *run.frame;
  push(run, function, back, caller.end);
  fill_registers(run);
  return function.instructions.data();
}

const Instruction* leave_function(const Instruction&, Run& run) {
  Frame& frame = *run.frame;
  if (!frame.caller) {
    return nullptr;
  }
  run.frame = frame.caller;
  run.registers = run.frame->registers;
  run.local_end = frame.below;
  const auto& call = *static_cast<const Call*>(frame.back[-1].form);
  for (size_t k = 0; k < call.results.size(); k++) {
    const Variable& from = *frame.function->results[k];
    std::memcpy(run.frame->params + call.results[k]->place, frame.params + from.place,
                std::min(from.size, call.results[k]->size));
  }
  return frame.back;
}

const Instruction* fail_for_lack(const Instruction& i, Run&) {
  fail_thread(Flaw::UNSUPPORTED, *static_cast<const std::string*>(i.form));
  return nullptr;
}

// Keeps the place where the thread first reads a register that nobody has set. A store counts, though it has no result.
void note_unset(const Instruction& i, const Run& run) {
  auto unset = [&](Slot slot) {
    return slot != NO_SLOT && slot < run.frame->function->slots && run.registers[slot] == unset_value;
  };
  bool stored = i.to == NO_SLOT && i.more && unset(*i.more);
  if (unset_place.empty() && (stored || unset(i.a) || unset(i.b) || unset(i.c))) {
    unset_place = place_of(*run.program, i.line, i.location);
  }
}

// The same where it has taken from local memory what nobody has stored there.
void note_unset_result(const Instruction& i, const Run& run) {
  uint64_t value = i.to == NO_SLOT ? 0 : run.registers[i.to];
  if (unset_place.empty() && (value == uint32_t(unset_value) || value == unset_value >> 32)) {
    unset_place = place_of(*run.program, i.line, i.location);
  }
}

// In lockstep the deepest call comes first, and within it the earliest place of the text.
const Instruction* pause_at(const Instruction& i, Run& run) {
  uint64_t depth = 0, calls = 0;
  for (const Frame* frame = run.frame; frame; frame = frame->caller) {
    depth++;
    calls = calls * 31 + reinterpret_cast<uintptr_t>(frame->back);
  }
  auto number = uint64_t(&i - run.frame->function->instructions.data());
  block->thread->turn = (UINT64_MAX - depth) << 48 | uint64_t(i.line) << 16 | (number & 0xffff);
  block->thread->calls = calls;
  run.paused = true;
  return leave(run, &i);
}

// Gives the number of instructions that ran. A thread pauses only before instructions whose effects others can see.
template <bool pauses, bool covers, bool seeks = false>
uint64_t execute(const Instruction* at, Run& run) {
  uint64_t count = 0, next = pauses ? instructions_to_pause() + run.paused : 0;
  run.paused = false;
  while (at) {
    run.at = at;
    count++;
    if (at->guard != NO_SLOT && is_set(run, at->guard) == at->negated) {
      at++;
      continue;
    }
    if (pauses && at->seen && count > next) {
      at = pause_at(*at, run);
      count--;
      continue;
    }
    if (covers) {
      const Function& function = *run.frame->function;
      Covered* covered = function.covered[size_t(at - function.instructions.data())];
      if (covered) {
        covered->executed = true;
      }
    }
    const Instruction& done = *at;
    if (seeks) {
      note_unset(done, run);
    }
    if (seeks && done.row > 0) {
      Instruction alone = done;
      alone.row = 0;
      alone.step(alone, run);
      at = &done + 1;
    } else {
      count += done.row;
      at = done.step(done, run);
    }
    if (seeks) {
      note_unset_result(done, run);
    }
  }
  return count;
}

void run_thread(void* const* arguments) {
  auto& entry = static_cast<const Entry&>(*block->launch->kernel);
  const Function& function = *entry.function;
  Thread& thread = *block->thread;
  Run& run = thread.run ? this_run() : make_run(entry, arguments);
  const Instruction* first = std::exchange(run.next, nullptr);
  bool pauses = cluster->order == Order::SHUFFLED || cluster->order == Order::LOCKSTEP;
  counters.instructions += seeks_unset                ? execute<true, false, true>(first, run)
                           : !function.covered.empty() ? execute<true, true>(first, run)
                           : pauses                    ? execute<true, false>(first, run)
                                                       : execute<false, false>(first, run);
  thread.goes_on = run.next;
}

namespace {

// Where the kernel's text calls a function that was inlined, that line is told too.
std::string source_of(const Program& program, unsigned number) {
  const Program::Location& location = program.locations[number];
  if (location.line == 0 || location.file >= program.files.size()) {
    return "";
  }
  std::string place = program.files[location.file] + ":" + std::to_string(location.line);
  std::string caller = location.caller == 0 ? "" : source_of(program, location.caller);
  return caller.empty() ? place : place + ", called at " + caller;
}

}

std::string place_of(const Program& program, unsigned line, uint32_t location) {
  std::string source = source_of(program, location);
  return ", PTX line " + std::to_string(line) + (source.empty() ? "" : " (" + source + ")");
}

const void* own_place() {
  return this_run().at;
}

void describe_place(char* text, unsigned long size, const void* instruction) {
  const Run& run = this_run();
  auto at = instruction ? static_cast<const Instruction*>(instruction) : run.at;
  std::snprintf(text, size, "%s", at ? place_of(*run.program, at->line, at->location).c_str() : "");
}

// Lets the other threads of the block, and of other running blocks, go on before this thread.
const Instruction* rest(Run& run, const Instruction* next) {
  block->thread->computes = !run.looked;
  run.steps = 0;
  run.looked = false;
  end_if_time_is_over();
  block->thread->state = State::SPINS;
  return leave(run, next);
}

}
