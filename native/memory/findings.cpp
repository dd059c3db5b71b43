#include "memory/findings.h"

#include <cstdio>

#include "memory/state.h"

namespace sim {

namespace {

struct Words {
  const char* name;
  CUresult code;  // of an error
  const char* remedy;
};

// In the order of the flaws.
constexpr Words WORDS[] = {
    {"out-of-bounds", CUDA_ERROR_ILLEGAL_ADDRESS, "Compare the index with the size before the access"},
    {"misaligned", CUDA_ERROR_MISALIGNED_ADDRESS, "Align the address to the size of the access"},
    {"use-after-free", CUDA_ERROR_ILLEGAL_ADDRESS, "Free the memory after its last use"},
    {"double-free", CUDA_ERROR_INVALID_VALUE, "Free each allocation once"},
    {"leak", CUDA_ERROR_LAUNCH_FAILED, "Free it before the process ends"},
    {"forbidden-write", CUDA_ERROR_LAUNCH_FAILED, "Write to memory of the program's own"},
    {"wrong-space", CUDA_ERROR_ILLEGAL_ADDRESS, "Pass an address of the memory that the instruction is for"},
    {"stack-overflow", CUDA_ERROR_HARDWARE_STACK_ERROR, "Call less deeply, or hold less in local arrays"},
    {"unwritten", CUDA_ERROR_LAUNCH_FAILED, "Write the memory before it is read"},
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
    {"assertion", CUDA_ERROR_ASSERT, "Look for what broke the assertion"},
    {"trap", CUDA_ERROR_LAUNCH_FAILED, "Look for what led to the trap"},
    {"arithmetic", CUDA_ERROR_LAUNCH_FAILED, "Test the divisor first"},
    {"jump", CUDA_ERROR_LAUNCH_FAILED, "Call a function that is there, as it is declared"},
    {"launch", CUDA_ERROR_LAUNCH_FAILED, "Launch within the limits of the card"},
    {"argument", CUDA_ERROR_LAUNCH_FAILED, "Pass an argument for each parameter"},
    {"misuse", CUDA_ERROR_LAUNCH_FAILED, "Keep to the documented order of the calls"},
    {"unsupported", CUDA_ERROR_LAUNCH_FAILED, "Keep this from the simulated GPU"},
};
static_assert(sizeof WORDS / sizeof *WORDS == size_t(Flaw::UNSUPPORTED) + 1);

std::string line_of(const Finding& finding) {
  return finding.message;
}

}

const char* name_of(Flaw flaw) {
  return WORDS[size_t(flaw)].name;
}

const char* name_of(Grade grade) {
  constexpr const char* NAMES[] = {"note", "warning", "error"};
  return NAMES[size_t(grade)];
}

CUresult fail_context(const Finding& finding) {
  return fail_with(WORDS[size_t(finding.flaw)].code, line_of(finding));
}

CUresult fail_context(Flaw flaw, const std::string& subject, const std::string& message, const std::string& remedy) {
  return fail_context({Grade::ERROR, flaw, subject, message, "", remedy});
}

void remark_on(const Finding& finding) {
  keep_message(line_of(finding));
  std::fprintf(stderr, "charlstm sim: %s: %s\n", name_of(finding.grade), line_of(finding).c_str());
}

}
