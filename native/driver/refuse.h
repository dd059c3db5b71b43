// Refusals with a reason, and reading of structures that a program passes.
#pragma once
#include <string>

#include "calls/refused.h"
#include "images/bytes.h"
#include "images/host_memory.h"
#include "memory/findings.h"
#include "memory/state.h"

namespace sim {

// Ends the call with a message.
[[noreturn]] inline void refuse(CUresult code, const std::string& call, const std::string& why) {
  complain(call + ": " + why);
  throw Refused{code};
}

// Ends the call with a finding.
[[noreturn]] inline void refuse(CUresult code, Flaw flaw, const std::string& call, const std::string& why,
                                const std::string& remedy) {
  throw Refused{refused(code, flaw, call, call + ": " + why, remedy)};
}

// Reads a structure that the program passed.
template <typename Passed>
const Passed& passed(const Passed* address) {
  require(readable(address, sizeof *address));
  return *address;
}

inline std::string content_of(const char* call, const char* path) {
  std::string content;
  require(path);
  if (!read_file(path, content)) {
    refuse(CUDA_ERROR_FILE_NOT_FOUND, call, "cannot read " + std::string(path));
  }
  return content;
}

}
