#include "nvrtc/options.h"

#include <set>

namespace nvrtc {

namespace {

// Of an option that has one, after "=" or at once behind a short name.
bool take(const std::string& option, const std::string& name, std::string& value) {
  bool begins = option.compare(0, name.size(), name) == 0;
  if (begins) {
    value = option.substr(name.size());
  }
  return begins;
}

const std::set<std::string> ARCHITECTURES = {"75", "80",  "86",  "87",  "88",  "89",
                                             "90", "100", "103", "110", "120", "121"};

// Those that change nothing here: debugging, hints, and how much the compiler says.
const std::set<std::string> IGNORED = {
    "--device-as-default-execution-space", "-default-device", "--device-debug", "-G", "--generate-line-info",
    "-lineinfo", "--use_fast_math", "-use_fast_math", "--fmad=false", "-fmad=false", "--fmad=true", "-fmad=true",
    "--restrict", "-restrict", "--disable-warnings", "-w", "--extra-device-vectorization",
    "-extra-device-vectorization"};

// Of a card's compilers 11 is the oldest; here nothing is older than 17, which the kernels' headers need.
const std::set<std::string> OLD_STANDARDS = {"c++11", "c++14", "c++17"};

bool number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

}

Options read_options(int count, const char* const* options) {
  Options read;
  read.for_ptx = true;
  for (int i = 0; i < count; i++) {
    std::string option = options[i], value;
    bool known = IGNORED.count(option) > 0;
    if (take(option, "--gpu-architecture=sm_", value) || take(option, "-arch=sm_", value)) {
      known = ARCHITECTURES.count(value) > 0;
      read.for_ptx = false;
      read.architecture = value;
      read.flags.push_back("-D__CUDA_ARCH__=" + value + "0");
    } else if (take(option, "--gpu-architecture=compute_", value) || take(option, "-arch=compute_", value)) {
      known = read.for_ptx = number(value.substr(0, value.find_first_of("af")));
    } else if (take(option, "--define-macro=", value) || take(option, "-D", value)) {
      known = !value.empty();
      read.flags.push_back("-D" + value);
    } else if (take(option, "--undefine-macro=", value) || take(option, "-U", value)) {
      known = !value.empty();
      read.flags.push_back("-U" + value);
    } else if (take(option, "--include-path=", value) || take(option, "-I", value)) {
      known = !value.empty();
      read.folders.push_back(value);
    } else if (take(option, "--std=", value) || take(option, "-std=", value)) {
      known = OLD_STANDARDS.count(value) > 0 || value == "c++20";
      read.flags.push_back(value == "c++20" ? "-std=c++20" : "-std=c++17");
    } else if (take(option, "--maxrregcount=", value) || take(option, "-maxrregcount=", value)) {
      known = number(value);
    }
    read.change_code = read.flags.size() > 1;
    if (!known) {
      read.refused = "nvrtc: error: invalid value for an option: " + option;
      return read;
    }
  }
  return read;
}

}
