// libnvrtc.so.13 and .12: stand-ins for NVIDIA's run-time compiler, by themselves. What they "compile" is a text that
// names what it was given. They are stricter than NVRTC: options must ask for machine code, and for nothing that they
// do not know.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <string>

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {

enum Result {
  SUCCESS = 0,
  INVALID_INPUT = 3,
  INVALID_PROGRAM = 4,
  INVALID_OPTION = 5,
  COMPILATION = 6,
  INTERNAL_ERROR = 11
};

struct Program {
  std::string name;
  std::string source;
  std::map<std::string, std::string> headers;
  std::string log;
  std::string image;
};

const std::string ARCHITECTURE = "--gpu-architecture=sm_";
const std::string DEVICE_BY_DEFAULT = "--device-as-default-execution-space";
const std::set<std::string> ARCHITECTURES = {"75", "80",  "86",  "87",  "88",  "89",
                                             "90", "100", "103", "110", "120", "121"};

std::mutex mutex;
std::set<Program*> programs;

// CHARLSTM_SIM_NVRTC is fail, or version:MAJOR.MINOR.
std::string setting() {
  const char* value = std::getenv("CHARLSTM_SIM_NVRTC");
  return value ? value : "";
}

bool starts(const std::string& text, const std::string& start) {
  return text.compare(0, start.size(), start) == 0;
}

Program* known(Program* program) {
  std::lock_guard<std::mutex> lock(mutex);
  return programs.count(program) ? program : nullptr;
}

Result refuse(Program* program, Result result, const std::string& message) {
  program->log = message + "\n";
  return result;
}

Result compile(Program* program, int count, const char* const* options) {
  bool machine_code = false;
  program->image = "charlstm simulated CUBIN\nname " + program->name + "\n";
  for (int i = 0; i < count; i++) {
    std::string option = options[i];
    if (starts(option, ARCHITECTURE) && ARCHITECTURES.count(option.substr(ARCHITECTURE.size()))) {
      machine_code = true;
    } else if (option != DEVICE_BY_DEFAULT) {
      return refuse(program, INVALID_OPTION, "nvrtc: error: invalid value for an option: " + option);
    }
    program->image += "option " + option + "\n";
  }
  if (!machine_code) {
    return refuse(program, INVALID_OPTION, "nvrtc: error: no real architecture, so there is no CUBIN");
  }
  for (const auto& header : program->headers) {
    program->image += "header " + header.first + " " + std::to_string(header.second.size()) + "\n";
  }
  std::istringstream lines(program->source);
  std::string line;
  for (int number = 1; std::getline(lines, line); number++) {
    std::string where = program->name + "(" + std::to_string(number) + "): ";
    if (starts(line, "#error ")) {
      return refuse(program, COMPILATION, where + "warning: before it\n" + where + "error: #error directive: " +
                                              line.substr(7) + "\n\n1 error detected in the compilation");
    }
    std::string include = "#include \"";
    if (starts(line, include)) {
      std::string header = line.substr(include.size(), line.rfind('"') - include.size());
      if (!program->headers.count(header)) {
        return refuse(program, COMPILATION, where + "catastrophic error: cannot open source file \"" + header + "\"");
      }
    }
  }
  program->image += program->source;
  return SUCCESS;
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
  program->log = "";
  Result result = setting() == "fail" ? INTERNAL_ERROR : compile(program, count, options);
  if (result != SUCCESS) {
    program->image = "";
  }
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
