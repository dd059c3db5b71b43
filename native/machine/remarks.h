// Findings that do not end a launch: findings of many threads at one place, and reads of memory that was never written,
// which are errors only if the result depends on them.
#pragma once
#include <string>

#include "machine/block.h"

namespace sim {

// Queries of the running thread of an interpreted kernel; the interpreter sets them.
struct Interpreter {
  const void* (*place)() = nullptr;     // its instruction; null in a kernel of C++
  bool (*stores_the_same)() = nullptr;  // whether it is a weak store of the value already in memory
  bool (*beside_atomic)() = nullptr;    // whether its function both reads and atomically changes this memory
};
extern Interpreter interpreter;

// Whether the running thread's instructions are known; those of C++ are not.
inline bool in_ptx() {
  return interpreter.place && interpreter.place();
}

bool told_here(Grade grade, Flaw flaw);
void keep_told(Grade grade, Flaw flaw, size_t number);

// Reports a finding at the running thread's place; if the launch has reported it already, it is only counted.
template <typename Words>
void remark_here(Grade grade, Flaw flaw, Words words, const char* remedy = "") {
  if (!told_here(grade, flaw)) {
    keep_told(grade, flaw, remark(grade, flaw, words(), remedy));
  }
}

// The running thread reads memory that was never written: "byte 4 of a shared array of 512". It continues.
void read_unwritten(const std::string& what);

// A hint about the launch's first such read, for a finding that the read may have caused; empty if there was none.
std::string unwritten_hint();

// A launch begins. If its first order has read memory that was never written, the launch runs again over other content;
// the reads are then notes, or an error if the results differ at an address.
void forget_remarks();
bool any_read_unwritten();
// The report if the launch runs in one order and cannot run again: a note, or a warning if no launch is judged.
CUresult tell_unwritten();
CUresult judge_unwritten(const Launch& launch, uintptr_t differs);

// Fills fresh shared memory.
extern unsigned char shared_content;

}
