// The simulated NVRTC hands texts on to a compiler, and says so where none is here. In nvcc's place is a script.
#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "selftest/nvrtc/nvrtc.h"

namespace {

constexpr int OK = 0, BAD_OPTION = 5, BAD_TEXT = 6;
const char SETTING[] = "CHARLSTM_SIM_NVRTC";

void must_not_compile(const std::string& words, const std::string& text, int result = BAD_TEXT,
                      const std::vector<std::string>& options = {},
                      const std::map<std::string, std::string>& headers = {}) {
  Compiled compiled = compile(text, options, headers);
  // The first line that has "error" in it is what a program shows.
  size_t error = compiled.log.find("error"), end = compiled.log.find('\n', error);
  size_t start = error == std::string::npos ? 0 : compiled.log.rfind('\n', error) + 1;
  bool right = compiled.result == result && compiled.image.empty() && error != std::string::npos &&
               compiled.log.substr(start, end - start).find(words) == 0;
  check(right, (words + " instead of:\n" + compiled.log).c_str(), __FILE__, __LINE__);
}

void nothing_is_here() {
  must_not_compile("nvrtc: error: CHARLSTM_SIM_NVRTC=off keeps NVIDIA's NVRTC and nvcc away; unset it, or name", "");
  setenv(SETTING, "/no/such/libnvrtc.so.12", 1);
  must_not_compile("nvrtc: error: cannot open NVIDIA's NVRTC: /no/such/libnvrtc.so.12: cannot open", "");
  Dl_info self{};
  CHECK(dladdr(dlsym(dlopen("libnvrtc.so.13", RTLD_NOW), "nvrtcVersion"), &self));
  setenv(SETTING, self.dli_fname, 1);
  must_not_compile("nvrtc: error: " + std::string(self.dli_fname) + " (CHARLSTM_SIM_NVRTC) is the simulated NVRTC", "");
  setenv(SETTING, "off", 1);
}

// A toolkit in a folder of its own, whose nvcc keeps what it is given and makes of every text the PTX of seven.
class Toolkit {
 public:
  Toolkit() : folder_("/tmp/charlstm-selftest-" + std::to_string(getpid())) {
    std::filesystem::create_directories(folder_ + "/bin");
    std::filesystem::create_directories(folder_ + "/work");
    std::ofstream(folder_ + "/bin/nvcc") << R"(#!/bin/sh
echo "$@" >"${0%/bin/*}/given"
cat text/text.cu headers/*.h >"${0%/bin/*}/texts" 2>/dev/null
case "$*" in *c++5*) echo "nvcc fatal   : Value 'c++5' is not defined for option 'std'"; exit 1 ;; esac
if grep -q broken text/text.cu; then echo "own.cu(3): error: broken" >&2; exit 2; fi
if grep -q host text/text.cu; then echo 'own.cu(1): error: calling a __host__ function("f")'; exit 2; fi
if grep -q silent text/text.cu; then exit 2; fi
echo 'own.cu(2): warning: a remark'
cat >made <<PTX
.version 8.0
.target sm_90
.address_size 64
.global .u32 held;
.global .u64 charlstm_name_0 = generic(held);
.global .u64 charlstm_name_1 = k;
.visible .entry k(.param .u64 y) {
.reg .u64 %y;
ld.param.u64 %y, [y];
st.global.f32 [%y], 0f40E00000;
ret;
}
PTX
)";
    std::filesystem::permissions(folder_ + "/bin/nvcc", std::filesystem::perms::owner_all);
    setenv("CUDA_HOME", folder_.c_str(), 1);
    setenv("TMPDIR", (folder_ + "/work").c_str(), 1);
    setenv(SETTING, "nvcc", 1);
  }
  ~Toolkit() {
    CHECK(std::filesystem::is_empty(folder_ + "/work"));
    unsetenv("CUDA_HOME");
    unsetenv("TMPDIR");
    setenv(SETTING, "off", 1);
    std::filesystem::remove_all(folder_);
  }
  std::string kept(const char* name) const {
    std::ifstream stream(folder_ + "/" + name);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

 private:
  std::string folder_;
};

void by_nvcc() {
  Toolkit toolkit;
  Compiled compiled = compile("one\n", {"--device-as-default-execution-space", "-DA='b c'", "-Isub", "--std=c++20"},
                              {{"a.h", "of a header\n"}}, "o\"w'n.cu", {"one<float>", "&ns::table"});
  CHECK(compiled.result == OK && compiled.log == "own.cu(2): warning: a remark\n");
  CHECK(compiled.names == std::vector<std::string>({"k", "held"}));
  std::string here = std::filesystem::current_path();
  CHECK(toolkit.kept("given") == "-ptx -lineinfo -I headers -o made --gpu-architecture=sm_90 -DA='b c' -I" + here +
                                     "/sub --std=c++20 text/text.cu\n");
  CHECK(toolkit.kept("texts") ==
        "#line 1 \"o\\\"w'n.cu\"\none\n\n#line 1 \"name expression\"\nextern \"C\" {\n"
        "__device__ const void* charlstm_name_0 = (const void*)(&ns::table);\n"
        "__device__ const void* charlstm_name_1 = (const void*)(one<float>);\n}\nof a header\n");
  Driver driver;
  CUmodule module = load(compiled);
  CUdeviceptr y = driver.holding({0.0f});
  CHECK(launch_of(module, "k", driver.stream, 1, 1, 1, 1, 0, {&y}) == CUDA_SUCCESS && driver.read(y, 1)[0] == 7.0f);
  cuModuleUnload(module);
  cuMemFree_v2(y);
}

void what_nvcc_refuses() {
  Toolkit toolkit;
  must_not_compile("nvrtc: error: Value 'c++5' is not defined", "", BAD_OPTION, {"-std=c++5"});
  for (const char* of_nvcc : {"-O5", "-o", "--output-file=a", "made", "-std", "--DA", "-c"}) {
    must_not_compile(std::string("nvrtc: error: unrecognized option ") + of_nvcc + " found", "", BAD_OPTION, {of_nvcc});
  }
  must_not_compile("own.cu(3): error: broken", "broken");
  CHECK(compile("host").log.find("\nWrite __device__ before it: nvcc, unlike NVRTC,") != std::string::npos);
  must_not_compile("nvrtc: error: /tmp/charlstm-selftest-" + std::to_string(getpid()) + "/bin/nvcc has failed, which "
                   "may take 60 s of a processor", "silent");
  must_not_compile("nvrtc: error: a header's name leads out of its folder: ../a.h", "", BAD_TEXT, {}, {{"../a.h", ""}});
  std::string folder = std::getenv("TMPDIR");
  setenv("TMPDIR", "/no/such/folder", 1);
  must_not_compile("nvrtc: error: cannot write to the folder for temporary files; set TMPDIR", "");
  setenv("TMPDIR", folder.c_str(), 1);
}

// A text that a library of kernels was made of needs no compiler, another does; and its headers have to be given.
void texts_that_were_built_in() {
  std::string known = file_of("trials/ordered_memory.cu"), header = "selftest/trials/ordered.h";
  CHECK(!known.empty());
  const std::map<std::string, std::string> headers = {{header, file_of("trials/ordered.h")}};
  Compiled built_in = compile(known, {}, headers);
  CHECK(built_in.result == OK && std::strstr(built_in.image.data(), "charlstm simulated CUBIN\nsealed ") &&
        std::strstr(built_in.image.data(), "\nname own.cu\n"));
  must_not_compile("own.cu(2): catastrophic error: cannot open source file \"selftest/trials/ordered.h\"", known);
  must_not_compile("nvrtc: error: CHARLSTM_SIM_NVRTC=off keeps", known + "\n", BAD_TEXT, {}, headers);
  // Another header, or an option, makes other code of it.
  must_not_compile("nvrtc: error: CHARLSTM_SIM_NVRTC=off", known, BAD_TEXT, {}, {{header, headers.at(header) + "\n"}});
  must_not_compile("nvrtc: error: CHARLSTM_SIM_NVRTC=off", known, BAD_TEXT, {"-DA=1"}, headers);
  Driver driver;
  CUmodule module = load(built_in);
  CUfunction function = nullptr;
  CHECK(cuModuleGetFunction(&function, module, "ordered_pair") == CUDA_SUCCESS);
  CHECK(cuModuleGetFunction(&function, module, "no_such_kernel") == CUDA_ERROR_NOT_FOUND);
  cuModuleUnload(module);
}

}

void test_nvrtc_calls() {
  nothing_is_here();
  by_nvcc();
  what_nvcc_refuses();
  texts_that_were_built_in();
}
