#include "nvrtc/compilation.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "nvrtc/log.h"
#include "nvrtc/object.h"
#include "nvrtc/processes.h"
#include "nvrtc/rewrite.h"
#include "nvrtc/simulator.h"
#include "nvrtc/tokens.h"

namespace nvrtc {

namespace {

// Of a thread of a card. The machine's stacks have room for functions that hold no more.
constexpr unsigned long long MOST_LOCAL_BYTES = 512 << 10;

std::vector<std::string> words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> all;
  for (std::string word; stream >> word;) {
    all.push_back(word);
  }
  return all;
}

std::string quoted(const std::string& name) {
  std::string quoted = "\"";
  for (char c : name) {
    quoted += c == '"' || c == '\\' ? "\\" : "";
    quoted += c;
  }
  return quoted + "\"";
}

bool below(const std::string& file, const std::string& folder) {
  return file.compare(0, folder.size() + 1, folder + "/") == 0;
}

class Compilation {
 public:
  Compilation(Program& program, const Options& options)
      : program_(program), home_(home()), flags_(words(CHARLSTM_KERNEL_FLAGS)) {
    flags_.insert(flags_.end(), options.flags.begin(), options.flags.end());
    for (const char* word : {"-D__CUDACC__", "-D__CUDACC_RTC__", "-DCHARLSTM_RUN_TIME", "-fno-gnu-unique",
                             "-fno-diagnostics-show-caret", "-fdiagnostics-color=never"}) {
      flags_.push_back(word);
    }
    // Mistakes become faults of the kernel. Sums that overflow wrap around as on a card; with that, the check of
    // overflow looks only at the lowest integer divided by -1.
    for (const char* word : {"-fwrapv", "-fsanitize=integer-divide-by-zero,signed-integer-overflow,bounds"}) {
      flags_.push_back(word);
    }
    // A kernel that may not run for ever looks at the clock on its way, which costs time.
    const char* seconds = std::getenv("CHARLSTM_SIM_SECONDS");
    if (seconds && *seconds) {
      flags_.push_back("-fsanitize-coverage=trace-pc");
    }
    for (const std::string& folder : options.folders) {
      folders_.push_back(absolute(folder));
    }
  }

  Result run(std::string& code) {
    if (includes_of_no_file()) {
      return give_up();
    }
    if (!write_texts(folder_, program_)) {
      return program_.log.empty() ? fail("cannot write to the folder for temporary files; set TMPDIR to another")
                                  : COMPILATION;
    }
    if (access((home_ + "/include/language/kernel.h").c_str(), R_OK) != 0) {
      return fail("no " + home_ + "/include; the simulated GPU lacks its headers, build it again with native/build.sh");
    }
    Result result = preprocess();
    if (result != SUCCESS) {
      return result;
    }
    std::string text = folder_.read("text.ii");
    Rewritten rewritten = rewrite(text, own_files(text), program_.lowered_names);
    for (const Trouble& trouble : rewritten.troubles) {
      program_.log += at_line(trouble.file, trouble.line, "error: " + trouble.what);
    }
    if (!rewritten.troubles.empty() || foreign_headers(text)) {
      return give_up();
    }
    if (!folder_.write("text.ii", rewritten.text)) {
      return fail("cannot write to the folder for temporary files; set TMPDIR to another");
    }
    result = build();
    code = result == SUCCESS && rewritten.kernels > 0 ? folder_.read("code.so") : "";
    return result;
  }

 private:
  Result preprocess() {
    std::vector<std::string> arguments = {"-x", "c++", "-E"};
    arguments.insert(arguments.end(), flags_.begin(), flags_.end());
    arguments.insert(arguments.end(), {"-I", home_ + "/include"});
    for (const char* header : {"language/kernel.h", "language/cuda_on_cpu.h", "language/run_time_on_cpu.h"}) {
      arguments.insert(arguments.end(), {"-include", header});
    }
    // Only texts with charlstm's own header of PTX get its twin and the names in it.
    if (program_.headers.count("ptx.h")) {
      arguments.insert(arguments.end(), {"-include", "language/ptx_on_cpu.h"});
    }
    arguments.insert(arguments.end(), {"-I", "headers"});
    for (const std::string& folder : folders_) {
      arguments.insert(arguments.end(), {"-I", folder});
    }
    arguments.insert(arguments.end(), {"text/text.cu", "-o", "text.ii"});
    return step(arguments);
  }

  Result build() {
    std::vector<std::string> arguments = {"-fpreprocessed", "-x", "c++", "-w"};
    arguments.insert(arguments.end(), flags_.begin(), flags_.end());
    arguments.insert(arguments.end(), {"-fstack-usage", "-c", "text.ii", "-o", "code.o"});
    Result result = step(arguments);
    if (result == SUCCESS && holds_too_much()) {
      return give_up();
    }
    if (result == SUCCESS) {
      result = step({"-shared", "-Wl,-Bsymbolic", "-Wl,-z,defs", "-o", "code.so", "code.o",
                     home_ + "/libcharlstm-sim.so"});
    }
    return result == SUCCESS && does_too_much() ? give_up() : result;
  }

  bool does_too_much() {
    std::vector<Objection> objections = objections_to(folder_.read("code.o"));
    for (const Objection& one : objections) {
      Token named = named_first(one.function);
      std::string what = "error: " + one.function + (one.function.empty() ? "" : " ") + one.what;
      program_.log += named.line ? at_line(program_.name, named.line, what) : program_.name + ": " + what + "\n";
    }
    return !objections.empty();
  }

  // In the text itself; without a line if it is not there.
  Token named_first(const std::string& name) const {
    Tokens tokens = tokens_of(program_.source);
    auto found = std::find_if(tokens.all.begin(), tokens.all.end(),
                              [&](const Token& token) { return token.text == name; });
    return found == tokens.all.end() ? Token{} : *found;
  }

  // A device, a pipe: the compiler might read it for ever.
  bool includes_of_no_file() {
    std::vector<std::string> folders = {folder_.path("text"), folder_.path("headers")};
    folders.insert(folders.end(), folders_.begin(), folders_.end());
    size_t before = program_.log.size();
    refuse_includes_of_no_file(program_.name, program_.source, folders);
    for (const auto& header : program_.headers) {
      refuse_includes_of_no_file(header.first, header.second, folders);
    }
    return program_.log.size() > before;
  }

  void refuse_includes_of_no_file(const std::string& file, const std::string& text,
                                  const std::vector<std::string>& folders) {
    std::istringstream lines(text);
    int number = 1;
    for (std::string line; std::getline(lines, line); number++) {
      std::string path = included_in(line);
      bool none = is_no_file(path);
      for (const std::string& folder : folders) {
        none |= path.compare(0, 1, "/") != 0 && is_no_file(folder + "/" + path);
      }
      if (none) {
        program_.log += at_line(file, number, "catastrophic error: cannot open source file \"" + path +
                                                  "\"; it is no regular file");
      }
    }
  }

  static std::string included_in(const std::string& line) {
    size_t at = line.find_first_not_of(" \t");
    at = at == std::string::npos || line[at] != '#' ? at : line.find_first_not_of(" \t", at + 1);
    if (at == std::string::npos || at == 0 || line.compare(at, 7, "include") != 0) {
      return "";
    }
    size_t from = line.find_first_of("<\"", at), to = line.find_first_of(">\"", from + 1);
    return from == std::string::npos || to == std::string::npos ? "" : line.substr(from + 1, to - from - 1);
  }

  static bool is_no_file(const std::string& path) {
    struct stat found;
    return !path.empty() && stat(path.c_str(), &found) == 0 && !S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode);
  }

  // The compiler's lines are FILE:LINE:COLUMN:FUNCTION, bytes and a word, with tabs.
  bool holds_too_much() {
    std::istringstream lines(folder_.read("code.su"));
    bool any = false;
    for (std::string line; std::getline(lines, line);) {
      size_t file = line.find(':'), name = line.find(':', line.find(':', file + 1) + 1) + 1, bytes = line.find('\t');
      if (bytes != std::string::npos && std::stoull(line.substr(bytes)) > MOST_LOCAL_BYTES) {
        program_.log += at_line(line.substr(0, file), std::stoi(line.substr(file + 1)),
                                "error: " + line.substr(name, bytes - name) + " needs " +
                                    std::to_string(std::stoull(line.substr(bytes))) + " bytes of local memory a " +
                                    "thread, of which a card has " + std::to_string(MOST_LOCAL_BYTES));
        any = true;
      }
    }
    return any;
  }

  Result step(const std::vector<std::string>& arguments) {
    std::string said;
    int status = run_compiler(folder_, compiler(), arguments, said);
    if (status < 0) {
      fail("no C++ compiler '" + compiler() + "' is here, which the simulated NVRTC needs; install g++, or set CXX");
      return COMPILATION;
    }
    program_.log += in_words_of_nvrtc(said, program_.name);
    if (status != 0 && program_.log.find("error: ") == std::string::npos) {
      program_.log += program_.name + ": error: " + compiler() + " has failed, which may take " + LIMITS + ": " +
                      said.substr(0, said.find('\n')) + "\n";
    }
    return status == 0 ? SUCCESS : give_up();
  }

  Result give_up() {
    program_.log += count_of_errors(program_.log, program_.name);
    return COMPILATION;
  }

  Result fail(const std::string& why) {
    program_.log += "nvrtc: error: " + why + "\n";
    return INTERNAL_ERROR;
  }

  bool own(const std::string& file) const {
    return file == program_.name || below(file, "headers") ||
           std::any_of(folders_.begin(), folders_.end(), [&](const std::string& one) { return below(file, one); });
  }

  std::set<std::string> own_files(const std::string& text) const {
    std::set<std::string> files;
    for (const std::string& file : tokens_of(text).files) {
      if (own(file)) {
        files.insert(file);
      }
    }
    return files;
  }

  // NVRTC has no headers of the machine's; the C++ compiler here finds them all the same.
  bool foreign_headers(const std::string& text) {
    Tokens tokens = tokens_of(text);
    bool any = false;
    for (const Origin& origin : tokens.origins) {
      const std::string &file = tokens.files[origin.file], &from = tokens.files[origin.from];
      if (origin.enters && own(from) && !own(file) && !below(file, home_ + "/include")) {
        program_.log += at_line(from, origin.at, "catastrophic error: cannot open source file \"" +
                                                         file.substr(file.rfind('/') + 1) + "\"; NVRTC has only the " +
                                                         "headers that it is given");
        any = true;
      }
    }
    return any;
  }

  Program& program_;
  std::string home_;
  std::vector<std::string> flags_;
  std::vector<std::string> folders_;
  Folder folder_;
};

}

bool write_texts(const Folder& folder, Program& program, const std::string& more) {
  bool good = folder.made() &&
              folder.write("text/text.cu", "#line 1 " + quoted(program.name) + "\n" + program.source + more);
  for (const auto& header : program.headers) {
    if (header.first.compare(0, 1, "/") == 0 || ("/" + header.first + "/").find("/../") != std::string::npos) {
      program.log += "nvrtc: error: a header's name leads out of its folder: " + header.first + "\n";
      return false;
    }
    good = good && folder.write("headers/" + header.first, header.second);
  }
  return good;
}

Result compile(Program& program, const Options& options, std::string& code) {
  return Compilation(program, options).run(code);
}

}
