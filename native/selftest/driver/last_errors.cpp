// The reason of a call's failure, told to a program that knows nothing but the driver's library.
#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

#include "selftest/harness.h"

namespace {

using Said = const char*();

std::string last_error() {
  static void* library = dlopen("libcuda.so.1", RTLD_NOW);
  static auto* said = reinterpret_cast<Said*>(dlsym(library, "charlstm_sim_last_error"));
  return said ? said() : "no such function";
}

// A handler of exit(), as libgomp has: the destructors of the thread's variables have run. The memory that they freed
// is the program's by now, and a call leaves it alone.
void call_late() {
  char* blocks[64];
  for (int i = 0; i < 64; i++) {
    blocks[i] = static_cast<char*>(std::malloc(16 * (i + 1)));
    std::memset(blocks[i], 'x', 16);
  }
  CUdevice device = 0;
  bool answered = cuCtxGetDevice(&device) == CUDA_SUCCESS;
  for (char* block : blocks) {
    answered &= std::string(block, 16) == std::string(16, 'x');
  }
  std::_Exit(answered ? 0 : 1);
}

void calls_after_destructors() {
  std::fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    std::atexit(call_late);
    CHECK(cuMemFree_v2(1) != CUDA_SUCCESS);
    std::exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

}

// A call that found nothing says nothing, whatever an earlier one said. All threads hear how the context failed.
void test_last_errors() {
  Driver driver;
  CHECK(last_error().empty());
  CUmodule module = nullptr;
  CHECK(cuModuleLoadData(&module, ".version 8.0 nonsense") == CUDA_ERROR_INVALID_PTX);
  CHECK(last_error().find("charlstm sim: cuModuleLoadData: ") == 0);
  CHECK(cuMemFree_v2(1) != CUDA_SUCCESS);
  CHECK(last_error().find("charlstm sim: cuMemFree of 0x1, ") == 0);
  calls_after_destructors();
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
