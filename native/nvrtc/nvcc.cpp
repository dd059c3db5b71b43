#include "nvrtc/nvcc.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>
#include <vector>

#include "nvrtc/compilation.h"
#include "nvrtc/processes.h"

namespace nvrtc {

namespace {

const std::set<std::string> DEVICE_BY_DEFAULT = {"--device-as-default-execution-space", "-default-device"};

// A name expression is kept, and its name told, by a variable that holds its address.
const std::string HOLDER = "charlstm_name_";

std::string holders_of(const Program& program) {
  std::string text = "\n#line 1 \"name expression\"\nextern \"C\" {\n";
  size_t number = 0;
  for (const auto& named : program.lowered_names) {
    text += "__device__ const void* " + HOLDER + std::to_string(number++) + " = (const void*)(" + named.first + ");\n";
  }
  return program.lowered_names.empty() ? "" : text + "}\n";
}

// PTX has ".u64 HOLDER = name;" or, of a variable, "= generic(name);".
std::string held(const std::string& ptx, size_t number) {
  size_t at = ptx.find(" " + HOLDER + std::to_string(number) + " = ");
  size_t from = at == std::string::npos ? at : ptx.find("= ", at) + 2;
  std::string name = from == std::string::npos ? "" : ptx.substr(from, ptx.find(';', from) - from);
  size_t inner = name.find('(');
  return inner == std::string::npos ? name : name.substr(inner + 1, name.find(')') - inner - 1);
}

// Nvcc works in another folder.
std::string with_absolute_path(const std::string& option) {
  for (const char* name : {"--include-path=", "-I"}) {
    if (option.rfind(name, 0) == 0) {
      return name + std::filesystem::absolute(option.substr(std::string(name).size())).string();
    }
  }
  return option;
}

}

bool makes_device_functions(int count, const char* const* options) {
  return std::any_of(options, options + count, [](const char* one) { return DEVICE_BY_DEFAULT.count(one) > 0; });
}

Result compile_by_nvcc(Program& program, const std::string& nvcc, int count, const char* const* options) {
  Folder folder;
  if (!write_texts(folder, program, holders_of(program))) {
    program.log += program.log.empty() ? "nvrtc: error: cannot write to the folder for temporary files; set TMPDIR to "
                                         "another\n" : "";
    return COMPILATION;
  }
  std::vector<std::string> arguments = {"-ptx", "-lineinfo", "-I", "headers", "-o", "text.ptx"};
  for (int i = 0; i < count; i++) {
    if (!DEVICE_BY_DEFAULT.count(options[i])) {
      arguments.push_back(with_absolute_path(options[i]));
    }
  }
  arguments.push_back("text/text.cu");
  int status = run_compiler(folder, nvcc, arguments, program.log);
  if (status != 0) {
    program.log += program.log.empty() ? "nvrtc: error: " + nvcc + " has failed, which may take " + LIMITS + "\n" : "";
    return COMPILATION;
  }
  program.ptx = folder.read("text.ptx");
  size_t number = 0;
  for (auto& named : program.lowered_names) {
    named.second = held(program.ptx, number++);
  }
  return SUCCESS;
}

}
