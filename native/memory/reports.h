// The file of findings that CHARLSTM_SIM_REPORT asks for.
#pragma once
#include <string>
#include <vector>

#include "memory/findings.h"

namespace sim {

// Equal findings are counted together: of one flaw, at one place of a kernel.
struct Counted {
  Finding finding;
  long long count = 0, last = 0;  // the number of the latest among all findings
};

// The finding as a JSON object on one line.
std::string json_of(const Counted& one);

// Writes the process' findings to the file, beside other processes' findings: SARIF 2.1.0 if the file's name has that
// ending, else a JSON object per line. The file is complete after each call.
void write_report(const std::vector<Counted>& told);

}
