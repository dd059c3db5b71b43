// Finds in a compiled text's object, before anything of it is loaded, all that it would do beyond a kernel's work.
#pragma once
#include <string>
#include <vector>

namespace nvrtc {

struct Objection {
  std::string function;  // that the text names, or nothing
  std::string what;
};

// The object is an ELF file of this machine, as its compiler writes them. Nothing here keeps out malice: it names what
// a text does by mistake, or what somebody tries on the simulated GPU because a CPU would do it.
std::vector<Objection> objections_to(const std::string& object);

}
