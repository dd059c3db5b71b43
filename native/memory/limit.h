// How much of the host's memory the simulation may take: three quarters of the machine's or of the control group's,
// unless CHARLSTM_SIM_MEMORY names it in MiB. Beyond it the host would end the process without a word.
#pragma once
#include <cstddef>

namespace sim {

// Of the process now, and the most.
size_t resident_bytes();
size_t most_bytes();

// Adds to the size of what is kept beside device memory. Over the limit is true from when that is too much until the
// launch ends.
extern bool over_limit;
void grow(size_t bytes);

}
