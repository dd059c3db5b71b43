// The C++ compiler's messages in NVRTC's form.
#pragma once
#include <string>

namespace nvrtc {

// "file(line): error: ..." for each message; the rest is left out.
std::string in_words_of_nvrtc(const std::string& said, const std::string& name);

std::string at_line(const std::string& file, int line, const std::string& what);

// The line that comes last, with their number.
std::string count_of_errors(const std::string& log, const std::string& name);

}
