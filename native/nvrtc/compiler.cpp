// libnvrtc.so.13 and .12: stand-ins for NVIDIA's run-time compiler. They hand on to NVIDIA's own where it is found, or
// else to nvcc: the simulated driver takes their PTX. Else the C++ compiler of this machine compiles a text, unless the
// simulator has a library of kernels that was made of it. Then options must ask for machine code, and for nothing that
// is not known.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <mutex>
#include <set>
#include <sstream>

#include "api/seal.h"
#include "nvrtc/compilation.h"
#include "nvrtc/nvcc.h"
#include "nvrtc/nvidia.h"
#include "nvrtc/processes.h"
#include "nvrtc/simulator.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

using namespace nvrtc;

namespace {

std::mutex mutex;
std::set<Program*> programs;

// CHARLSTM_SIM_NVRTC is fail, version:MAJOR.MINOR, off, nvcc, or the file of NVIDIA's own.
std::string setting() {
  const char* value = std::getenv("CHARLSTM_SIM_NVRTC");
  return value ? value : "";
}

bool names_nvidias() {
  return setting().find('/') != std::string::npos;
}

const Nvidia* nvidia(std::string& why) {
  if (!names_nvidias() && !setting().empty()) {
    why = "CHARLSTM_SIM_NVRTC=" + setting() + " keeps NVIDIA's own NVRTC away; unset it, or name the file of that";
    return nullptr;
  }
  return Nvidia::find(setting(), CHARLSTM_NVRTC_MAJOR, why);
}

// The file of nvcc, which compiles where NVIDIA's own is not here; empty if it does not.
std::string nvcc_in_its_place() {
  return setting().empty() || setting() == "nvcc" ? nvcc() : "";
}

Program* known(Program* program) {
  std::lock_guard<std::mutex> lock(mutex);
  return programs.count(program) ? program : nullptr;
}

Result refuse(Program* program, Result result, const std::string& message) {
  program->log = message + "\n";
  return result;
}

// With other headers, options that matter, or names that are asked for, it would be other code.
bool built_in(const Program& program, const Options& options) {
  return program.lowered_names.empty() && is_known(program.source) && !options.change_code && options.folders.empty() &&
         std::all_of(program.headers.begin(), program.headers.end(),
                     [](const auto& header) { return is_known(header.second); });
}

// Of a text that has been compiled, whose headers have to be given all the same.
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

// The image has its code, if any, as C++ or PTX, and tells what it was made of. images/images.cpp reads it.
std::string image_of(const Program& program, int count, const char* const* options, const std::string& code) {
  std::string image = code + "name " + program.name + "\n";
  for (int i = 0; i < count; i++) {
    image += std::string("option ") + options[i] + "\n";
  }
  for (const auto& header : program.headers) {
    image += "header " + header.first + " " + std::to_string(header.second.size()) + "\n";
  }
  return "charlstm simulated CUBIN\n" + seal::sealed(image + program.source);
}

// One line on stderr too, since few programs show the log.
Result say(Program* program, const std::string& message) {
  std::fprintf(stderr, "charlstm sim: nvrtcCompileProgram: %s\n", message.c_str());
  return refuse(program, COMPILATION, "nvrtc: error: " + message);
}

// As C++ a kernel is known by the name that it was asked for.
Result compile_as_cpp(Program* program, int count, const char* const* given, const Options& options) {
  std::string code;
  for (auto& [expression, name] : program->lowered_names) {
    if (expression.empty() || expression[0] == '&') {
      return say(program, "a name expression is asked for of '" + expression + "': kernels of C++ are found by name, "
                          "variables only in PTX, by NVIDIA's own NVRTC");
    }
    name = expression;
  }
  Result result = built_in(*program, options) ? require_headers(program) : compile(*program, options, code);
  if (result == SUCCESS) {
    std::string head = "code " + std::to_string(code.size()) + " " + options.architecture + " " + CHARLSTM_BUILD + "\n";
    program->image = image_of(*program, count, given, code.empty() ? "" : head + code);
  }
  return result;
}

// An image for a real architecture holds the PTX.
Result keep_ptx(Program& program, int count, const char* const* given, Result result) {
  if (result == SUCCESS && program.machine_code) {
    program.image = image_of(program, count, given, "ptx " + std::to_string(program.ptx.size()) + "\n" + program.ptx);
  }
  return result;
}

Result compile(Program* program, int count, const char* const* given) {
  Options options = read_options(count, given);
  bool as_cpp = options.refused.empty() && !options.for_ptx;
  // A text that was built in needs no compiler, unless somebody named one.
  if (as_cpp && !names_nvidias() && built_in(*program, options)) {
    return compile_as_cpp(program, count, given, options);
  }
  std::string why;
  const Nvidia* nvidias = nvidia(why);
  if (nvidias) {
    return keep_ptx(*program, count, given, nvidias->compile(*program, count, given));
  }
  if (names_nvidias()) {
    return say(program, why);
  }
  if (!options.refused.empty()) {
    return refuse(program, INVALID_OPTION, options.refused);
  }
  std::string nvcc = nvcc_in_its_place();
  if (!nvcc.empty()) {
    Result result = compile_by_nvcc(*program, nvcc, count, given);
    // A function without __device__, perhaps, which only the C++ compiler lets be.
    if (result == SUCCESS || !as_cpp || !makes_device_functions(count, given)) {
      program->machine_code = !options.for_ptx;
      return keep_ptx(*program, count, given, result);
    }
    program->log.clear();
  }
  return as_cpp ? compile_as_cpp(program, count, given, options)
                : say(program, "PTX is asked for (no --gpu-architecture=sm_...), and " + why);
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

EXPORT int nvrtcVersion(int* major, int* minor) {
  *major = CHARLSTM_NVRTC_MAJOR;
  *minor = 0;
  std::string why;
  if (const Nvidia* nvidias = nvidia(why)) {
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
  program->machine_code = false;
  Result result = setting() == "fail" ? INTERNAL_ERROR : compile(program, count, options);
  program->compiled = result == SUCCESS;
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
  return copy(program->log, log);
}

// There is none of what was compiled for no real architecture.
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
    std::string why;
    nvidia(why);
    std::fprintf(stderr, "charlstm sim: nvrtcGetPTX: the text was compiled as C++; %s\n", why.c_str());
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

// In a few words: what texts become.
EXPORT const char* charlstm_sim_nvrtc_mode() {
  static thread_local std::string mode;
  std::string why;
  const Nvidia* nvidias = nvidia(why);
  mode = nvidias                        ? "PTX by NVIDIA's NVRTC"
         : names_nvidias()              ? why
         : !nvcc_in_its_place().empty() ? "PTX by nvcc"
                                        : "C++ by " + compiler() + ", with fewer checks: " + why;
  return mode.c_str();
}

// How many programs nobody has destroyed.
EXPORT long charlstm_sim_nvrtc_live() {
  std::lock_guard<std::mutex> lock(mutex);
  return (long)programs.size();
}
