// Kernels that may still run beside a launch that may begin before the previous launch has ended (programmatic
// dependent launch).
#pragma once
#include <memory>
#include <string>

#include "memory/footprint.h"

namespace sim {

struct Ran {
  std::string what;
  Footprint footprint;
};
using Unfinished = std::vector<std::shared_ptr<const Ran>>;

// A kernel, with the kernels that may still run when it begins, and when its wait for the previous kernel ends.
struct Overlap {
  std::shared_ptr<const Ran> ran;       // the kernel itself, after it has run
  std::shared_ptr<const Overlap> before;  // the previous kernel, which may still run; null before an ordinary launch
  Unfinished at_begin, after_wait;
  bool waited = false;             // a thread has waited for the previous kernel
  bool next_begins_after = false;  // a block waits before it lets the next launch begin
};

// The overlap of the running launch if it may have begun early; or null.
extern Overlap* overlap;
void begin_overlap(Overlap* of);

}
