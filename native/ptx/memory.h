// Modifiers that loads, stores and atomic operations share.
#pragma once
#include "machine/order/order.h"
#include "ptx/statement.h"

namespace sim::ptx {

enum class Semantics : uint8_t { WEAK, RELAXED, ACQUIRE, RELEASE, BOTH };

struct Access {
  Space space = Space::GENERIC;
  Semantics semantics = Semantics::WEAK;
  Strength scope = Strength::GPU;
};

// With the scope that it has where it names none.
Access take_access(Statement& statement, Strength otherwise = Strength::GPU);
Strength take_scope(Statement& statement, Strength otherwise);
Space take_space(Statement& statement);

// Hints to caches, of which nothing can be seen; true if there is a policy, an operand of its own.
bool take_hints(Statement& statement);
void drop_policy(Statement& statement);  // with the hints

// Fails if an address of a parameter's name goes beyond it.
void want_within(Statement& statement, const Operand& address, size_t size);

}
