// The end of the process: leaks, the sum of the findings, and the code that it ends with.
#include <dlfcn.h>

#include <cstdlib>

#include "driver/device_memory.h"
#include "memory/findings.h"
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
  tell_leak("cuMemAlloc", counters.allocations_live, "allocations of device memory were " + first_never_freed());
  tell_leak("cuMemHostAlloc", counters.pinned_live, "allocations of pinned memory were");
  tell_leak("cuStreamCreate", counters.streams_live, "streams were");
  tell_leak("cuEventCreate", counters.events_live, "events were");
  tell_leak("cuModuleLoad", counters.modules_live, "modules were");
}

// To call exit within it is safe in glibc: it goes on with what is left to be done, and ends with the later code.
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

// As early as it is loaded, since handlers run in the opposite order: after all of the program's. It stays for that.
__attribute__((constructor)) void await_end() {
  Dl_info self;
  if (dladdr(reinterpret_cast<const void*>(&await_end), &self) && self.dli_fname) {
    dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
  }
  on_exit(end, nullptr);
}

}

}
