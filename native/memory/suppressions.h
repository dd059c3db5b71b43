// The suppressed findings of the file that CHARLSTM_SIM_FINDINGS names.
#pragma once
#include "memory/findings.h"

namespace sim {

// Reads the file, if one is named. Each line has a kernel or call, a kind, and optionally a place, all with the
// wildcards * and ?: "reduce* same-value-race reduce.cu:41". A # begins a comment.
void read_suppressions();

bool suppressed(const Finding& finding);
void tell_unused_suppressions();

}
