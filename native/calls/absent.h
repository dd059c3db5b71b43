// Calls that NVIDIA's libraries have and the simulated GPU lacks.
#pragma once
#include <string>

namespace sim __attribute__((visibility("default"))) {

// Says so once for each name, and keeps it as the reason why the running call failed.
void tell_absent(const std::string& name, const std::string& status);

}

// In a shim: the answer to each name of its list that is not simulated (names/absent.s).
#define ANSWER_ABSENT(status)                       \
  extern "C" int charlstm_absent(const char* name) { \
    sim::tell_absent(name, #status);                 \
    return status;                                   \
  }
