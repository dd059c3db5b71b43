// Findings that do not end a launch: those that many threads come to at one place, and reads of memory that nobody
// wrote, which are errors only where the outcome depends on them.
#pragma once
#include <string>

#include "machine/block.h"

namespace sim {

// Of the running thread of an interpreted kernel; set by the interpreter.
struct Interpreter {
  const void* (*place)() = nullptr;     // its instruction; null in a kernel of C++
  bool (*stores_the_same)() = nullptr;  // whether that is a weak store of what its memory holds already
  bool (*beside_atomic)() = nullptr;    // whether its function both reads and changes what it reads or changes
};
extern Interpreter interpreter;

// Whether the running thread's instructions are known; those of C++ are not.
inline bool in_ptx() {
  return interpreter.place && interpreter.place();
}

bool told_here(Grade grade, Flaw flaw);
void keep_told(Grade grade, Flaw flaw, size_t number);

// Tells a finding of the place where the running thread is; if the launch has told it, it is only counted.
template <typename Words>
void remark_here(Grade grade, Flaw flaw, Words words, const char* remedy = "") {
  if (!told_here(grade, flaw)) {
    keep_told(grade, flaw, remark(grade, flaw, words(), remedy));
  }
}

// The running thread reads what nobody wrote: "byte 4 of a shared array of 512". It goes on.
void read_unwritten(const std::string& what);

// Of the first such read of the launch, for a finding that it may have led to; empty if there was none.
std::string unwritten_hint();

// A launch begins. If its first order has read what nobody wrote, it runs again over other content; then they are
// notes, or an error if memory at an address differs.
void forget_remarks();
bool any_read_unwritten();
// Where it cannot run again, since it runs in one order: a note, or a warning if no launch is judged.
CUresult tell_unwritten();
CUresult judge_unwritten(const Launch& launch, uintptr_t differs);

// Fills fresh shared memory.
extern unsigned char shared_content;

}
