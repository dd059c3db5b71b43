// The file of findings that CHARLSTM_SIM_REPORT asks for.
#pragma once
#include <string>
#include <vector>

#include "memory/findings.h"

namespace sim {

// Findings that tell the same: of one flaw, at one place of a kernel.
struct Counted {
  Finding finding;
  long long count = 0, last = 0;  // the number of the latest among all findings
};

// As a JSON object, on a line.
std::string json_of(const Counted& one);

// Writes the process's findings beside those that other processes have written to the file: SARIF 2.1.0 if its name
// ends so, else a JSON object a line. The file is complete after each call.
void write_report(const std::vector<Counted>& told);

}
