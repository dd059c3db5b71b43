// Texts of PTX that the self-test loads.
#pragma once
#include <string>

#include "selftest/harness.h"

// The kernel "add" of that name: sum[i] = a[i] + b[i] for i below n; directives come after its parameters.
std::string adding(const std::string& name = "add", const std::string& directives = "",
                   const std::string& target = "sm_75");

// One text (kind 1) or machine code (kind 2) of a fat binary. Its header is longer than it must be, as those with names
// are.
std::string fat_entry(unsigned kind, int architecture, std::string content, unsigned long long flags = 0,
                      size_t unpacked = 0);
std::string fat_binary(const std::string& entries);

// A fat binary as nvcc makes one, with a text for such an architecture.
std::string fat_binary_of(const std::string& text, int architecture = 75);

// n, a, b and sum as a launch takes them, with what must come out.
class Addition {
 public:
  explicit Addition(Driver& driver);
  ~Addition();
  CUresult launch(CUfunction function, unsigned x = 32, unsigned y = 1);
  // Whether the sum is right; it is spoilt after that.
  bool right();
  void** arguments() { return arguments_; }
  int n = 60;
  CUdeviceptr a, b, sum;

 private:
  Driver& driver_;
  void* arguments_[4];
};

CUmodule loaded(const std::string& image);
CUfunction function_of(CUmodule module, const char* name);
