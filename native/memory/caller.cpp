#include "memory/caller.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <link.h>
#include <unistd.h>

#include <climits>
#include <cstdio>

namespace sim {

namespace {

// Code of a program or library.
struct Code {
  std::string file, function;  // the function if the file exports it
  uintptr_t offset = 0;

  explicit operator bool() const { return !file.empty(); }
};

std::string folder_of(const std::string& file) {
  return file.substr(0, file.rfind('/') + 1);
}

std::string name_in_folder(const std::string& file) {
  return file.substr(folder_of(file).size());
}

Code code_at(uintptr_t address) {
  Dl_info info;
  link_map* object = nullptr;
  if (!dladdr1(reinterpret_cast<void*>(address), &info, reinterpret_cast<void**>(&object), RTLD_DL_LINKMAP) ||
      !info.dli_fname || !object) {
    return {};
  }
  return {info.dli_fname, info.dli_sname ? info.dli_sname : "", address - object->l_addr};
}

std::string offset_of(const Code& code) {
  char offset[32];
  std::snprintf(offset, sizeof offset, "0x%llx", static_cast<unsigned long long>(code.offset));
  return offset;
}

std::string name_of(const Code& code) {
  return (code.function.empty() ? "" : code.function + ", ") + name_in_folder(code.file) + "+" + offset_of(code);
}

// " (sums.cu:12)", if addr2line is there and the code was built with -g.
std::string line_of(const Code& code) {
  char program[PATH_MAX + 1] = {};
  bool own = readlink("/proc/self/exe", program, PATH_MAX) > 0 && name_in_folder(program) == name_in_folder(code.file);
  std::string file = own ? program : code.file, line;
  if (file.find('\'') != std::string::npos) {
    return "";
  }
  if (FILE* told = popen(("addr2line -s -e '" + file + "' " + offset_of(code) + " 2>/dev/null").c_str(), "r")) {
    for (int letter; (letter = std::fgetc(told)) > ' ';) {
      line += char(letter);
    }
    pclose(told);
  }
  size_t colon = line.find(':');
  return colon == std::string::npos || line[0] == '?' || line[colon + 1] < '1' || line[colon + 1] > '9'
             ? "" : " (" + line + ")";
}

}

// The libraries of the simulated GPU lie in one folder, and the program may lie there too.
std::string caller() {
  Code self = code_at(reinterpret_cast<uintptr_t>(&caller));
  void* frames[32];
  int depth = self ? backtrace(frames, 32) : 0;
  for (int i = 0; i < depth; i++) {
    // A return address may belong to the next line already.
    Code code = code_at(reinterpret_cast<uintptr_t>(frames[i]) - 1);
    bool own = code && folder_of(code.file) == folder_of(self.file);
    if (!own || name_in_folder(code.file).find(".so") == std::string::npos) {
      return code ? name_of(code) : "";
    }
  }
  return "";
}

std::string place_of_code(uintptr_t instruction, uintptr_t above) {
  Code code = code_at(instruction);
  if (name_in_folder(code.file).rfind("libc.so", 0) == 0 && code_at(above - 1)) {
    code = code_at(above - 1);
  }
  return code ? name_of(code) + line_of(code) : "";
}

}
