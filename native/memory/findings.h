// Findings: what the checks of kernels and operations have to say. Each has a grade, a kind that a program of CI may
// count on, and a remedy.
#pragma once
#include <cstdint>
#include <string>

#include "api/status.h"

namespace sim {

// An error is true of every card and ends the launch. A warning is wrong by the letter of CUDA's rules, and its outcome
// is the same. A note is worth a look. Launches go on after the latter two, which are told once a place.
enum class Grade : uint8_t { NOTE, WARNING, ERROR };

// The name, the code of an error and the usual remedy stand in findings.cpp.
enum class Flaw : uint8_t {
  OUT_OF_BOUNDS, MISALIGNED, USE_AFTER_FREE, DOUBLE_FREE, LEAK, FORBIDDEN_WRITE, WRONG_SPACE, STACK_OVERFLOW,
  UNWRITTEN, UNUSED_READ, PADDING,
  RACE, SAME_VALUE_RACE, BENIGN_RACE, MISSING_FENCE, ORDER,
  BARRIER, WARP_OPERATION, SHUFFLE_MASK, ARRIVAL_BARRIER, CLUSTER, ASYNC_COPY, DEADLOCK, TIMEOUT,
  ASSERTION, TRAP, JUMP, LAUNCH, ARGUMENT, MISUSE, UNSUPPORTED,
};

struct Finding {
  Grade grade = Grade::ERROR;
  Flaw flaw = Flaw::MISUSE;
  std::string subject;  // the kernel's name, or the call's
  std::string message;  // all of it, the subject too, but for the remedy
  std::string place;    // "PTX line 12 (saxpy.cu:7)"; empty where nobody knows it
  std::string remedy;   // a sentence; that of the flaw unless it is set
};

const char* name_of(Flaw flaw);
const char* name_of(Grade grade);

// Whether what runs could go on after an error of this flaw: then it does if the finding is suppressed.
bool goes_on(Flaw flaw);

// Prints and keeps a finding, and fails the context as a fault on real hardware does: until all contexts have ended.
// Gives success if it is suppressed.
CUresult fail_context(Finding finding);
CUresult fail_context(Flaw flaw, const std::string& subject, const std::string& message,
                      const std::string& remedy = "");

// The same of a call that is refused with this status for a mistake; the context does not fail.
CUresult refused(CUresult code, Flaw flaw, const std::string& subject, const std::string& message,
                 const std::string& remedy = "");

// Counts a warning or a note by its subject, flaw and place, and prints the first; what runs goes on. Gives a number by
// which one like it is counted without its words. It is kept as the call's message, unless the process ends.
size_t remark_on(Finding finding, bool keep = true);
void count_again(size_t number);

// How many there were, and those of which one came after that many, a JSON object a line.
// The kinds that findings have, by commas.
std::string kinds();
long long findings_so_far();
std::string findings_since(long long mark);

// The process ends: sums up, and completes the report. Gives the code that it shall end with if it would end with 0.
int end_findings();

}
