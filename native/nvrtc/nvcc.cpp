#include "nvrtc/nvcc.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "nvrtc/options.h"

namespace nvrtc {

namespace {

namespace files = std::filesystem;

// Limits for a text: seconds of CPU time, KiB of memory, blocks of 512 bytes in a file, and seconds of elapsed time.
const std::string LIMITS = "{ ulimit -t 60; ulimit -v 4194304; ulimit -f 524288; } 2>/dev/null; ";
const std::string LONGEST = "timeout -k 1 300 ";
const char* const LIMITS_IN_WORDS = "60 s of a processor, 300 s in all, 4 GiB of memory and 256 MiB of code";

// A temporary folder, which is deleted with its contents at the end.
class Folder {
 public:
  Folder() {
    const char* all = std::getenv("TMPDIR");
    path_ = std::string(all && *all ? all : "/tmp") + "/charlstm-nvrtc-XXXXXX";
    made_ = mkdtemp(path_.data()) != nullptr;
  }
  ~Folder() {
    std::error_code ignored;
    if (made_) {
      files::remove_all(path_, ignored);
    }
  }
  Folder(const Folder&) = delete;

  const std::string& path() const { return path_; }
  // Writes a file, and makes the folders in its name.
  bool write(const std::string& name, const std::string& content) const {
    if (!made_) {
      return false;
    }
    files::path file = files::path(path_) / name;
    std::error_code failed;
    files::create_directories(file.parent_path(), failed);
    std::ofstream stream(file, std::ios::binary);
    stream << content;
    stream.close();
    return stream.good();
  }
  std::string read(const std::string& name) const {
    std::ifstream stream(path_ + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

 private:
  std::string path_;
  bool made_;
};

std::string between(const std::string& quote, std::string text, const std::string& special,
                    const std::string& instead) {
  for (size_t at = 0; (at = text.find_first_of(special, at)) != std::string::npos; at += instead.size() + 1) {
    text.insert(at, instead);
  }
  return quote + text + quote;
}

std::string in_shell(const std::string& word) {
  return between("'", word, "'", "'\\'") + " ";
}

// A variable with the address of a name expression keeps that name in the code and reveals its lowered name.
const std::string HOLDER = "charlstm_name_";

std::string holders_of(const Program& program) {
  std::string text = "\n#line 1 \"name expression\"\nextern \"C\" {\n";
  size_t number = 0;
  for (const auto& named : program.lowered_names) {
    text += "__device__ const void* " + HOLDER + std::to_string(number++) + " = (const void*)(" + named.first + ");\n";
  }
  return program.lowered_names.empty() ? "" : text + "}\n";
}

// Finds the lowered name: PTX has ".u64 HOLDER = name;", or "= generic(name);" for a variable.
std::string held(const std::string& ptx, size_t number) {
  size_t at = ptx.find(" " + HOLDER + std::to_string(number) + " = ");
  size_t from = at == std::string::npos ? at : ptx.find("= ", at) + 2;
  std::string name = from == std::string::npos ? "" : ptx.substr(from, ptx.find(';', from) - from);
  size_t inner = name.find('(');
  return inner == std::string::npos ? name : name.substr(inner + 1, name.find(')') - inner - 1);
}

// Makes holders local to their text, because texts that are linked together have holders of the same names.
void hide_holders(std::string& ptx) {
  const std::string visible = ".visible ";
  for (size_t at = 0; (at = ptx.find(" " + HOLDER, at)) != std::string::npos; at++) {
    size_t line = ptx.rfind('\n', at) + 1;
    if (ptx.compare(line, visible.size(), visible) == 0) {
      ptx.erase(line, visible.size());
    }
  }
}

std::string absolute(const std::string& path) {
  std::error_code ignored;
  files::path whole = files::absolute(path.empty() ? "." : path, ignored);
  return ignored ? path : whole.string();
}

// Makes a path in an option absolute, given the option before it, because nvcc runs in another folder.
std::string with_absolute_path(const std::string& option, const std::string& before) {
  if (before == "-I" || before == "--include-path" || before == "-include-path") {
    return absolute(option);
  }
  for (const std::string name : {"--include-path=", "-include-path=", "-I="}) {
    if (option.rfind(name, 0) == 0) {
      return name + absolute(option.substr(name.size()));
    }
  }
  return option.rfind("-I", 0) == 0 && option.size() > 2 ? "-I" + absolute(option.substr(2)) : option;
}

// Writes the texts under their names, for messages and __FILE__. Returns the mistake, or an empty text.
std::string write_texts(const Folder& folder, const Program& program) {
  std::string name = between("\"", program.name, "\"\\", "\\");
  bool good = folder.write("text/text.cu", "#line 1 " + name + "\n" + program.source + holders_of(program));
  for (const auto& [name, text] : program.headers) {
    if (name.compare(0, 1, "/") == 0 || ("/" + name + "/").find("/../") != std::string::npos) {
      return "a header's name leads out of its folder: " + name;
    }
    good = good && folder.write("headers/" + name, text);
  }
  return good ? "" : "cannot write to the folder for temporary files; set TMPDIR to another";
}

// Whether the option makes functions without __device__ device functions; nvcc has no such option.
bool is_for_nvrtc_alone(const std::string& option) {
  return option == "--device-as-default-execution-space" || option == "-default-device";
}

// Runs nvcc, and returns its output in English. A handler of the program may take nvcc's exit status, so the output
// file is the sign of success.
std::string run(const Folder& folder, const std::string& nvcc, int count, const char* const* options) {
  std::string command = "exec 2>&1 </dev/null; cd " + in_shell(folder.path()) + "; " + LIMITS + "LC_ALL=C " + LONGEST +
                        in_shell(nvcc) + "-ptx -lineinfo -I headers -o made ";
  for (int i = 0; i < count; i++) {
    std::string option = with_absolute_path(options[i], i > 0 ? options[i - 1] : "");
    command += is_for_nvrtc_alone(option) ? "" : in_shell(option);
  }
  std::FILE* pipe = popen((command + "text/text.cu && mv made text.ptx").c_str(), "re");
  std::string said;
  char piece[1 << 12];
  while (size_t size = pipe ? std::fread(piece, 1, sizeof piece, pipe) : 0) {
    said.append(piece, size);
  }
  if (pipe) {
    pclose(pipe);
  }
  return said;
}

// Turns nvcc's message about an option, or an empty output, into NVRTC's.
Result fail(Program& program, const std::string& nvcc) {
  const std::string of_options = "nvcc fatal   : ";
  bool by_option = program.log.rfind(of_options, 0) == 0;
  if (by_option) {
    program.log.replace(0, of_options.size(), "nvrtc: error: ");
  } else if (program.log.empty()) {
    program.log = "nvrtc: error: " + nvcc + " has failed, which may take " + LIMITS_IN_WORDS + "\n";
  } else if (program.log.find("calling a __host__ function") != std::string::npos) {
    program.log += "Write __device__ before it: nvcc, unlike NVRTC, has no option that makes it so.\n";
  }
  return by_option ? INVALID_OPTION : COMPILATION;
}

}

Result compile_by_nvcc(Program& program, const std::string& nvcc, int count, const char* const* options) {
  std::string unknown = unknown_option(count, options);
  if (!unknown.empty()) {
    program.log = "nvrtc: error: unrecognized option " + unknown + " found\n";
    return INVALID_OPTION;
  }
  Folder folder;
  std::string trouble = write_texts(folder, program);
  if (!trouble.empty()) {
    program.log = "nvrtc: error: " + trouble + "\n";
    return COMPILATION;
  }
  program.log = run(folder, nvcc, count, options);
  program.ptx = folder.read("text.ptx");
  if (program.ptx.empty()) {
    return fail(program, nvcc);
  }
  size_t number = 0;
  for (auto& named : program.lowered_names) {
    named.second = held(program.ptx, number++);
  }
  hide_holders(program.ptx);
  return SUCCESS;
}

}
