#include "machine/remarks.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

#include "memory/state.h"

namespace sim {

Interpreter interpreter;
unsigned char shared_content = 0xff;

namespace {

// The number of the finding, by instruction.
std::map<std::tuple<const void*, Flaw, Grade>, size_t> times_told;

// One remark for each place, or for each address where places are unknown.
std::vector<Finding> unwritten_reads;
size_t judged;
constexpr size_t MOST = 64;

const void* place() {
  return in_ptx() ? interpreter.place() : nullptr;
}

}

bool told_here(Grade grade, Flaw flaw) {
  auto known = times_told.find({place(), flaw, grade});
  if (known == times_told.end()) {
    return false;
  }
  count_again(known->second);
  return true;
}

void keep_told(Grade grade, Flaw flaw, size_t number) {
  if (place()) {
    times_told[{place(), flaw, grade}] = number;
  }
}

void read_unwritten(const std::string& what) {
  keep_to_one_process();
  if (!in_ptx()) {
    fail_thread(Flaw::UNWRITTEN, "reads " + what + ", that nobody wrote");
  }
  if (place() && !times_told.try_emplace({place(), Flaw::UNUSED_READ, Grade::NOTE}, SIZE_MAX).second) {
    return;
  }
  Finding finding = finding_of(Grade::NOTE, Flaw::UNUSED_READ, "reads " + what + ", that nobody wrote");
  auto same = std::find_if(unwritten_reads.begin(), unwritten_reads.end(),
                           [&](const Finding& one) { return one.place == finding.place && !one.place.empty(); });
  if (same == unwritten_reads.end() && unwritten_reads.size() < MOST) {
    unwritten_reads.push_back(finding);
  }
}

std::string unwritten_hint() {
  if (unwritten_reads.empty()) {
    return "";
  }
  const std::string& first = unwritten_reads.front().message;
  return ", after the launch " + first.substr(first.find(": ") + 2);
}

void forget_remarks() {
  times_told.clear();
  unwritten_reads.clear();
  judged = 0;
}

bool any_read_unwritten() {
  return unwritten_reads.size() > judged;
}

CUresult tell_unwritten() {
  for (Finding& one : unwritten_reads) {
    one.grade = settings.every_order > 0 ? Grade::NOTE : Grade::WARNING;
    remark_on(one);
  }
  return CUDA_SUCCESS;
}

CUresult judge_unwritten(const Launch& launch, uintptr_t differs) {
  for (size_t i = judged; i < unwritten_reads.size(); i++) {
    Finding& one = unwritten_reads[i];
    if (differs) {
      one.flaw = Flaw::UNWRITTEN;
      one.message += "; the result depends on that, first at " + relative_to_arguments(launch, differs);
      return fail_context(one);
    }
    one.message += ", and no result depends on that";
    remark_on(one);
  }
  judged = unwritten_reads.size();
  return CUDA_SUCCESS;
}

}
