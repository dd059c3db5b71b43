// A kernel's own mistakes, which would end the process if they were not caught, and what a call says of such a thing.
#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <thread>

#include "selftest/nvrtc.h"

namespace {

using Said = const char*();

// As a program finds it that knows nothing but the driver's library.
std::string last_error() {
  static void* library = dlopen("libcuda.so.1", RTLD_NOW);
  static auto* said = reinterpret_cast<Said*>(dlsym(library, "charlstm_sim_last_error"));
  return said ? said() : "no such function";
}

void must_fail_of(const Compiled& compiled, CUresult code, const char* name, unsigned threads, const std::string& words,
                  const char* seconds = "") {
  setenv("CHARLSTM_SIM_SECONDS", seconds, 1);
  Driver driver;
  unsetenv("CHARLSTM_SIM_SECONDS");
  CUmodule module = load(compiled);
  CUdeviceptr y = driver.holding(std::vector<float>(64));
  CUresult result = launch_of(module, name, driver.stream, 1, 1, threads, 1, 0, {&y});
  std::string said = last_error();
  bool right = result == code && said.rfind(std::string("charlstm sim: kernel ") + name + ": " + words + ". ", 0) == 0;
  check(right, (std::string(name) + ": " + words).c_str(), __FILE__, __LINE__);
  cuModuleUnload(module);
  cuMemFree_v2(y);
}

std::vector<int> results_of(CUmodule module, Driver& driver, const char* name, unsigned threads) {
  CUdeviceptr y = driver.holding(std::vector<float>(threads));
  CHECK(launch_of(module, name, driver.stream, 1, 1, threads, 1, 0, {&y}) == CUDA_SUCCESS);
  std::vector<int> values(threads);
  CHECK(cuMemcpyDtoHAsync_v2(values.data(), y, threads * sizeof(int), driver.stream) == CUDA_SUCCESS);
  CHECK(driver.synchronise() == CUDA_SUCCESS);
  cuMemFree_v2(y);
  return values;
}

void what_is_no_mistake(const Compiled& compiled) {
  Driver driver;
  CUmodule module = load(compiled);
  std::vector<int> expected(64), sums = results_of(module, driver, "large_array", 64);
  for (int i = 0; i < 100000; i += 50) {
    for (int thread = 0; thread < 64; thread++) {
      expected[thread] ^= i * thread;
    }
  }
  CHECK(sums == expected);
  CHECK(results_of(module, driver, "wraps_around", 3) == std::vector<int>({1 + 7 - 3, -2 - 3, 5 - 3}));
  cuModuleUnload(module);
}

void too_much_for_a_thread() {
  Compiled compiled = compile("\n__device__ void f(int* a) { a[0]++; }\nextern \"C\" __global__ void k(int* y) {\n"
                              "int a[150000]; f(a + y[0]); y[0] = a[y[0]];\n}\n");
  CHECK(compiled.result == 6 && compiled.image.empty());
  size_t at = compiled.log.find("own.cu(3): error: void k(int*) needs 6000");
  CHECK(at == 0 && std::strstr(compiled.log.c_str(), " bytes of local memory a thread, of which a card has 524288\n"));
  CHECK(compiled.log.find("\n1 error detected in the compilation of \"own.cu\".\n") != std::string::npos);
}

void kernels_that_do_not_end() {
  setenv("CHARLSTM_SIM_SECONDS", "0.1", 1);
  Compiled compiled = compile(file_of("own/mistakes.cu"));
  unsetenv("CHARLSTM_SIM_SECONDS");
  std::string words = "has not ended after 0.1 seconds (CHARLSTM_SIM_SECONDS); block (0,0,0) thread ";
  for (const char* name : {"waits", "counts_for_ever"}) {
    must_fail_of(compiled, CUDA_ERROR_LAUNCH_TIMEOUT, name, 1, words + "(0,0,0)", "0.1");
  }
  Driver driver;
  CUmodule module = load(compiled);
  CHECK(results_of(module, driver, "wraps_around", 1)[0] == 5);
  cuModuleUnload(module);
  // Which thread it is depends on the clock.
  setenv("CHARLSTM_SIM_SECONDS", "0.1", 1);
  Driver limited;
  unsetenv("CHARLSTM_SIM_SECONDS");
  module = load(compiled);
  CUdeviceptr y = limited.holding(std::vector<float>(64));
  CHECK(launch_of(module, "meets_for_ever", limited.stream, 1, 1, 64, 1, 0, {&y}) == CUDA_ERROR_LAUNCH_TIMEOUT);
  CHECK(last_error().find("charlstm sim: kernel meets_for_ever: " + words) == 0);
  cuModuleUnload(module);
  cuMemFree_v2(y);
}

// A call that found nothing says nothing, whatever an earlier one said. All threads hear how the context failed.
void last_errors() {
  Driver driver;
  CHECK(last_error().empty());
  CUmodule module = nullptr;
  CHECK(cuModuleLoadData(&module, ".version 8.0 nonsense") == CUDA_ERROR_INVALID_PTX);
  CHECK(last_error().find("charlstm sim: cuModuleLoadData: ") == 0);
  CHECK(cuMemFree_v2(1) != CUDA_SUCCESS);
  CHECK(last_error().find("charlstm sim: cuMemFree of 0x1, ") == 0);
  std::thread([] { CHECK(last_error().empty()); }).join();
  CUfunction function = nullptr;
  CHECK(cuModuleGetFunction(&function, driver.module, "none_such") == CUDA_ERROR_NOT_FOUND && last_error().empty());
  CUdeviceptr y = driver.fresh(4);
  CHECK(driver.launch("add_one", 1, 32, y, 32) != CUDA_SUCCESS);
  std::string said = last_error();
  CHECK(said.find("charlstm sim: kernel add_one: ") == 0 && said.find("; block (0,0,0) thread (") != std::string::npos);
  std::thread([&] { CHECK(last_error() == said); }).join();
  CHECK(driver.synchronise() != CUDA_SUCCESS && last_error() == said);
  cuMemFree_v2(y);
}

}

void test_own_mistakes() {
  Compiled compiled = compile(file_of("own/mistakes.cu"));
  const CUresult address = CUDA_ERROR_ILLEGAL_ADDRESS, failed = CUDA_ERROR_LAUNCH_FAILED;
  const std::string first = "; block (0,0,0) thread (0,0,0)";
  const std::string deep =
      "stack overflow: its functions call one another too deeply, or hold too much; a thread has 512 KiB";
  must_fail_of(compiled, failed, "divides", 32, "integer division by 0 at own.cu:4; block (0,0,0) thread (16,0,0)");
  must_fail_of(compiled, failed, "takes_a_remainder", 1, "integer division by 0 at own.cu:8" + first);
  must_fail_of(compiled, failed, "divides_the_lowest", 1,
               "integer division of the lowest 'int' by -1, which overflows, at own.cu:12" + first);
  must_fail_of(compiled, address, "past_a_local_array", 32,
               "index 4 outside an array 'int [4]' at own.cu:18; block (0,0,0) thread (4,0,0)");
  must_fail_of(compiled, address, "before_a_local_array", 1,
               "index -1 outside an array 'int [4]' at own.cu:18" + first);
  must_fail_of(compiled, address, "past_a_shared_row", 32,
               "index 32 outside an array 'float [32]' at own.cu:31; block (0,0,0) thread (31,0,0)");
  must_fail_of(compiled, CUDA_ERROR_HARDWARE_STACK_ERROR, "calls_itself", 2, deep + first);
  must_fail_of(compiled, CUDA_ERROR_HARDWARE_STACK_ERROR, "calls_itself_widely", 2, deep + first);
  what_is_no_mistake(compiled);
  too_much_for_a_thread();
  kernels_that_do_not_end();
  last_errors();
}
