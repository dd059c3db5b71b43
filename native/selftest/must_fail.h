// Launches that have to fail, for the tests of kernels that each break one rule.
#pragma once
#include "selftest/harness.h"

// The launch must fail, say what was wrong with which kernel, and leave the context failed until it is released.
template <typename... Arguments>
void must_fail(CUresult code, const char* words, const char* name, unsigned grid, unsigned block,
               std::function<std::vector<CUdeviceptr>(Driver&)> buffers, Arguments... rest) {
  Driver driver;
  std::vector<CUdeviceptr> addresses = buffers(driver);
  std::vector<void*> arguments;
  for (CUdeviceptr& address : addresses) {
    arguments.push_back(&address);
  }
  (arguments.push_back(&rest), ...);
  arguments.push_back(nullptr);
  CUresult result = driver.launch_with(name, grid, block, 1, 0, arguments.data());
  std::string message = charlstm_sim_last_error();
  bool right = result == code && message.find(words) != std::string::npos &&
               message.find(std::string("kernel ") + name) != std::string::npos;
  check(right, (std::string(name) + ": " + words).c_str(), __FILE__, __LINE__);
  CUdeviceptr more;
  CHECK(cuMemAlloc_v2(&more, 4) == code);
  CHECK(driver.synchronise() == code);
  for (CUdeviceptr address : addresses) {
    cuMemFree_v2(address);
  }
}
