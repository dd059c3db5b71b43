// libnvrtc.so.13 and .12: stand-ins for NVIDIA's run-time compiler. They pass a text to NVIDIA's own NVRTC if it is
// found, or else to nvcc; the simulated driver runs the PTX. A text whose kernels the simulator has built in needs no
// compiler.
#include <dlfcn.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <mutex>
#include <set>
#include <sstream>

#include "api/seal.h"
#include "nvrtc/nvcc.h"
#include "nvrtc/nvidia.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

using namespace nvrtc;

namespace {

std::mutex mutex;
std::set<Program*> programs;

// The value of CHARLSTM_SIM_NVRTC: fail, version:MAJOR.MINOR, off, nvcc, or the file of NVIDIA's own NVRTC.
std::string setting() {
  const char* value = std::getenv("CHARLSTM_SIM_NVRTC");
  return value ? value : "";
}

bool names_nvidias() {
  return setting().find('/') != std::string::npos;
}

// The compiler of texts: NVIDIA's own NVRTC, or else nvcc, or the reason why there is none.
struct Way {
  const Nvidia* nvidias = nullptr;
  std::string nvcc, why;
};

Way way() {
  Way found;
  std::string set = setting();
  if (set.empty() || names_nvidias()) {
    found.nvidias = Nvidia::find(set, CHARLSTM_NVRTC_MAJOR, found.why);
  } else if (set != "nvcc") {
    found.why =
        "CHARLSTM_SIM_NVRTC=" + set + " keeps NVIDIA's NVRTC and nvcc away; unset it, or name the file of NVRTC";
  }
  if (!found.nvidias && (set.empty() || set == "nvcc")) {
    found.nvcc = nvcc();
    found.why = NOTHING_HERE;
  }
  return found;
}

Program* known(Program* program) {
  std::lock_guard<std::mutex> lock(mutex);
  return programs.count(program) ? program : nullptr;
}

Result refuse(Program* program, Result result, const std::string& message) {
  program->log = message + "\n";
  return result;
}

// Whether the simulator beside this library has kernels that were compiled from this text.
bool is_known(const std::string& text) {
  Dl_info self{};
  std::string file = dladdr(reinterpret_cast<void*>(&is_known), &self) && self.dli_fname ? self.dli_fname : "";
  static void* const simulator =
      dlopen((file.substr(0, file.rfind('/') + 1) + "libcharlstm-sim.so").c_str(), RTLD_NOW | RTLD_LOCAL);
  auto stands_for = reinterpret_cast<int (*)(const char*, size_t)>(
      simulator ? dlsym(simulator, "charlstm_sim_stands_for") : nullptr);
  return stands_for && stands_for(text.data(), text.size());
}

bool asks_for_machine_code(int count, const char* const* options) {
  return std::any_of(options, options + count, [](const char* one) { return std::strstr(one, "=sm_"); });
}

// Whether built-in code will do: other headers, options or name expressions would give other code.
bool built_in(const Program& program, int count, const char* const* options) {
  bool plain = std::all_of(options, options + count, [](const char* one) {
    return std::strstr(one, "=sm_") || std::strcmp(one, "--device-as-default-execution-space") == 0;
  });
  return plain && asks_for_machine_code(count, options) && program.lowered_names.empty() && is_known(program.source) &&
         std::all_of(program.headers.begin(), program.headers.end(),
                     [](const auto& header) { return is_known(header.second); });
}

// Requires the headers of a text that is built in, because a real compiler would need them.
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

// The image has the PTX, unless it was built in, and describes its source. images/images.cpp reads the image.
std::string image_of(const Program& program, int count, const char* const* options) {
  std::string image = program.ptx.empty() ? "" : "ptx " + std::to_string(program.ptx.size()) + "\n" + program.ptx;
  image += "name " + program.name + "\n";
  for (int i = 0; i < count; i++) {
    image += std::string("option ") + options[i] + "\n";
  }
  for (const auto& header : program.headers) {
    image += "header " + header.first + " " + std::to_string(header.second.size()) + "\n";
  }
  return "charlstm simulated CUBIN\n" + seal::sealed(image + program.source);
}

// Also prints a line on stderr, because few programs show the log.
Result say(Program* program, const std::string& message) {
  std::fprintf(stderr, "charlstm sim: nvrtcCompileProgram: %s\n", message.c_str());
  return refuse(program, COMPILATION, "nvrtc: error: " + message);
}

Result compile(Program* program, int count, const char* const* options) {
  // A built-in text needs no compiler, unless the user named one.
  if (!names_nvidias() && built_in(*program, count, options)) {
    return require_headers(program);
  }
  Way found = way();
  return found.nvidias         ? found.nvidias->compile(*program, count, options)
         : !found.nvcc.empty() ? compile_by_nvcc(*program, found.nvcc, count, options)
                               : say(program, found.why);
}

Result copy(const std::string& text, char* to) {
  std::memcpy(to, text.c_str(), text.size() + 1);
  return SUCCESS;
}

const char* const ERRORS[] = {
    "NVRTC_SUCCESS", "NVRTC_ERROR_OUT_OF_MEMORY", "NVRTC_ERROR_PROGRAM_CREATION_FAILURE", "NVRTC_ERROR_INVALID_INPUT",
    "NVRTC_ERROR_INVALID_PROGRAM", "NVRTC_ERROR_INVALID_OPTION", "NVRTC_ERROR_COMPILATION",
    "NVRTC_ERROR_BUILTIN_OPERATION_FAILURE", "NVRTC_ERROR_NO_NAME_EXPRESSIONS_AFTER_COMPILATION",
    "NVRTC_ERROR_NO_LOWERED_NAMES_BEFORE_COMPILATION", "NVRTC_ERROR_NAME_EXPRESSION_NOT_VALID",
    "NVRTC_ERROR_INTERNAL_ERROR"};

}

EXPORT const char* nvrtcGetErrorString(int result) {
  return result >= 0 && size_t(result) < std::size(ERRORS) ? ERRORS[result] : "NVRTC_ERROR unknown";
}

// NVRTC has no status for functions that are not simulated (names/absent.s).
extern "C" int charlstm_absent(const char* name) {
  static std::set<std::string> told;
  std::lock_guard<std::mutex> guard(mutex);
  if (told.insert(name).second) {
    std::fprintf(stderr, "charlstm sim: %s is not simulated: it answers %s\n", name, ERRORS[INTERNAL_ERROR]);
  }
  return INTERNAL_ERROR;
}

EXPORT int nvrtcVersion(int* major, int* minor) {
  *major = CHARLSTM_NVRTC_MAJOR;
  *minor = 0;
  if (const Nvidia* nvidias = way().nvidias) {
    nvidias->version(major, minor);
  }
  std::sscanf(setting().c_str(), "version:%d.%d", major, minor);
  return SUCCESS;
}

EXPORT int nvrtcCreateProgram(Program** program, const char* source, const char* name, int headers,
                              const char* const* texts, const char* const* names) {
  if (!program || !source || headers < 0) {
    return INVALID_INPUT;
  }
  std::lock_guard<std::mutex> lock(mutex);
  *program = new Program{name ? name : "default_program", source, {}};
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
  program->log = program->image = program->ptx = "";
  Result result = setting() == "fail" ? INTERNAL_ERROR : compile(program, count, options);
  program->compiled = result == SUCCESS;
  if (program->compiled && asks_for_machine_code(count, options)) {
    program->image = image_of(*program, count, options);
  }
  return result;
}

// The sizes of texts include the final zero.
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
  return copy(program->log, log);
}

// There is no CUBIN unless the program was compiled for a real architecture.
EXPORT int nvrtcGetCUBINSize(Program* program, size_t* size) {
  if (!known(program) || !program->compiled) {
    return INVALID_PROGRAM;
  }
  *size = program->image.size();
  return SUCCESS;
}

EXPORT int nvrtcGetCUBIN(Program* program, char* image) {
  if (!known(program) || !program->compiled) {
    return INVALID_PROGRAM;
  }
  std::memcpy(image, program->image.data(), program->image.size());
  return SUCCESS;
}

EXPORT int nvrtcGetPTXSize(Program* program, size_t* size) {
  if (!known(program) || !program->compiled) {
    return INVALID_PROGRAM;
  }
  if (program->ptx.empty()) {
    std::fprintf(stderr, "charlstm sim: nvrtcGetPTX: a library of kernels was made of this text, as C++\n");
    return INVALID_PROGRAM;
  }
  *size = program->ptx.size() + 1;
  return SUCCESS;
}

EXPORT int nvrtcGetPTX(Program* program, char* text) {
  return known(program) && !program->ptx.empty() ? copy(program->ptx, text) : INVALID_PROGRAM;
}

EXPORT int nvrtcAddNameExpression(Program* program, const char* expression) {
  if (!known(program)) {
    return INVALID_PROGRAM;
  }
  if (program->compiled || !expression) {
    return expression ? NO_NAME_EXPRESSIONS_AFTER_COMPILATION : INVALID_INPUT;
  }
  program->lowered_names[expression];
  return SUCCESS;
}

EXPORT int nvrtcGetLoweredName(Program* program, const char* expression, const char** name) {
  if (!known(program) || !expression || !name) {
    return known(program) ? INVALID_INPUT : INVALID_PROGRAM;
  }
  if (!program->compiled) {
    return NO_LOWERED_NAMES_BEFORE_COMPILATION;
  }
  auto found = program->lowered_names.find(expression);
  if (found == program->lowered_names.end() || found->second.empty()) {
    return NAME_EXPRESSION_NOT_VALID;
  }
  *name = found->second.c_str();
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

// Describes in a few words how texts are compiled.
EXPORT const char* charlstm_sim_nvrtc_mode() {
  static thread_local std::string mode;
  Way found = way();
  mode = found.nvidias         ? "PTX by NVIDIA's NVRTC"
         : !found.nvcc.empty() ? "PTX by nvcc"
                               : "none are compiled: " + found.why;
  return mode.c_str();
}

// The number of programs that are not destroyed.
EXPORT long charlstm_sim_nvrtc_live() {
  std::lock_guard<std::mutex> lock(mutex);
  return (long)programs.size();
}
