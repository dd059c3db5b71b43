// Registered host memory at an address of the device: an operation sees the host's contents, and the host sees the
// operation's results.
#pragma once
#include <map>

#include "memory/memory.h"

namespace sim {

struct Mirror {
  Allocation* memory;
  std::vector<char> before;  // the contents before the running operation
};
// The mirrors by their host addresses.
extern std::map<char*, Mirror>& mirrors;

// While an object lives, an operation of the device is running.
struct Mirrored {
  Mirrored();
  ~Mirrored();
};

}
