// The simulated NVRTC refuses texts that it cannot compile, with a log; the driver loads its images, or refuses them.
#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "selftest/nvrtc.h"

namespace {

constexpr int OK = 0, BAD_OPTION = 5, BAD_TEXT = 6, BROKEN = 11;

void must_not_compile(const std::string& words, const std::string& text, int result = BAD_TEXT,
                      const std::vector<std::string>& options = {},
                      const std::map<std::string, std::string>& headers = {},
                      const std::vector<std::string>& expressions = {}) {
  Compiled compiled = compile(text, options, headers, "own.cu", expressions);
  // The first line that has "error" in it is what a program shows.
  size_t error = compiled.log.find("error"), end = compiled.log.find('\n', error);
  size_t start = error == std::string::npos ? 0 : compiled.log.rfind('\n', error) + 1;
  bool right = compiled.result == result && compiled.image.empty() && error != std::string::npos &&
               compiled.log.substr(start, end - start).find(words) == 0;
  check(right, (words + " instead of:\n" + compiled.log).c_str(), __FILE__, __LINE__);
}

std::string kernel(const std::string& body) {
  return "extern \"C\" __global__ void k(float* y) {\n" + body + "\n}\n";
}

void errors_of_the_text() {
  must_not_compile("own.cu(2): error: 'x' was not declared in this scope", kernel("x = 1;"));
  // Lines are those of the text, behind what was put in and whatever its lines.
  must_not_compile("own.cu(6): error: 'x' was not declared", kernel("__shared__ float\n  a[4],\n\n  b[3];\nx = 1;"));
  must_not_compile("own.cu(5): error: 'x' was not declared",
                   "extern \"C\" __global__ void\n__launch_bounds__(256,\n 2)\nk(float* y) {\nx = 1;\n}\n");
  must_not_compile("own.cu(2): error: 'x' was not declared",
                   "__shared__ float of_all[2]; extern \"C\" __global__ void j(float* y) {}\n" +
                       std::string("__device__ int f() { return x; }\n"));
  must_not_compile("sub/a.h(2): error: 'x' was not declared", "#include \"sub/a.h\"\n", BAD_TEXT, {},
                   {{"sub/a.h", "#include \"b.h\"\nint y = x + ONE;\n"}, {"b.h", "#define ONE 1\n"}});
  must_not_compile("own.cu(3): error: #error directive: not here", "#ifdef __CUDACC_RTC__\n#warning before it\n#error "
                                                                   "not here\n#endif\n");
  must_not_compile("own.cu(1): catastrophic error: cannot open source file \"device.h\"", "#include \"device.h\"\n");
  must_not_compile("own.cu(2): catastrophic error: cannot open source file \"cstdio\"; NVRTC has only", "\n#include "
                                                                                                        "<cstdio>\n");
  must_not_compile("own.cu: error: undefined reference to `f(", "__device__ int f(int);\n" + kernel("y[0] = f(1);"));
  must_not_compile("nvrtc: error: a header's name leads out of its folder: ../a.h", "", BAD_TEXT, {},
                   {{"../a.h", ""}});
  must_not_compile("own.cu(3): error: inline PTX is not simulated", kernel("\nasm(\"bar.sync 0;\");"));
  const char* message = "own.cu(2): error: a __shared__ variable cannot be initialised where it is declared: a";
  must_not_compile(message, kernel("__shared__ int a = 3;"));
  must_not_compile("own.cu(2): error: an extern __shared__ variable is an array without a size: a[]",
                   kernel("extern __shared__ int a[3];"));
  must_not_compile("own.cu(2): error: a __shared__ array without a size must be extern: a",
                   kernel("__shared__ int a[];"));
  must_not_compile("own.cu(2): error: this declaration of __shared__ is not understood", kernel("__shared__;"));
  must_not_compile("own.cu(1): error: static assertion failed: only clusters along x are simulated",
                   "extern \"C\" __global__ void __cluster_dims__(1, 2, 1) k() {}\n");
}

void options() {
  for (const char* option : {"--gpu-architecture=compute_all", "-arch=sm_91", "--maxrregcount=many", "-D", "-O5"}) {
    must_not_compile(std::string("nvrtc: error: invalid value for an option: ") + option, "", BAD_OPTION, {option});
  }
  std::string folder = "/tmp/charlstm-selftest-" + std::to_string(getpid());
  std::filesystem::create_directory(folder);
  std::ofstream(folder + "/there.h") << "#define FOUND 1\n__device__ void f() { __shared__ int x[2]; x[0] = 1; }\n";
  std::string text = "#include <there.h>\n#if A != 3 || defined(B) || FOUND != 1 || __CUDA_ARCH__ != 900\n"
                     "#error wrong\n#endif\n__device__ auto f(auto x) { return x; }\n" + kernel("f(); y[0] = f(1.0f);");
  std::vector<std::string> options = {"--define-macro=A=3", "-DB", "--undefine-macro=B", "--include-path=" + folder,
                                      "--std=c++20", "-lineinfo", "--use_fast_math", "--maxrregcount=64"};
  CHECK(compile(text, options).result == OK);
  std::filesystem::remove_all(folder);
}

// NVIDIA's own makes PTX, and none is here.
void asked_for_ptx() {
  const char* ptx = "nvrtc: error: PTX is asked for (no --gpu-architecture=sm_...), and ";
  must_not_compile(ptx + std::string("CHARLSTM_SIM_NVRTC=off keeps NVIDIA's own NVRTC away; unset it"), kernel(""),
                   BAD_TEXT, {"-arch=compute_90"});
  CHECK(compile(kernel("")).result == OK);
  setenv("CHARLSTM_SIM_NVRTC", "/no/such/libnvrtc.so.12", 1);
  must_not_compile("nvrtc: error: cannot open NVIDIA's NVRTC: /no/such/libnvrtc.so.12: cannot open", kernel(""));
  Dl_info self{};
  CHECK(dladdr(dlsym(dlopen("libnvrtc.so.13", RTLD_NOW), "nvrtcVersion"), &self));
  setenv("CHARLSTM_SIM_NVRTC", self.dli_fname, 1);
  must_not_compile("nvrtc: error: " + std::string(self.dli_fname) + " (CHARLSTM_SIM_NVRTC) is the simulated NVRTC",
                   kernel(""));
  setenv("CHARLSTM_SIM_NVRTC", "off", 1);
}

float result_of(Driver& driver, CUmodule module, const char* name) {
  CUdeviceptr y = driver.holding({0.0f});
  int n = 1;
  CHECK(launch_of(module, name, driver.stream, 1, 1, 1, 1, 0, {&y, &n}) == CUDA_SUCCESS);
  float value = driver.read(y, 1)[0];
  cuMemFree_v2(y);
  return value;
}

// Kernels of templates and namespaces are found by the names that were asked for; variables are not.
void names_of_cpp() {
  std::string text = "template <typename T, int N> __global__ void add(T* y, int n) { __shared__ T held[N]; "
                     "held[0] = y[0]; y[0] = held[0] + T(n * N); }\n"
                     "namespace ns { __device__ int table; __global__ void add(float* y, int n) { y[0] = 9; } }\n";
  Driver driver;
  CUmodule module = load(compile(text, {}, {}, "own.cu", {"add<float, 3>", "add<float,4>", "ns::add"}));
  CHECK(result_of(driver, module, "add<float, 3>") == 3.0f && result_of(driver, module, "add<float,4>") == 4.0f);
  CHECK(result_of(driver, module, "ns::add") == 9.0f);
  CUfunction function = nullptr;
  CHECK(cuModuleGetFunction(&function, module, "add<float, 5>") == CUDA_ERROR_NOT_FOUND);
  must_not_compile("nvrtc: error: a name expression is asked for of '&ns::table': kernels of C++ are found by name",
                   text, BAD_TEXT, {}, {}, {"&ns::table"});
  must_not_compile("add<none>(1): error: ", text, BAD_TEXT, {}, {}, {"add<none>"});
  cuModuleUnload(module);
}

// A text that a library of kernels was made of needs no compiler, another does; and its headers have to be given.
void texts_that_were_built_in() {
  std::string known = file_of("trials/ordered_memory.cu"), header = "selftest/trials/ordered.h";
  CHECK(!known.empty());
  setenv("CXX", "/no/such/compiler", 1);
  const std::map<std::string, std::string> headers = {{header, file_of("trials/ordered.h")}};
  Compiled built_in = compile(known, {}, headers);
  CHECK(built_in.result == OK && std::strstr(built_in.image.data(), "charlstm simulated CUBIN\nsealed ") &&
        std::strstr(built_in.image.data(), "\nname own.cu\n"));
  must_not_compile("own.cu(2): catastrophic error: cannot open source file \"selftest/trials/ordered.h\"", known);
  must_not_compile("nvrtc: error: no C++ compiler '/no/such/compiler' is here, which the simulated NVRTC needs; "
                   "install g++, or set CXX", known + "\n", BAD_TEXT, {}, headers);
  // Another header, or an option, makes other code of it.
  must_not_compile("nvrtc: error: no C++ compiler", known, BAD_TEXT, {}, {{header, headers.at(header) + "\n"}});
  must_not_compile("nvrtc: error: no C++ compiler", known, BAD_TEXT, {"-DA=1"}, headers);
  unsetenv("CXX");
  Driver driver;
  CUmodule module = load(built_in);
  CUfunction function = nullptr;
  CHECK(cuModuleGetFunction(&function, module, "ordered_pair") == CUDA_SUCCESS);
  CHECK(cuModuleGetFunction(&function, module, "no_such_kernel") == CUDA_ERROR_NOT_FOUND);
  cuModuleUnload(module);
}

size_t files_in_use() {
  std::ifstream maps("/proc/self/maps");
  std::string line;
  size_t count = 0;
  while (std::getline(maps, line)) {
    count += line.find("charlstm-kernels-") != std::string::npos;
  }
  return count;
}

// Every load has code of its own, which is gone with its module, and comes before what was built in.
void modules() {
  Driver driver;
  size_t before = files_in_use();
  // The loader must not share what a template keeps, and keep it for that.
  std::string text = "template <typename T>\n__device__ T kept(T value) { __shared__ T held; return held = value; }\n"
                     "extern \"C\" __global__ void add_one(float* y, int n) { y[0] = ";
  Compiled seven = compile(text + "kept(7.0f); }"), nine = compile(text + "kept(9.0f); }");
  CUmodule one = load(seven), same = load(seven), other = load(nine);
  CHECK(result_of(driver, one, "add_one") == 7.0f && result_of(driver, other, "add_one") == 9.0f);
  CHECK(result_of(driver, driver.module, "add_one") == 1.0f);
  CHECK(cuModuleUnload(one) == CUDA_SUCCESS);
  CHECK(result_of(driver, same, "add_one") == 7.0f && result_of(driver, other, "add_one") == 9.0f);
  CHECK(files_in_use() > before);
  CHECK(cuModuleUnload(same) == CUDA_SUCCESS && cuModuleUnload(other) == CUDA_SUCCESS);
  CHECK(files_in_use() == before);
}

// Nothing is left behind: neither files, nor the right to read where a module was.
void traces_of_modules() {
  std::string folder = "/tmp/charlstm-selftest-" + std::to_string(getpid());
  std::filesystem::create_directory(folder);
  setenv("TMPDIR", folder.c_str(), 1);
  Driver driver;
  CUdeviceptr y = driver.holding({0.0f, 0.0f});
  CUmodule module = load(compile("__constant__ int table[1000] = {5};\nextern \"C\" __global__ void where(int** y) { "
                                 "*y = table; }"));
  CHECK(std::filesystem::is_empty(folder));
  CHECK(launch_of(module, "where", driver.stream, 1, 1, 1, 1, 0, {&y}) == CUDA_SUCCESS);
  CUdeviceptr table = *reinterpret_cast<CUdeviceptr*>(y);
  CHECK(driver.launch("read_at", 1, 1, table, y) == CUDA_SUCCESS && *reinterpret_cast<int*>(y) == 5);
  cuModuleUnload(module);
  CHECK(driver.launch("read_at", 1, 1, table, y) == CUDA_ERROR_ILLEGAL_ADDRESS);
  cuMemFree_v2(y);
  unsetenv("TMPDIR");
  std::filesystem::remove_all(folder);
}

// In a queue a kernel outlives its module.
void unloaded_before_it_runs() {
  Driver driver("deferred");
  size_t before = files_in_use();
  CUdeviceptr y = driver.holding({0.0f});
  CUmodule module = load(compile(kernel("y[0] = 7.0f;")));
  CHECK(launch_of(module, "k", driver.stream, 1, 1, 1, 1, 0, {&y}) == CUDA_SUCCESS);
  CHECK(cuModuleUnload(module) == CUDA_SUCCESS);
  CHECK(driver.read(y, 1)[0] == 7.0f && files_in_use() == before);
  // And a module that nobody unloads ends with its context.
  load(compile(kernel("y[0] = 8.0f;")));
  CHECK(files_in_use() > before);
  cuMemFree_v2(y);
}

void must_not_load(CUresult code, const char* words, const std::string& image) {
  CUmodule module = nullptr;
  CHECK(cuModuleLoadData(&module, image.c_str()) == code && !module);
  check(std::strstr(charlstm_sim_last_error(), words), words, __FILE__, __LINE__);
}

void images() {
  Driver driver;
  must_not_load(CUDA_ERROR_INVALID_PTX, "cuModuleLoadData: ", ".version 8.0\n.target sm_90\nnonsense\n");
  must_not_load(CUDA_ERROR_INVALID_PTX, "line 4: the instruction texture.1d.v4.f32.s32 is none of PTX",
                ".version 8.0\n.target sm_90\n.entry k() {\ntexture.1d.v4.f32.s32 {%a, %b}, [t, {%c}];\n}\n");
  must_not_load(CUDA_ERROR_INVALID_PTX, "cuModuleLoadData: ", "//\n// by NVIDIA\n/* */\n\n  .version 8.0 nonsense");
  Compiled compiled = compile(kernel("y[0] = 7.0f;"));
  std::string image(compiled.image.begin(), compiled.image.end());
  must_not_load(CUDA_ERROR_NO_BINARY_FOR_GPU, "another build of the simulated NVRTC has compiled the image",
                built_in_image("code 1 90 other-build\nx"));
  auto becomes = [](const char* capability) {
    setenv("CHARLSTM_SIM_CAPABILITY", capability, 1);
    cuInit(0);
    unsetenv("CHARLSTM_SIM_CAPABILITY");
  };
  for (const char* capability : {"860", "1000"}) {
    becomes(capability);
    must_not_load(CUDA_ERROR_NO_BINARY_FOR_GPU, "the image is for sm_90, and this card takes sm_", image);
  }
  Compiled older_card = compile(kernel("y[0] = 7.0f;"), {"-arch=sm_86"});
  becomes("800");
  must_not_load(CUDA_ERROR_NO_BINARY_FOR_GPU, "the image is for sm_86, and this card takes sm_80 or a lower",
                std::string(older_card.image.begin(), older_card.image.end()));
  becomes("890");
  CHECK(cuModuleUnload(load(older_card)) == CUDA_SUCCESS);
  cuInit(0);
  must_not_load(CUDA_ERROR_INVALID_IMAGE, "cuModuleLoadData: the image is empty", "");
  for (const char* garbage : {"garbage", "\x7f" "ELF", "\x7f" "ELF and more, as long as a header of an object is",
                              "PTX", ".vers", "{}"}) {
    must_not_load(CUDA_ERROR_INVALID_IMAGE, "cuModuleLoadData: the ", garbage);
  }
  setenv("TMPDIR", "/no/such/folder", 1);
  must_not_load(CUDA_ERROR_INVALID_IMAGE, "cannot write /no/such/folder/charlstm-kernels-", image);
  must_not_compile("nvrtc: error: cannot write to the folder for temporary files; set TMPDIR", kernel(""),
                   BROKEN);
  unsetenv("TMPDIR");
}

// As NVIDIA's own compiles for sm_90 it is PTX, and still for that architecture alone.
void images_of_ptx() {
  Driver driver;
  std::string ptx = ".version 8.0\n.target sm_90\n.address_size 64\n.entry k(.param .u64 y) {\n.reg .u64 %y;\n"
                    "ld.param.u64 %y, [y];\nst.global.f32 [%y], 0f40E00000;\nret;\n}\n";
  std::string image = built_in_image("ptx " + std::to_string(ptx.size()) + "\n" + ptx + "name own.cu\n");
  CUmodule module = nullptr;
  CHECK(cuModuleLoadData(&module, image.c_str()) == CUDA_SUCCESS);
  CHECK(result_of(driver, module, "k") == 7.0f);
  cuModuleUnload(module);
  must_not_load(CUDA_ERROR_INVALID_IMAGE, "cuModuleLoadData: the image is cut off or spoilt",
                image.substr(0, image.size() - 1));
  setenv("CHARLSTM_SIM_CAPABILITY", "1000", 1);
  cuInit(0);
  must_not_load(CUDA_ERROR_NO_BINARY_FOR_GPU, "the image is for sm_90, and this card takes sm_100", image);
  unsetenv("CHARLSTM_SIM_CAPABILITY");
  cuInit(0);
}

// Text of a kernel comes out once, though its blocks run in several orders.
void printing() {
  Driver driver;
  CUmodule module = load(compile("extern \"C\" __global__ void print(int n) { printf(\"%d of %d: %.1f|\", "
                                 "blockIdx.x, n, 0.5f * n); }"));
  std::string file = "/tmp/charlstm-selftest-print-" + std::to_string(getpid());
  std::fflush(stdout);
  int kept = dup(1);
  CHECK(std::freopen(file.c_str(), "w", stdout));
  int n = 2;
  CHECK(launch_of(module, "print", driver.stream, 2, 1, 1, 1, 0, {&n}) == CUDA_SUCCESS);
  std::fflush(stdout);
  dup2(kept, 1);
  close(kept);
  std::string printed;
  std::getline(std::ifstream(file), printed);
  CHECK(printed == "0 of 2: 1.0|1 of 2: 1.0|");
  std::filesystem::remove(file);
  cuModuleUnload(module);
}

}

void test_nvrtc_calls() {
  errors_of_the_text();
  options();
  asked_for_ptx();
  names_of_cpp();
  texts_that_were_built_in();
  modules();
  traces_of_modules();
  unloaded_before_it_runs();
  images();
  images_of_ptx();
  printing();
}
