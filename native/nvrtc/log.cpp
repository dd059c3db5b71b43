#include "nvrtc/log.h"

#include <regex>
#include <sstream>

namespace nvrtc {

namespace {

std::string without(const std::string& start, const std::string& text) {
  return text.compare(0, start.size(), start) == 0 ? text.substr(start.size()) : text;
}

// A message, from the compiler's words for it.
std::string message(const std::string& kind, const std::string& text) {
  static const std::regex directive("#(error|warning) ?(.*?)( \\[-Wcpp\\])?");
  static const std::regex missing("(.*): No such file or directory");
  std::smatch found;
  if (std::regex_match(text, found, directive)) {
    return kind + ": #" + found[1].str() + " directive: " + found[2].str();
  }
  if (std::regex_match(text, found, missing)) {
    return "catastrophic error: cannot open source file \"" + found[1].str() + "\"";
  }
  return (kind == "fatal error" ? "catastrophic error" : kind) + ": " + text;
}

}

std::string at_line(const std::string& file, int line, const std::string& what) {
  return without("headers/", file) + "(" + std::to_string(line) + "): " + what + "\n";
}

std::string in_words_of_nvrtc(const std::string& said, const std::string& name) {
  static const std::regex place("(.+?):([0-9]+):(?:[0-9]+:)? (fatal error|error|warning|note): (.*)");
  static const std::regex undefined(".*(undefined reference to .*)"), plain(".*?: (fatal error|error): (.*)");
  std::string log, line;
  std::istringstream lines(said);
  while (std::getline(lines, line)) {
    std::smatch found;
    if (std::regex_match(line, found, place)) {
      log += at_line(found[1].str(), std::stoi(found[2].str()), message(found[3].str(), found[4].str()));
    } else if (std::regex_match(line, found, undefined)) {
      log += name + ": error: " + found[1].str() + "\n";
    } else if (std::regex_match(line, found, plain)) {
      log += name + ": error: " + found[2].str() + "\n";
    }
  }
  return log;
}

std::string count_of_errors(const std::string& log, const std::string& name) {
  size_t count = 0;
  for (size_t at = log.find("error: "); at != std::string::npos; at = log.find("error: ", at + 1)) {
    count++;
  }
  return "\n" + std::to_string(count) + (count == 1 ? " error" : " errors") + " detected in the compilation of \"" +
         name + "\".\n";
}

}
