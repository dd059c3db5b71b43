// The findings that CHARLSTM_SIM_FINDINGS names, of which nothing is told.
#pragma once
#include "memory/findings.h"

namespace sim {

// Reads the file, if one is named. Each line names a kernel or call, a kind, and perhaps a place, all with * and
// ?: "reduce* same-value-race reduce.cu:41". A # begins a comment.
void read_suppressions();

bool suppressed(const Finding& finding);
void tell_unused_suppressions();

}
