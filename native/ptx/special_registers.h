// Registers that PTX has predefined, such as %tid.x.
#pragma once
#include <string_view>

#include "ptx/program.h"

namespace sim::ptx {

// How one is read into a slot, and its type; null if there is none of this name.
Step special_register(std::string_view name, Type& type);

}
