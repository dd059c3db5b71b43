// Signs of a harmless race: the value that a store is about to write, and reads before atomic operations.
#pragma once
#include "ptx/run.h"

namespace sim::ptx {

// The access of a step to memory, and whether a weak store would leave memory as it is.
struct Role {
  enum Kind { PLAIN_LOAD, PLAIN_STORE, ATOMIC } kind;  // one that decides by what is there: cas, min, max
  bool (*stores_the_same)(const Instruction& instruction, const Run& run) = nullptr;
};

// Notes it as an instruction is decoded, and gives the step.
Step with_role(Step step, Role role);

// Has the machine ask of the instruction that the running thread is at.
void answer_the_machine();

}
