// Copies to shared memory that a thread has started and not yet waited for.
#pragma once
#include "machine/block.h"

namespace sim {

// Whether the source is not what it was when the copy began.
bool has_changed(const Copy& copy);

}
