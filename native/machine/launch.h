// A launch as it was asked for: the kernel, the shape, and a copy of the arguments as they were at the call.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "api/cuda.h"
#include "machine/kernel.h"

namespace sim {

struct Dimensions {
  unsigned x = 1, y = 1, z = 1;
  uint64_t count() const { return uint64_t(x) * y * z; }
  Dimensions at(uint64_t i) const {
    return {unsigned(i % x), unsigned(i / x % y), unsigned(i / x / y)};
  }
};

struct Launch {
  const Kernel* kernel = nullptr;
  Dimensions grid;
  Dimensions block;
  size_t shared_bytes = 0;
  size_t shared_limit = 0;
  std::vector<std::vector<unsigned char>> arguments;
};

// What a kernel's launches moved to and from device memory, blocks run forward only.
struct Traffic {
  long long launches = 0, bytes_read = 0, bytes_written = 0;
};

// Of the kernel that runs; null while its blocks run in another order, which counts nothing.
extern Traffic* traffic;

Traffic traffic_so_far(const std::string& kernel);

// Runs the blocks in every order that is asked for. On success memory is as the kernel left it.
CUresult run(const Launch& launch);

// "byte B of argument A", if the address lies in the allocation that an argument points into.
std::string relative_to_arguments(const Launch& launch, uintptr_t address);

}
