// Which instructions have been executed, by their names with all modifiers, for CHARLSTM_SIM_COVERAGE.
#pragma once
#include <string>

#include "ptx/program.h"

namespace sim::ptx {

struct Covered {
  bool executed = false;
  bool told = false;
};

// Names the last of a function's instructions, if somebody asks for it. Those that the reader has added have no name.
void name_last(Function& function, const std::string& name);

// Adds what has been executed to the file, but for what is there already.
void write_coverage();

}
