// A text that becomes a shared object, by the C++ compiler of this machine.
#pragma once
#include <string>

#include "nvrtc/options.h"
#include "nvrtc/processes.h"
#include "nvrtc/program.h"

namespace nvrtc {

// Writes text/text.cu, with its name for messages and __FILE__ and with more behind it, and the headers. False if that
// cannot be; the log may say why.
bool write_texts(const Folder& folder, Program& program, const std::string& more = "");

// The code is empty where the text has no kernels. Errors go to the program's log, in NVRTC's form.
Result compile(Program& program, const Options& options, std::string& code);

}
