// libnvrtc.so.13 and .12: stand-ins for NVIDIA's run-time compiler. The C++ compiler of this machine compiles the text,
// unless the simulator was built from it. They are stricter than NVRTC: options must ask for machine code, and for
// nothing that they do not know.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <set>
#include <sstream>

#include "nvrtc/compilation.h"
#include "nvrtc/known_texts.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

using namespace nvrtc;

namespace {

std::mutex mutex;
std::set<Program*> programs;

// CHARLSTM_SIM_NVRTC is fail, or version:MAJOR.MINOR.
std::string setting() {
  const char* value = std::getenv("CHARLSTM_SIM_NVRTC");
  return value ? value : "";
}

Program* known(Program* program) {
  std::lock_guard<std::mutex> lock(mutex);
  return programs.count(program) ? program : nullptr;
}

Result refuse(Program* program, Result result, const std::string& message) {
  program->log = message + "\n";
  return result;
}

// With other headers, or options that matter, it would be other code.
bool built_in(const Program& program, const Options& options) {
  return is_known(program.source) && !options.change_code && options.folders.empty() &&
         std::all_of(program.headers.begin(), program.headers.end(),
                     [](const auto& header) { return is_known(header.second); });
}

// A text that was compiled with the simulator, whose headers have to be given all the same.
Result require_headers(Program* program) {
  std::istringstream lines(program->source);
  std::string line, include = "#include \"";
  for (int number = 1; std::getline(lines, line); number++) {
    if (line.compare(0, include.size(), include) == 0) {
      std::string header = line.substr(include.size(), line.rfind('"') - include.size());
      if (!program->headers.count(header)) {
        return refuse(program, COMPILATION, program->name + "(" + std::to_string(number) +
                                                "): catastrophic error: cannot open source file \"" + header + "\"");
      }
    }
  }
  return SUCCESS;
}

// The image tells what it was made of, behind its code if it has any. images.cpp of the driver reads it.
std::string image_of(const Program& program, int count, const char* const* options, const std::string& architecture,
                     const std::string& code) {
  std::string image = "charlstm simulated CUBIN\n";
  if (!code.empty()) {
    image += "code " + std::to_string(code.size()) + " " + architecture + " " + CHARLSTM_BUILD + "\n" + code;
  }
  image += "name " + program.name + "\n";
  for (int i = 0; i < count; i++) {
    image += std::string("option ") + options[i] + "\n";
  }
  for (const auto& header : program.headers) {
    image += "header " + header.first + " " + std::to_string(header.second.size()) + "\n";
  }
  return image + program.source;
}

Result compile(Program* program, int count, const char* const* given) {
  Options options = read_options(count, given);
  if (!options.refused.empty()) {
    return refuse(program, INVALID_OPTION, options.refused);
  }
  std::string code;
  Result result = built_in(*program, options) ? require_headers(program) : compile(*program, options, code);
  if (result == SUCCESS) {
    program->image = image_of(*program, count, given, options.architecture, code);
  }
  return result;
}

}

EXPORT int nvrtcVersion(int* major, int* minor) {
  *major = CHARLSTM_NVRTC_MAJOR;
  *minor = 0;
  std::sscanf(setting().c_str(), "version:%d.%d", major, minor);
  return SUCCESS;
}

EXPORT int nvrtcCreateProgram(Program** program, const char* source, const char* name, int headers,
                              const char* const* texts, const char* const* names) {
  if (!program || !source || headers < 0) {
    return INVALID_INPUT;
  }
  std::lock_guard<std::mutex> lock(mutex);
  *program = new Program{name ? name : "default_program", source, {}, "", ""};
  for (int i = 0; i < headers; i++) {
    (*program)->headers[names[i]] = texts[i];
  }
  programs.insert(*program);
  return SUCCESS;
}

EXPORT int nvrtcCompileProgram(Program* program, int count, const char* const* options) {
  if (!known(program)) {
    return INVALID_PROGRAM;
  }
  program->log = program->image = "";
  Result result = setting() == "fail" ? INTERNAL_ERROR : compile(program, count, options);
  return result;
}

// The sizes of texts count the zero at their end.
EXPORT int nvrtcGetProgramLogSize(Program* program, size_t* size) {
  if (!known(program)) {
    return INVALID_PROGRAM;
  }
  *size = program->log.size() + 1;
  return SUCCESS;
}

EXPORT int nvrtcGetProgramLog(Program* program, char* log) {
  if (!known(program)) {
    return INVALID_PROGRAM;
  }
  std::memcpy(log, program->log.c_str(), program->log.size() + 1);
  return SUCCESS;
}

EXPORT int nvrtcGetCUBINSize(Program* program, size_t* size) {
  if (!known(program) || program->image.empty()) {
    return INVALID_PROGRAM;
  }
  *size = program->image.size();
  return SUCCESS;
}

EXPORT int nvrtcGetCUBIN(Program* program, char* image) {
  if (!known(program) || program->image.empty()) {
    return INVALID_PROGRAM;
  }
  std::memcpy(image, program->image.data(), program->image.size());
  return SUCCESS;
}

EXPORT int nvrtcDestroyProgram(Program** program) {
  std::lock_guard<std::mutex> lock(mutex);
  if (!program || !programs.erase(*program)) {
    return INVALID_PROGRAM;
  }
  delete *program;
  *program = nullptr;
  return SUCCESS;
}

// How many programs nobody has destroyed.
EXPORT long charlstm_sim_nvrtc_live() {
  std::lock_guard<std::mutex> lock(mutex);
  return (long)programs.size();
}
