// The end of the process: leaks, the summary of findings, and the exit code.
#include <dlfcn.h>

#include <cstdlib>

#include "driver/device_memory.h"
#include "memory/findings.h"
#include "memory/heap.h"
#include "memory/state.h"

namespace sim {

namespace {

void tell_leak(const char* call, long long live, const std::string& what) {
  if (live > 0) {
    remark_on({Grade::WARNING, Flaw::LEAK, call, std::string(call) + ": " + std::to_string(live) + " " + what +
                                                     " never released", "", ""}, false);
  }
}

void tell_leaks() {
  if (counters.allocations_live > 0) {
    tell_leak("cuMemAlloc", counters.allocations_live, "allocations of device memory were " + first_never_freed());
  }
  tell_leak("cuMemHostAlloc", counters.pinned_live, "allocations of pinned memory were");
  tell_leak("cuStreamCreate", counters.streams_live, "streams were");
  tell_leak("cuEventCreate", counters.events_live, "events were");
  tell_leak("cuModuleLoad", counters.modules_live, "modules were");
  tell_heap(true);
}

// Calling exit in a handler is safe in glibc: it continues with the remaining handlers, and ends with the later code.
void end(int code, void*) {
  const char* wanted = std::getenv("CHARLSTM_SIM_LEAKS");
  if (wanted && *wanted && *wanted != '0') {
    tell_leaks();
  }
  int instead = end_findings();
  if (code == 0 && instead != 0) {
    std::exit(instead);
  }
}

// Registered when the library is loaded, because handlers run in reverse order: this one then runs after the program's.
// The library stays loaded for it.
__attribute__((constructor)) void await_end() {
  Dl_info self;
  if (dladdr(reinterpret_cast<const void*>(&await_end), &self) && self.dli_fname) {
    dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
  }
  on_exit(end, nullptr);
}

}

}
