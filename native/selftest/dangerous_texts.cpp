// Spoilt images, and texts that do more than a kernel does: each would end the process, or never end itself.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>

#include "selftest/nvrtc.h"

namespace {

std::string kernel(const std::string& body) {
  return "extern \"C\" __global__ void k(float* y) { " + body + " }\n";
}

// Bits turned and pieces cut off, always the same: each image gives the right result or is refused in one line.
void spoilt_images() {
  Compiled compiled = compile(kernel("y[threadIdx.x] = 7.0f;"));
  std::string whole(compiled.image.begin(), compiled.image.end());
  std::minstd_rand random(49);
  int refused = 0;
  for (int i = 0; i < 400; i++) {
    Driver driver;
    std::string image = whole;
    if (i % 4 == 3) {
      image = whole.substr(0, i < 200 ? size_t(i) : random() % whole.size());
    } else {
      for (int flips = i % 4 + 1; flips > 0; flips--) {
        size_t at = i < 100 ? size_t(i) : random() % whole.size();
        image[at] = char(image[at] ^ 1 << random() % 8);
      }
    }
    CUmodule module = nullptr;
    CUresult result = cuModuleLoadData(&module, image.c_str());
    std::string said = charlstm_sim_last_error();
    if (result != CUDA_SUCCESS) {
      refused++;
      // Where the seal has lost its name, it is taken for an image that an earlier build made.
      CHECK((result == CUDA_ERROR_INVALID_IMAGE || result == CUDA_ERROR_NO_BINARY_FOR_GPU) && !module);
      CHECK(said.find("charlstm sim: cuModuleLoadData: ") == 0 && said.find('\n') == std::string::npos);
      continue;
    }
    CUdeviceptr y = driver.holding({0.0f});
    CHECK(launch_of(module, "k", driver.stream, 1, 1, 1, 1, 0, {&y}) == CUDA_SUCCESS && driver.read(y, 1)[0] == 7.0f);
    cuModuleUnload(module);
    cuMemFree_v2(y);
  }
  // Behind what was cut off memory may hold the rest of an earlier one.
  CHECK(refused > 300);
}

void must_not_compile(const std::string& words, const std::string& text, const std::vector<std::string>& options = {}) {
  Compiled compiled = compile(text, options);
  bool right = compiled.result == 6 && compiled.image.empty() && compiled.log.find(words) != std::string::npos;
  check(right, (words + " instead of:\n" + compiled.log).c_str(), __FILE__, __LINE__);
}

void functions_of_the_machine() {
  must_not_compile("own.cu(2): error: system is no function that a card has",
                   "\nextern \"C\" int system(const char*);\n" + kernel("y[0] = system(\"true\");"));
  for (std::string name : {"getpid", "fork", "raise", "kill"}) {
    must_not_compile("error: " + name + " is no function that a card has",
                     "extern \"C\" int " + name + "(int);\n" + kernel("y[0] = " + name + "(6);"));
  }
  must_not_compile("error: operator new[] is no function that a card has",
                   kernel("float* p = new float[int(y[1]) + 2]; y[0] = p[int(y[2])];"));
  // These a card has too.
  CHECK(compile(kernel("y[0] = expf(y[1]) + powf(y[2], erfcf(y[3])) + fmod(3.0, y[4]);")).result == 0);
}

void code_that_runs_early() {
  const std::string told = "error: code of this text would run as it is loaded";
  must_not_compile(told, "__device__ int f(int x) { return x + 1; }\n__device__ volatile int v = 3;\n"
                         "__device__ int y = f(v);\n" + kernel("y[0] = 1;"));
  must_not_compile(told, "struct A { A() { x = 3; } volatile int x; };\n__device__ A a;\n" + kernel("y[0] = 1;"));
  must_not_compile(told, "__attribute__((constructor)) void f() { __builtin_trap(); }\n" + kernel("y[0] = 1;"));
  must_not_compile(told, "__attribute__((constructor(99))) void f() { __builtin_trap(); }\n" + kernel("y[0] = 1;"));
  must_not_compile(told, "__attribute__((destructor)) void f() { __builtin_trap(); }\n" + kernel("y[0] = 1;"));
  must_not_compile("would be chosen by code that runs as it is loaded",
                   "extern \"C\" { static int one() { return 1; } static void* choose() { return (void*)one; }\n"
                   "int chosen() __attribute__((ifunc(\"choose\"))); }\n" + kernel("y[0] = chosen();"));
}

void includes_without_an_end() {
  must_not_compile("own.cu(1): catastrophic error: cannot open source file \"/dev/zero\"; it is no regular file",
                   "#include \"/dev/zero\"\n" + kernel(""));
  must_not_compile("cannot open source file \"zero\"; it is no regular file", " # include <zero>\n" + kernel(""),
                   {"-I/dev"});
  std::string folder = "/tmp/charlstm-selftest-pipe-" + std::to_string(getpid());
  std::filesystem::create_directory(folder);
  CHECK(mkfifo((folder + "/pipe.h").c_str(), 0600) == 0);
  must_not_compile("cannot open source file \"pipe.h\"", "#include \"pipe.h\"\n" + kernel(""), {"-I" + folder});
  std::filesystem::remove_all(folder);
  // By a macro's name only the compiler sees it, whose memory ends.
  must_not_compile("own.cu: error: ", "#define FILE \"/dev/zero\"\n#include FILE\n" + kernel(""));
}

void must_fail_of(const Compiled& compiled, CUresult code, const char* name, const std::string& words) {
  Driver driver;
  CUmodule module = load(compiled);
  CUdeviceptr y = driver.holding(std::vector<float>(64));
  CUresult result = launch_of(module, name, driver.stream, 1, 1, 32, 1, 0, {&y});
  std::string said = charlstm_sim_last_error(), whole = std::string("charlstm sim: kernel ") + name + ": " + words;
  check(result == code && said.find(whole) == 0, (whole + " instead of " + said).c_str(), __FILE__, __LINE__);
  cuModuleUnload(module);
  cuMemFree_v2(y);
}

void traps() {
  Compiled compiled = compile(R"(
extern "C" __global__ void traps(int* y) { if (threadIdx.x == 5 && y[threadIdx.x] == 0) __builtin_trap(); }
extern "C" __global__ void jumps(int* y) { ((void (*)(int*))(size_t)(y[0] + 8))(y); }
extern "C" __global__ void sound(float* y) { y[threadIdx.x] = 7.0f; }
)");
  for (int i = 0; i < 2; i++) {
    must_fail_of(compiled, CUDA_ERROR_LAUNCH_FAILED, "traps",
                 "stops at an instruction that is none, as __builtin_trap() has it; block (0,0,0) thread (5,0,0)");
    must_fail_of(compiled, CUDA_ERROR_ILLEGAL_ADDRESS, "jumps", "jumps or reaches to where nothing is");
  }
  Driver driver;
  CUmodule module = load(compiled);
  CUdeviceptr y = driver.fresh(128);
  CHECK(launch_of(module, "sound", driver.stream, 1, 1, 32, 1, 0, {&y}) == CUDA_SUCCESS);
  CHECK(driver.read(y, 32)[31] == 7.0f);
  cuModuleUnload(module);
  cuMemFree_v2(y);
}

// More blocks than ever end, each of which is short: in C++, in PTX and among those that were built in.
void grids_without_an_end() {
  setenv("CHARLSTM_SIM_SECONDS", "0.2", 1);
  Compiled compiled = compile(kernel("y[0];"));
  std::string ptx = ".version 8.0\n.target sm_90\n.address_size 64\n.visible .entry k(.param .u64 y) { ret; }\n";
  for (bool as_ptx : {false, true}) {
    Driver driver;
    CUmodule module = nullptr;
    cuModuleLoadData(&module, as_ptx ? ptx.c_str() : compiled.image.data());
    CUdeviceptr y = driver.holding({1.0f});
    CHECK(launch_of(module, "k", driver.stream, 0x7fffffff, 1, 1, 1, 0, {&y}) == CUDA_ERROR_LAUNCH_TIMEOUT);
    std::string said = charlstm_sim_last_error();
    CHECK(said.find("charlstm sim: kernel k: has not ended after 0.2 seconds (CHARLSTM_SIM_SECONDS); ") == 0 &&
          said.find(" of 2147483647 blocks have run") != std::string::npos);
    cuModuleUnload(module);
    cuMemFree_v2(y);
  }
  unsetenv("CHARLSTM_SIM_SECONDS");
}

}

void test_dangerous_texts() {
  spoilt_images();
  functions_of_the_machine();
  code_that_runs_early();
  includes_without_an_end();
  traps();
  grids_without_an_end();
}
