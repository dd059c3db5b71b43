// Host memory that a program has registered, at an address of the device's: an operation finds there what the host has,
// and the host has what the operation leaves.
#pragma once
#include <map>

#include "memory/memory.h"

namespace sim {

struct Mirror {
  Allocation* memory;
  std::vector<char> before;  // the operation that is at work
};
// By where the host has them.
extern std::map<char*, Mirror>& mirrors;

// While it lives, an operation of the device is at work.
struct Mirrored {
  Mirrored();
  ~Mirrored();
};

}
