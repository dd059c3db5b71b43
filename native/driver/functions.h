// Kernels as a program holds them, each of a module.
#pragma once
#include <algorithm>
#include <memory>

#include "api/cuda.h"
#include "driver/loaded_code.h"
#include "machine/launch.h"

namespace sim {

struct Function {
  CUmodule module = nullptr;
  std::shared_ptr<LoadedCode> code;            // that the kernel is in, if it was not built in
  const Kernel* kernel = nullptr;
  int asked_shared = -1;                       // the most that a launch may add, where somebody has set it
  int carveout = -1;                           // hints, which are kept and change nothing
  int scheduling = 0;
  int larger_clusters = 0;
  int cluster[3] = {0, 0, 0};                  // that is required, as somebody has set it

  // The most that a launch may add to what the kernel declares.
  int dynamic_shared_limit() const {
    int declared = int(kernel->shared_bytes);
    return asked_shared >= 0 ? asked_shared : std::max(SHARED_LIMIT - declared, 0);
  }
};

// Null for a handle that is no function, or whose module is gone.
std::shared_ptr<Function> find_function(CUfunction handle);

}
