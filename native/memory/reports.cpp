#include "memory/reports.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "memory/state.h"

namespace sim {

namespace {

std::string quoted(const std::string& text) {
  std::string made = "\"";
  for (unsigned char letter : text) {
    char code[8];
    std::snprintf(code, sizeof code, "\\u%04x", letter);
    made += letter < 0x20 ? std::string(code) : letter == '"' || letter == '\\' ? std::string("\\") + char(letter)
                                                                                 : std::string(1, char(letter));
  }
  return made + '"';
}

// The parts of "PTX line 12 (saxpy.cu:7, called at saxpy.cu:20)".
struct Source {
  std::string file;
  int line = 0;
};

Source source_of(const Finding& finding) {
  size_t open = finding.place.find('('), end = finding.place.find_first_of(",)", open + 1);
  size_t colon = end == std::string::npos ? end : finding.place.rfind(':', end);
  if (open == std::string::npos || colon == std::string::npos || colon < open) {
    return {};
  }
  return {finding.place.substr(open + 1, colon - open - 1), std::atoi(finding.place.c_str() + colon + 1)};
}

std::string sarif_result(const Counted& one) {
  const Finding& finding = one.finding;
  Source source = source_of(finding);
  std::string physical = source.file.empty() ? ""
                                             : "\"physicalLocation\":{\"artifactLocation\":{\"uri\":" +
                                                   quoted(source.file) + "},\"region\":{\"startLine\":" +
                                                   std::to_string(source.line) + "}},";
  return "{\"ruleId\":" + quoted(name_of(finding.flaw)) + ",\"level\":" + quoted(name_of(finding.grade)) +
         ",\"message\":{\"text\":" + quoted(finding.message + ". " + finding.remedy) + "},\"locations\":[{" + physical +
         "\"logicalLocations\":[{\"name\":" + quoted(finding.subject) + "}]}],\"occurrenceCount\":" +
         std::to_string(one.count) + "}";
}

// The run of this process, on one line.
std::string sarif_run(const std::vector<Counted>& told) {
  std::string results;
  for (const Counted& one : told) {
    results += (results.empty() ? "" : ",") + sarif_result(one);
  }
  return "{\"tool\":{\"driver\":{\"name\":\"charlstm-cudasim\"}},\"automationDetails\":{\"id\":\"process/" +
         std::to_string(getpid()) + "\"},\"results\":[" + results + "]}";
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

constexpr const char* HEAD =
    "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[";

// Lines of other processes, without the commas between runs.
std::vector<std::string> lines_of_others(const std::string& path, const std::string& mine) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line[0] == '{' && line != HEAD && line.find(mine) == std::string::npos) {
      lines.push_back(ends_with(line, ",") ? line.substr(0, line.size() - 1) : line);
    }
  }
  return lines;
}

}

std::string json_of(const Counted& one) {
  const Finding& finding = one.finding;
  Source source = source_of(finding);
  return "{\"grade\":" + quoted(name_of(finding.grade)) + ",\"kind\":" + quoted(name_of(finding.flaw)) +
         ",\"kernel\":" + quoted(finding.subject) + ",\"message\":" + quoted(finding.message) +
         ",\"place\":" + quoted(finding.place) + ",\"file\":" + quoted(source.file) +
         ",\"line\":" + std::to_string(source.line) + ",\"remedy\":" + quoted(finding.remedy) +
         ",\"count\":" + std::to_string(one.count) + ",\"process\":" + std::to_string(getpid()) + "}";
}

namespace {

void write_file(const std::string& path, const std::vector<Counted>& told) {
  std::string process = std::to_string(getpid());
  bool sarif = ends_with(path, ".sarif");
  int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  flock(file, LOCK_EX);
  std::vector<std::string> lines =
      lines_of_others(path, sarif ? "\"process/" + process + "\"" : "\"process\":" + process + "}");
  if (sarif) {
    lines.push_back(sarif_run(told));
  }
  for (const Counted& one : told) {
    if (!sarif) {
      lines.push_back(json_of(one));
    }
  }
  std::string content = sarif ? std::string(HEAD) + "\n" : "";
  for (const std::string& line : lines) {
    content += line + (sarif && &line != &lines.back() ? ",\n" : "\n");
  }
  content += sarif ? "]}\n" : "";
  if (ftruncate(file, 0) != 0 || pwrite(file, content.data(), content.size(), 0) != ssize_t(content.size())) {
    std::fprintf(stderr, "charlstm sim: CHARLSTM_SIM_REPORT: cannot write %s\n", path.c_str());
  }
  close(file);
}

}

void write_report(const std::vector<Counted>& told) {
  const char* wanted = std::getenv("CHARLSTM_SIM_REPORT");
  std::istringstream paths(wanted ? wanted : "");
  for (std::string path; std::getline(paths, path, ',');) {
    write_file(path, told);
  }
}

}
