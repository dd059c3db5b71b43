// Functions that the system of a card has, and that PTX declares and calls.
#pragma once
#include "ptx/run.h"

namespace sim::ptx {

// Takes the addresses of its parameters and of its result.
using SystemCall = void (*)(char* const* parameters, char* result);

// Null if there is no function with this name, parameters and result.
SystemCall find_system_call(const Function& function);

}
