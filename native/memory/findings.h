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
  ASSERTION, TRAP, ARITHMETIC, JUMP, LAUNCH, ARGUMENT, MISUSE, UNSUPPORTED,
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

// Prints and keeps a finding, and fails the context as a fault on real hardware does: until all contexts have ended.
CUresult fail_context(const Finding& finding);
CUresult fail_context(Flaw flaw, const std::string& subject, const std::string& message,
                      const std::string& remedy = "");

// Counts a finding by its subject, flaw and place, and prints the first; what runs goes on. Nothing fails, whatever the
// grade.
void remark_on(const Finding& finding);

}
