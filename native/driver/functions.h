// Kernels as handles of a program, each from a module.
#pragma once
#include <algorithm>
#include <memory>

#include "api/cuda.h"
#include "machine/launch.h"

namespace sim {

struct Function {
  CUmodule module = nullptr;
  std::shared_ptr<const void> holder;          // of the kernel, if it was not built in
  const Kernel* kernel = nullptr;
  int asked_shared = -1;                       // the most that a launch may add, where somebody has set it
  int carveout = -1;                           // hints, which are kept and change nothing
  int scheduling = 0;
  int larger_clusters = 0;
  int cluster[3] = {0, 0, 0};                  // that is required, as somebody has set it

  int most_threads() const {
    const unsigned* required = kernel->required_threads;
    unsigned most = required[0] ? required[0] * required[1] * required[2] : kernel->most_threads;
    return int(most ? std::min(most, MOST_THREADS) : MOST_THREADS);
  }

  // The most dynamic shared memory that a launch may add to the kernel's static memory.
  int dynamic_shared_limit() const {
    int declared = int(kernel->shared_bytes);
    return asked_shared >= 0 ? asked_shared : std::max(SHARED_LIMIT - declared, 0);
  }
};

// The number of the kernel's blocks that a multiprocessor can run at a time.
int blocks_at_once(const Function& function, int threads, size_t dynamic_shared);

// Null for a handle that is no function, or whose module is unloaded.
std::shared_ptr<Function> find_function(CUfunction handle);

}
