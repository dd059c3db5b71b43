#include "nvrtc/options.h"

#include <set>

namespace nvrtc {

namespace {

// NVIDIA's NVRTC 12.4 accepts all options of the first three lists, with one hyphen or two. The fourth list is from
// newer versions' documentation, a guess that was not measured.
const std::set<std::string> KNOWN = {
    "device-c", "dc", "device-w", "dw", "extensible-whole-program", "ewp", "device-debug", "G", "generate-line-info",
    "lineinfo", "use_fast_math", "extra-device-vectorization", "dlink-time-opt", "dlto", "gen-opt-lto",
    "no-source-include", "disable-warnings", "w", "restrict", "device-as-default-execution-space", "default-device",
    "device-int128", "opt-info", "display-error-number", "err-no", "no-display-error-number", "no-err-no", "minimal",
    "optix-ir"};
// The value may be the next option.
const std::set<std::string> WITH_A_VALUE = {
    "gpu-architecture", "arch", "relocatable-device-code", "rdc", "ptxas-options", "Xptxas", "maxrregcount", "ftz",
    "prec-sqrt", "prec-div", "fmad", "dopt", "define-macro", "D", "undefine-macro", "U", "include-path", "I",
    "pre-include", "include", "builtin-move-forward", "builtin-initializer-list", "modify-stack-limit",
    "jump-table-density", "jtd", "version-ident", "dQ", "split-compile", "brief-diagnostics", "brief-diag",
    "diag-error", "diag-suppress", "diag-warn"};
// The value follows an equals sign.
const std::set<std::string> WITH_AN_EQUALS_SIGN = {"std", "time"};
const std::set<std::string> NEWER = {
    "device-float128", "Ofast-compile", "Ofc", "frandom-seed", "fdevice-syntax-only", "fdevice-time-trace",
    "device-stack-protector", "pch", "create-pch", "use-pch", "pch-dir", "pch-verbose", "pch-messages",
    "instantiate-templates-in-pch", "Wreorder"};

// Whether the option is a letter with its value behind it, such as -DNAME.
bool is_joined(const std::string& option) {
  return option.size() > 2 && option[0] == '-' && (option[1] == 'D' || option[1] == 'U' || option[1] == 'I');
}

}

std::string unknown_option(int count, const char* const* options) {
  for (int i = 0; i < count; i++) {
    std::string option = options[i];
    size_t hyphens = option.find_first_not_of('-');
    size_t equals = option.find('=');
    std::string name = hyphens == 1 || hyphens == 2 ? option.substr(hyphens, equals - hyphens) : "";
    bool takes = WITH_A_VALUE.count(name) > 0, assigned = equals != std::string::npos;
    if (!is_joined(option) && !takes && !KNOWN.count(name) && !NEWER.count(name) &&
        !(assigned && WITH_AN_EQUALS_SIGN.count(name))) {
      return option;
    }
    i += takes && !assigned;
  }
  return "";
}

}
