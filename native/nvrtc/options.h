// The options of a compilation, as far as they are known, and what they are for the C++ compiler.
#pragma once
#include <string>
#include <vector>

namespace nvrtc {

struct Options {
  std::string architecture;          // the number behind sm_
  std::vector<std::string> flags;
  bool change_code = false;          // some of these, beyond the architecture
  std::vector<std::string> folders;  // of headers
  bool for_ptx = false;              // no real architecture, so PTX is wanted
  std::string refused;               // why one is, or nothing
};

Options read_options(int count, const char* const* options);

}
