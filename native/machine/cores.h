// Runs the units of a launch on all cores. Each process runs a share on a copy of all memory; this process then takes
// over the processes' changes, if no process accessed what another wrote.
#pragma once
#include <cstdint>
#include <functional>

#include "machine/launch.h"

namespace sim {

// Begins a launch; `may` tells whether it may run on several cores, because some launches must run once and in one
// order.
void use_cores(const Launch& launch, bool may);

// Runs the units from one number to another, in a process of its own.
using RunShare = std::function<bool(uint64_t from, uint64_t to)>;

// Whether all units from `begun` on have run without a fault or a finding. If false, this was too slow or failed, and
// nothing has changed.
bool run_on_cores(const Kernel& kernel, uint64_t begun, uint64_t count, const RunShare& run);

}
