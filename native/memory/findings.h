// Findings: the reports of checks of kernels and operations. Each has a grade, a kind that CI programs may rely on, and
// a remedy.
#pragma once
#include <cstdint>
#include <string>

#include "api/status.h"

namespace sim {

// An error is a fault on every card and ends the launch. A warning breaks CUDA's rules without a different result. A
// note is worth a look. Launches continue after warnings and notes, which are reported once per place.
enum class Grade : uint8_t { NOTE, WARNING, ERROR };

// findings.cpp has the name, the error code and the usual remedy of each.
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
  std::string message;  // the whole text with the subject, but without the remedy
  std::string place;    // "PTX line 12 (saxpy.cu:7)"; empty if unknown
  std::string remedy;   // a sentence; the flaw's usual remedy unless set
};

const char* name_of(Flaw flaw);
const char* name_of(Grade grade);

// Whether execution could continue after an error of this flaw; if so, it continues after a suppressed finding.
bool goes_on(Flaw flaw);

// Prints and keeps a finding, and fails the context, as a fault on a real GPU does, until all contexts have ended.
// Returns success if the finding is suppressed.
CUresult fail_context(Finding finding);
CUresult fail_context(Flaw flaw, const std::string& subject, const std::string& message,
                      const std::string& remedy = "");

// Reports a mistake in a call that is refused with this status; the context does not fail.
CUresult refused(CUresult code, Flaw flaw, const std::string& subject, const std::string& message,
                 const std::string& remedy = "");

// Counts a warning or a note by its subject, flaw and place, and prints the first; execution continues. Returns a
// number for count_again. The text is kept as the call's message unless the process is ending.
size_t remark_on(Finding finding, bool keep = true);
void count_again(size_t number);

// The number of findings, and the findings after a given number, a JSON object per line.
// The kinds of findings, separated by commas.
std::string kinds();
long long findings_so_far();
std::string findings_since(long long mark);

// Summarises the findings and completes the report at the end of the process. Returns the exit code to use in place of
// 0.
int end_findings();

}
