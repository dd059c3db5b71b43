// The limit of host memory for the simulation: CHARLSTM_SIM_MEMORY in MiB, or three quarters of the machine's or the
// control group's memory. Beyond, the host would kill the process without a message.
#pragma once
#include <cstddef>

namespace sim {

// The process' resident memory now, and its limit.
size_t resident_bytes();
size_t most_bytes();

// Adds to the size of shadow data beside device memory. over_limit is true from an excess until the launch ends.
extern bool over_limit;
void grow(size_t bytes);

}
