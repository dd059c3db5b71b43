#include "memory/findings.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "memory/caller.h"
#include "memory/reports.h"
#include "memory/state.h"
#include "memory/suppressions.h"

namespace sim {

namespace {

struct Words {
  const char* name;
  CUresult code;  // of an error
  const char* remedy;
};

// In the order of enum Flaw.
constexpr Words WORDS[] = {
    {"out-of-bounds", CUDA_ERROR_ILLEGAL_ADDRESS, "Compare the index with the size before the access"},
    {"misaligned", CUDA_ERROR_MISALIGNED_ADDRESS, "Align the address to the size of the access"},
    {"use-after-free", CUDA_ERROR_ILLEGAL_ADDRESS, "Free the memory after its last use"},
    {"double-free", CUDA_ERROR_INVALID_VALUE, "Free each allocation once"},
    {"leak", CUDA_ERROR_LAUNCH_FAILED, "Free it before the process ends"},
    {"forbidden-write", CUDA_ERROR_LAUNCH_FAILED, "Write to memory of the program's own"},
    {"wrong-space", CUDA_ERROR_ILLEGAL_ADDRESS, "Pass an address of the memory that the instruction is for"},
    {"stack-overflow", CUDA_ERROR_HARDWARE_STACK_ERROR, "Call less deeply, or hold less in local arrays"},
    {"unwritten", CUDA_ERROR_LAUNCH_FAILED, "Write it first; if another thread does, put a __syncthreads() between"},
    {"unused-read", CUDA_ERROR_LAUNCH_FAILED, "Read only what was written"},
    {"padding", CUDA_ERROR_LAUNCH_FAILED, "Set the padding to zeros if anybody compares whole structs"},
    {"race", CUDA_ERROR_LAUNCH_FAILED, "Put a barrier between both accesses, or make them atomic"},
    {"same-value-race", CUDA_ERROR_LAUNCH_FAILED, "Let one thread write it"},
    {"benign-race", CUDA_ERROR_LAUNCH_FAILED, "Make the plain access atomic or volatile"},
    {"missing-fence", CUDA_ERROR_LAUNCH_FAILED, "Put a __threadfence() between the data and the flag on both sides"},
    {"order", CUDA_ERROR_LAUNCH_FAILED, "Make the result independent of which thread comes first"},
    {"barrier", CUDA_ERROR_LAUNCH_FAILED, "Let all threads of the block reach the same barrier"},
    {"warp-operation", CUDA_ERROR_LAUNCH_FAILED, "Let all lanes of the mask reach the same operation"},
    {"shuffle-mask", CUDA_ERROR_LAUNCH_FAILED, "Name the lanes that are there in the mask"},
    {"arrival-barrier", CUDA_ERROR_LAUNCH_FAILED, "Match arrivals and waits of the barrier"},
    {"cluster", CUDA_ERROR_LAUNCH_FAILED, "Match arrivals and waits of the cluster's blocks"},
    {"async-copy", CUDA_ERROR_LAUNCH_FAILED, "Wait for the copy before its bytes are touched"},
    {"deadlock", CUDA_ERROR_LAUNCH_FAILED, "Wait only for what a thread that runs will do"},
    {"timeout", CUDA_ERROR_LAUNCH_TIMEOUT, "Let the loop end, or raise CHARLSTM_SIM_SECONDS"},
    {"assertion", CUDA_ERROR_ASSERT, "Look for what breaks the condition"},
    {"trap", CUDA_ERROR_LAUNCH_FAILED, "Look for what led to the trap"},
    {"jump", CUDA_ERROR_LAUNCH_FAILED, "Call a function that is there, as it is declared"},
    {"launch", CUDA_ERROR_LAUNCH_FAILED, "Launch within the limits of the card"},
    {"argument", CUDA_ERROR_LAUNCH_FAILED, "Pass an argument for each parameter"},
    {"misuse", CUDA_ERROR_LAUNCH_FAILED, "Keep to the documented order of the calls"},
    {"unsupported", CUDA_ERROR_LAUNCH_FAILED, "Keep this from the simulated GPU"},
};
static_assert(sizeof WORDS / sizeof *WORDS == size_t(Flaw::UNSUPPORTED) + 1);

// Never destroyed: it is read when the process ends.
std::vector<Counted>& all_told() {
  static auto& told = *new std::vector<Counted>();
  return told;
}

long long found;
// The findings that failed a context.
long long failures;
size_t first_failure;

std::string number_of(long long count, const char* thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

// Its kind is as suppressions write it.
std::string line_of(const Finding& finding, const std::string& called_by = "") {
  return finding.message + ". " + finding.remedy + (called_by.empty() ? "" : "; called by " + called_by) + " [" +
         name_of(finding.flaw) + "]";
}

std::string without_digits(std::string text) {
  text.erase(std::remove_if(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c); }), text.end());
  return text;
}

// Two findings without a place are the same if their text is; two warnings if their words are, since each row of a copy
// would give one.
bool tells_the_same(const Finding& one, const Finding& other) {
  return one.flaw == other.flaw && one.grade == other.grade && one.subject == other.subject &&
         (!one.place.empty()            ? one.place == other.place
          : one.grade == Grade::WARNING ? without_digits(one.message) == without_digits(other.message)
                                        : one.message == other.message);
}

constexpr size_t SUPPRESSED = SIZE_MAX;

// Gives its index among the findings told.
size_t count(Finding& finding) {
  if (finding.remedy.empty()) {
    finding.remedy = WORDS[size_t(finding.flaw)].remedy;
  }
  std::vector<Counted>& told = all_told();
  auto same = std::find_if(told.begin(), told.end(),
                           [&](const Counted& one) { return tells_the_same(one.finding, finding); });
  bool first = same == told.end();
  if (first) {
    same = told.insert(same, {finding});
  }
  same->count++;
  same->last = ++found;
  if (first) {
    write_report(told);
  }
  return size_t(same - told.begin());
}

}

const char* name_of(Flaw flaw) {
  return WORDS[size_t(flaw)].name;
}

const char* name_of(Grade grade) {
  constexpr const char* NAMES[] = {"note", "warning", "error"};
  return NAMES[size_t(grade)];
}

CUresult fail_context(Finding finding) {
  finding.grade = Grade::ERROR;
  if (suppressed(finding)) {
    return CUDA_SUCCESS;
  }
  size_t number = count(finding);
  first_failure = failures++ == 0 ? number : first_failure;
  return fail_with(WORDS[size_t(finding.flaw)].code, line_of(finding));
}

CUresult fail_context(Flaw flaw, const std::string& subject, const std::string& message, const std::string& remedy) {
  return fail_context({Grade::ERROR, flaw, subject, message, "", remedy});
}

CUresult refused(CUresult code, Flaw flaw, const std::string& subject, const std::string& message,
                 const std::string& remedy) {
  Finding finding{Grade::ERROR, flaw, subject, message, "", remedy};
  if (suppressed(finding)) {
    return code;
  }
  count(finding);
  complain(line_of(finding, caller()));
  return code;
}

size_t remark_on(Finding finding, bool keep) {
  if (suppressed(finding)) {
    return SUPPRESSED;
  }
  size_t number = count(finding);
  if (keep) {
    keep_message(line_of(finding));
  }
  if (all_told()[number].count == 1) {
    std::fprintf(stderr, "charlstm sim: %s: %s\n", name_of(finding.grade), line_of(finding).c_str());
  }
  return number;
}

void count_again(size_t number) {
  keep_to_one_process();
  if (number != SUPPRESSED) {
    all_told()[number].count++;
    all_told()[number].last = ++found;
  }
}

bool goes_on(Flaw flaw) {
  switch (flaw) {
    case Flaw::UNWRITTEN:
    case Flaw::RACE:
    case Flaw::MISSING_FENCE:
    case Flaw::ORDER: return true;
    default: return false;
  }
}

std::string kinds() {
  std::string names;
  for (const Words& words : WORDS) {
    names += (names.empty() ? "" : ", ") + std::string(words.name);
  }
  return names;
}

long long findings_so_far() {
  return found;
}

std::string findings_since(long long mark) {
  std::string lines;
  for (const Counted& one : all_told()) {
    lines += one.last > mark ? json_of(one) + "\n" : "";
  }
  return lines;
}

namespace {

// The last line of a process, which may have printed since then that all is right.
void tell_failures() {
  if (failures > 0) {
    const Finding& one = all_told()[first_failure].finding;
    std::fprintf(stderr, "charlstm sim: %s ended work of this process, the first in %s%s [%s]: trust no result of it\n",
                 number_of(failures, "error").c_str(), one.subject.c_str(),
                 one.place.empty() ? "" : (" at " + one.place).c_str(), name_of(one.flaw));
  }
}

}

int end_findings() {
  long long times[3] = {}, places[3] = {};
  for (const Counted& one : all_told()) {
    times[size_t(one.finding.grade)] += one.count;
    places[size_t(one.finding.grade)]++;
  }
  if (places[0] + places[1] > 0) {
    std::string sum;
    for (int grade = 2; grade >= 0; grade--) {
      std::string all = number_of(times[grade], name_of(Grade(grade))) + " at " + number_of(places[grade], "place");
      sum += times[grade] == 0 ? "" : (sum.empty() ? "" : ", ") + all;
    }
    std::fprintf(stderr, "charlstm sim: findings: %s\n", sum.c_str());
  }
  tell_unused_suppressions();
  tell_failures();
  if (found > 0) {
    write_report(all_told());
  }
  const char* wanted = std::getenv("CHARLSTM_SIM_EXIT");
  std::string least = wanted ? wanted : "";
  bool warnings = least.find(":warning") != std::string::npos, notes = least.find(":note") != std::string::npos;
  return places[2] + (warnings || notes) * places[1] + notes * places[0] > 0 ? std::atoi(least.c_str()) : 0;
}

}
