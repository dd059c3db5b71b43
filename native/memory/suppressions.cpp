#include "memory/suppressions.h"

#include <fnmatch.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include "memory/state.h"

namespace sim {

namespace {

struct Suppression {
  unsigned line;
  std::string kernel, kind, place;
  bool used;
};

// Never destroyed: they are read when the process ends.
std::string& path = *new std::string();
std::vector<Suppression>& suppressions() {
  static auto& all = *new std::vector<Suppression>();
  return all;
}

bool fits(const std::string& pattern, const std::string& text) {
  return fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

// A place is a source line, or "PTX:12".
bool fits_place(const std::string& pattern, const std::string& place) {
  std::string ptx = place.substr(0, place.find(' ', 9));
  return pattern.empty() || fits("*[(/ ]" + pattern + "[,)]*", place) ||
         (ptx.rfind("PTX line ", 0) == 0 && fits(pattern, "PTX:" + ptx.substr(9)));
}

void complain_of(unsigned line, const std::string& what) {
  std::fprintf(stderr, "charlstm sim: CHARLSTM_SIM_FINDINGS: %s:%u: %s\n", path.c_str(), line, what.c_str());
}

void read_line(unsigned number, const std::string& text) {
  Suppression made{number, "", "", "", false};
  std::istringstream words(text.substr(0, text.find('#')));
  std::string more;
  if (!(words >> made.kernel)) {
    return;
  }
  if (!(words >> made.kind)) {
    return complain_of(number, "a line names a kernel, a kind and perhaps a place, such as: reduce* race reduce.cu:41");
  }
  words >> made.place;
  if (words >> more) {
    return complain_of(number, "'" + more + "' is one word too many");
  }
  suppressions().push_back(made);
}

}

void read_suppressions() {
  const char* wanted = std::getenv("CHARLSTM_SIM_FINDINGS");
  std::string now = wanted ? wanted : "";
  if (now == path) {
    return;
  }
  path = now;
  suppressions().clear();
  std::ifstream file(path);
  if (!path.empty() && !file) {
    std::fprintf(stderr, "charlstm sim: CHARLSTM_SIM_FINDINGS: cannot read %s\n", path.c_str());
  }
  unsigned number = 0;
  for (std::string line; std::getline(file, line);) {
    read_line(++number, line);
  }
}

bool suppressed(const Finding& finding) {
  keep_to_one_process();
  bool any = false;
  for (Suppression& one : suppressions()) {
    bool same = fits(one.kernel, finding.subject) && fits(one.kind, name_of(finding.flaw)) &&
                fits_place(one.place, finding.place);
    if (same && finding.grade == Grade::ERROR && !goes_on(finding.flaw)) {
      continue;
    }
    one.used |= same;
    any |= same;
  }
  return any;
}

void tell_unused_suppressions() {
  for (const Suppression& one : suppressions()) {
    if (!one.used) {
      complain_of(one.line, "suppresses nothing: " + one.kernel + " " + one.kind + " " + one.place);
    }
  }
}

}
