// Options for the compiler in the driver. Most change nothing here, since PTX is executed as it is.
#pragma once
#include <chrono>
#include <string>

#include "api/cuda.h"

namespace sim {

class JitOptions {
 public:
  // Refuses what is none, or cannot be met; then it has said why.
  CUresult read(const char* call, unsigned count, const CUjit_option* options, void** values);
  // Tells an error, or "", where the caller wants it told, with the time since the options were read.
  void tell(const std::string& error) const;

 private:
  struct Log {
    char* buffer = nullptr;
    void** size = nullptr;
    unsigned room = 0;
    void fill(const std::string& text) const;
  };
  CUresult take(const char* call, CUjit_option option, void** value);

  Log info_, errors_;
  void** time_ = nullptr;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}
