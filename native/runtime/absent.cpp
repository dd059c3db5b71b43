// The answer of each function in names/libcudart.txt, which is not implemented (names/absent.s).
#include <cstdio>

#include "runtime/runtime.h"

extern "C" int charlstm_absent(const char* name) {
  std::fprintf(stderr, "charlstm runtime: %s is not simulated\n", name);
  return cudart::told(cudaErrorNotSupported);
}
