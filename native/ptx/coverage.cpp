#include "ptx/coverage.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

#include "memory/state.h"

namespace sim::ptx {

namespace {

// Never destroyed: it is written at the end of the process.
std::map<std::string, Covered>& all = *new std::map<std::string, Covered>();
std::string& path = *new std::string();

}

void name_last(Function& function, const std::string& name) {
  if (settings.coverage.empty()) {
    return;
  }
  if (all.empty()) {
    std::atexit(write_coverage);
  }
  if (path != settings.coverage) {
    // Another file begins anew.
    write_coverage();
    path = settings.coverage;
    for (auto& one : all) {
      one.second = Covered();
    }
  }
  function.covered.resize(function.instructions.size());
  function.covered.back() = name.empty() ? nullptr : &all[name];
}

void write_coverage() {
  std::string added;
  std::set<std::string> known;
  for (auto& [name, covered] : all) {
    if (!covered.executed || covered.told) {
      continue;
    }
    covered.told = true;
    if (known.empty()) {
      std::ifstream file(path);
      for (std::string line; std::getline(file, line);) {
        known.insert(line);
      }
    }
    added += known.count(name) ? "" : name + "\n";
  }
  // In one piece, since other processes may write to it too.
  std::FILE* file = added.empty() ? nullptr : std::fopen(path.c_str(), "a");
  if (file) {
    std::setvbuf(file, nullptr, _IOFBF, added.size() + 1);
    std::fwrite(added.data(), 1, added.size(), file);
    std::fclose(file);
  }
}

}
