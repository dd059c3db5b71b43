// Signs that a race is harmless: a store that writes the value already in memory, and plain reads of an atomically
// changed place.
#pragma once
#include "ptx/run.h"

namespace sim::ptx {

// The kind of a step's memory access, and whether a weak store would leave memory unchanged.
struct Role {
  enum Kind { PLAIN_LOAD, PLAIN_STORE, ATOMIC } kind;  // one that decides by what is there: cas, min, max
  bool (*stores_the_same)(const Instruction& instruction, const Run& run) = nullptr;
};

// Attaches a role to a decoded instruction, and returns the step.
Step with_role(Step step, Role role);

// Whether both addresses are of local memory, at the same offset in their threads: on a card they are equal (known).
bool is_same_local_place(uintptr_t one, uintptr_t other);

// Registers the queries that the machine makes about the running thread's instruction.
void answer_the_machine();

}
