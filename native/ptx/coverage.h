// The names, with all modifiers, of executed instructions, for CHARLSTM_SIM_COVERAGE.
#pragma once
#include <string>

#include "ptx/program.h"

namespace sim::ptx {

struct Covered {
  bool executed = false;
  bool told = false;
};

// Names the last instruction of a function, if coverage is wanted. Instructions that the reader added have no name.
void name_last(Function& function, const std::string& name);

// Adds the executed instructions to the file, without those that it has already.
void write_coverage();

}
