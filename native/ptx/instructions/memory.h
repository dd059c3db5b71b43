// Modifiers that loads, stores and atomic operations share.
#pragma once
#include "machine/order/order.h"
#include "ptx/text/statement.h"

namespace sim::ptx {

enum class Semantics : uint8_t { WEAK, RELAXED, ACQUIRE, RELEASE, BOTH };

struct Access {
  Space space = Space::GENERIC;
  Semantics semantics = Semantics::WEAK;
  Strength scope = Strength::GPU;
};

// The access' strength, with a default scope if none is named.
Access take_access(Statement& statement, Strength otherwise = Strength::GPU);
Strength take_scope(Statement& statement, Strength otherwise);
Space take_space(Statement& statement);

// Takes cache hints, which have no visible effect; true if there is a cache policy, which is an additional operand.
bool take_hints(Statement& statement);
void drop_policy(Statement& statement);  // with the hints

// Fails if an address given by a parameter's name lies beyond that parameter.
void want_within(Statement& statement, const Operand& address, size_t size);

}
