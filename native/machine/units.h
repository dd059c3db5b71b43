// The units of a launch: clusters, or blocks alone. They run one after another, as far as none waits for another.
#pragma once
#include "machine/block.h"

namespace sim {

// UNORDERED: blocks that ran waited for others that a card would start later in this order, and could not start.
enum class Outcome { FAILED, UNORDERED, DONE };

// Runs all blocks of a launch in an order; each is like this one, but for its place.
Outcome run_units(const Block& like, Order order);

}
