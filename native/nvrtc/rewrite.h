// Gives CUDA's own words in a preprocessed text their meaning on the CPU.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

namespace nvrtc {

struct Trouble {
  std::string file;
  int line;
  std::string what;
};

struct Rewritten {
  std::string text;
  size_t kernels = 0;   // that a program can find
  std::vector<Trouble> troubles;
};

// Only what comes from these files is the program's own. Lines stay where they are. Kernels of templates and namespaces
// that were asked for by name are found by these names.
Rewritten rewrite(const std::string& preprocessed, const std::set<std::string>& own,
                  const std::map<std::string, std::string>& names);

}
