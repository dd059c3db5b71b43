// Kernels of a program's own, which the simulated NVRTC has compiled to a shared object. It stays loaded as long as
// somebody holds it.
#pragma once
#include <cstddef>
#include <memory>
#include <string>

#include "language/kernel.h"

namespace sim {

class LoadedCode {
 public:
  // Null if it cannot be loaded; then it says why.
  static std::shared_ptr<LoadedCode> from(const char* code, size_t size, std::string& why);
  ~LoadedCode();
  LoadedCode(const LoadedCode&) = delete;

  const Kernel* find(const char* name) const;

 private:
  explicit LoadedCode(void* library);

  void* library_;
  const Kernel* first_ = nullptr;
};

}
