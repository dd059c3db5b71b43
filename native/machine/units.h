// The units of a launch: clusters, or single blocks. They run one after another unless one waits for another.
#pragma once
#include "machine/block.h"

namespace sim {

// UNORDERED means that running blocks waited for blocks that a card would start later in this order, and that could not
// start.
enum class Outcome { FAILED, UNORDERED, DONE };

// Runs all blocks of a launch in an order; each is a copy of `like` except for its place.
Outcome run_units(const Block& like, Order order);

}
