// Runs the units of a launch on every core. Processes run shares of them, each on a copy of all memory; this one takes
// over what they have changed, where none has touched what another wrote.
#pragma once
#include <cstdint>
#include <functional>

#include "machine/launch.h"

namespace sim {

// A launch begins, and may run so or not: it must run in one order, and once.
void use_cores(const Launch& launch, bool may);

// Runs units from one to another, in a process of its own.
using RunShare = std::function<bool(uint64_t from, uint64_t to)>;

// True if all units from one on have run well, and had nothing to tell. False if that does not pay, or came to nothing:
// then nothing has changed.
bool run_on_cores(const Kernel& kernel, uint64_t begun, uint64_t count, const RunShare& run);

}
