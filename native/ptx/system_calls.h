// Functions that a card's system has, which PTX declares and calls.
#pragma once
#include "ptx/run.h"

namespace sim::ptx {

// Takes the places of its parameters and of its result.
using SystemCall = void (*)(char* const* parameters, char* result);

// Null if there is none of this name that takes and gives the same.
SystemCall find_system_call(const Function& function);

}
