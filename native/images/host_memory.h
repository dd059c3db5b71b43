// Whether the host's memory can be touched at all: a bad host address is an answer, not a crash.
#pragma once
#include <cstddef>

namespace sim {

bool readable(const void* memory, size_t size);
bool writable(void* memory, size_t size);

}
