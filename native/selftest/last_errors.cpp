// The reason of a call's failure, told to a program that knows nothing but the driver's library.
#include <dlfcn.h>

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
