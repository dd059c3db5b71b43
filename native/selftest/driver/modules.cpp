// Modules of PTX: how they are loaded, and what they hold.
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "selftest/texts.h"

namespace {

bool said(const char* words) {
  return std::strstr(charlstm_sim_last_error(), words);
}

size_t free_memory() {
  size_t free = 0, total = 0;
  CHECK(cuMemGetInfo_v2(&free, &total) == CUDA_SUCCESS);
  return free;
}

const std::string VARIABLES = R"(.version 8.0
.target sm_75
.address_size 64
.const .align 4 .b8 factors[8] = {0, 0, 128, 63, 0, 0, 0, 64};
.visible .global .align 4 .b8 counts[1024];
.visible .entry multiply(.param .u64 y)
{
  .reg .b64 %d<3>;
  .reg .f32 %f<4>;
  ld.param.u64 %d1, [y];
  cvta.to.global.u64 %d2, %d1;
  ld.const.f32 %f1, [factors+4];
  ld.global.f32 %f2, [counts];
  mul.f32 %f3, %f1, %f2;
  st.global.f32 [%d2], %f3;
  ret;
}
)";

void loads_and_runs(const char* streams) {
  Driver driver(streams);
  Addition addition(driver);
  CUmodule module = loaded(adding());
  CHECK(addition.launch(function_of(module, "add")) == CUDA_SUCCESS && addition.right());
  // Built-in kernels are not in a module of PTX.
  CUfunction function = nullptr;
  CHECK(cuModuleGetFunction(&function, module, "add_one") == CUDA_ERROR_NOT_FOUND && !function);
  CHECK(cuModuleGetFunction(&function, module, "add") == CUDA_SUCCESS);
  CUmodule of = nullptr;
  CHECK(cuFuncGetModule(&of, function) == CUDA_SUCCESS && of == module);
  // In a queue a kernel outlives its module, and its function does not.
  CHECK(addition.launch(function) == CUDA_SUCCESS && cuModuleUnload(module) == CUDA_SUCCESS);
  CHECK(addition.launch(function) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(cuFuncGetModule(&of, function) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(addition.right());
}

void counted_functions() {
  Driver driver;
  std::string two = adding("add_a");
  CUmodule module = loaded(two + adding("add_b").substr(two.find(".visible")));
  unsigned count = 0;
  CHECK(cuModuleGetFunctionCount(&count, module) == CUDA_SUCCESS && count == 2);
  CUfunction found[3] = {};
  CHECK(cuModuleEnumerateFunctions(found, 3, module) == CUDA_SUCCESS && found[0] && found[1] && !found[2]);
  Addition addition(driver);
  CHECK(addition.launch(found[0]) == CUDA_SUCCESS && addition.right());
  CHECK(addition.launch(found[1]) == CUDA_SUCCESS && addition.right());
  CHECK(cuModuleEnumerateFunctions(found, 0, module) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuModuleGetFunctionCount(&count, nullptr) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(cuModuleGetFunctionCount(&count, driver.module) == CUDA_ERROR_NOT_SUPPORTED && said("only functions of PTX"));
  cuModuleUnload(module);
}

void variables() {
  Driver driver;
  CUdeviceptr y = driver.fresh(4);
  size_t before = free_memory();
  CUmodule module = loaded(VARIABLES);
  CHECK(free_memory() <= before - 1032);
  CUdeviceptr counts = 0, factors = 0;
  size_t size = 0;
  CHECK(cuModuleGetGlobal_v2(&counts, &size, module, "counts") == CUDA_SUCCESS && size == 1024);
  CHECK(cuModuleGetGlobal_v2(&factors, nullptr, module, "factors") == CUDA_SUCCESS && factors != counts);
  CHECK(cuModuleGetGlobal_v2(nullptr, &size, module, "factors") == CUDA_SUCCESS && size == 8);
  CHECK(cuModuleGetGlobal_v2(nullptr, nullptr, module, "factors") == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuModuleGetGlobal_v2(&counts, &size, module, "none_such") == CUDA_ERROR_NOT_FOUND);
  CHECK(cuModuleGetGlobal_v2(&factors, &size, driver.module, "counts") == CUDA_ERROR_NOT_FOUND &&
        said("those of libraries"));
  CHECK(cuModuleGetGlobal_v2(&factors, &size, nullptr, "counts") == CUDA_ERROR_INVALID_HANDLE);
  CHECK(driver.read(counts, 256) == std::vector<float>(256));
  const float three = 3;
  CHECK(cuMemcpyHtoD_v2(counts, &three, 4) == CUDA_SUCCESS);
  void* arguments[] = {&y};
  CUfunction multiply = function_of(module, "multiply");
  CHECK(cuLaunchKernel(multiply, 1, 1, 1, 1, 1, 1, 0, driver.stream, arguments, nullptr) == CUDA_SUCCESS);
  CHECK(driver.read(y, 1) == std::vector<float>({6.0f}));
  // A variable is its module's, and ends with it.
  CHECK(cuMemFree_v2(counts) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuModuleUnload(module) == CUDA_SUCCESS && free_memory() == before);
  CHECK(cuMemcpyHtoD_v2(counts, &three, 4) == CUDA_ERROR_INVALID_VALUE);
  driver.free({y});
}

// A module that nobody unloads ends with its context, also where its launch is still in a queue.
void left_behind() {
  CUfunction function = nullptr;
  {
    Driver driver("deferred");
    function = function_of(loaded(VARIABLES), "multiply");
    CUdeviceptr y = driver.fresh(4);
    void* arguments[] = {&y};
    CHECK(cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, driver.stream, arguments, nullptr) == CUDA_SUCCESS);
    driver.free({y});
  }
  Driver driver;
  CUmodule of = nullptr;
  CHECK(cuFuncGetModule(&of, function) == CUDA_ERROR_INVALID_HANDLE);
  Addition addition(driver);
  CUmodule module = loaded(adding());
  CHECK(addition.launch(function_of(module, "add")) == CUDA_SUCCESS && addition.right());
  cuModuleUnload(module);
}

void unloaded_in_another_context() {
  Driver driver;
  size_t before = free_memory();
  CUmodule module = loaded(VARIABLES);
  CUcontext made = nullptr, again = nullptr;
  CHECK(cuCtxCreate_v2(&made, 0, 0) == CUDA_SUCCESS && cuDevicePrimaryCtxRelease_v2(0) == CUDA_SUCCESS);
  CHECK(cuModuleUnload(module) == CUDA_SUCCESS && free_memory() == before);
  CHECK(cuDevicePrimaryCtxRetain(&again, 0) == CUDA_SUCCESS && cuCtxSetCurrent(again) == CUDA_SUCCESS);
  CHECK(cuCtxDestroy_v2(made) == CUDA_SUCCESS);
}

void threads_of_a_block() {
  Driver driver;
  Addition addition(driver);
  auto of = [](CUfunction function) {
    int value = -1;
    CHECK(cuFuncGetAttribute(&value, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, function) == CUDA_SUCCESS);
    return value;
  };
  CUmodule most = loaded(adding("add", ".maxntid 64, 1, 1"));
  CUfunction add = function_of(most, "add");
  CHECK(of(add) == 64);
  CHECK(addition.launch(add, 64) == CUDA_SUCCESS && addition.right());
  CHECK(addition.launch(add, 65) == CUDA_ERROR_INVALID_VALUE);
  CHECK(said("a launch of add in blocks of 65 x 1 x 1: the kernel takes at most 64 threads (.maxntid)"));
  int blocks = -1, grid = 0, threads = 0;
  CHECK(cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(&blocks, add, 65, 0, 0) == CUDA_SUCCESS && blocks == 0);
  CHECK(cuOccupancyMaxPotentialBlockSize(&grid, &threads, add, nullptr, 0, 0) == CUDA_SUCCESS && threads == 64);
  CUmodule required = loaded(adding("add", ".reqntid 16, 2"));
  add = function_of(required, "add");
  CHECK(of(add) == 32);
  CHECK(addition.launch(add, 32) == CUDA_ERROR_INVALID_VALUE);
  CHECK(said("add in blocks of 32 x 1 x 1: the kernel requires blocks of 16 x 2 x 1 (.reqntid)"));
  CHECK(addition.launch(add, 16, 2) == CUDA_SUCCESS);
  cuModuleUnload(most);
  cuModuleUnload(required);
}

// Arguments in one piece, each at the next multiple of its alignment.
void arguments_in_a_buffer() {
  Driver driver;
  Addition addition(driver);
  CUmodule module = loaded(adding());
  CUfunction add = function_of(module, "add");
  struct {
    int n;
    CUdeviceptr a, b, sum;
  } buffer = {addition.n, addition.a, addition.b, addition.sum};
  size_t size = sizeof buffer;
  auto with = [&](std::vector<void*> extra, void** arguments = nullptr) {
    return cuLaunchKernel(add, 2, 1, 1, 32, 1, 1, 0, driver.stream, arguments, extra.data());
  };
  void *const at = CU_LAUNCH_PARAM_BUFFER_POINTER, *const of = CU_LAUNCH_PARAM_BUFFER_SIZE, *const end = nullptr;
  CHECK(with({at, &buffer, of, &size, end}) == CUDA_SUCCESS && addition.right());
  CHECK(with({of, &size, at, &buffer, end}) == CUDA_SUCCESS && addition.right());
  CHECK(with({at, &buffer, end}) == CUDA_ERROR_INVALID_VALUE);
  CHECK(with({of, &size, end}) == CUDA_ERROR_INVALID_VALUE);
  CHECK(with({end}) == CUDA_ERROR_INVALID_VALUE);
  CHECK(with({at, &buffer, of, &size, end}, addition.arguments()) == CUDA_ERROR_INVALID_VALUE);
  CHECK(with({reinterpret_cast<void*>(3), &buffer, end}) == CUDA_ERROR_INVALID_VALUE);
  size--;
  CHECK(with({at, &buffer, of, &size, end}) == CUDA_ERROR_INVALID_VALUE);
  cuModuleUnload(module);
}

void files() {
  Driver driver;
  std::string folder = "/tmp/charlstm-modules-XXXXXX";
  CHECK(mkdtemp(folder.data()));
  auto file = [&](const char* name, const std::string& content) {
    std::string path = folder + "/" + name;
    std::ofstream(path) << content;
    return path;
  };
  CUmodule module = nullptr;
  Addition addition(driver);
  CHECK(cuModuleLoad(&module, file("add.ptx", adding()).c_str()) == CUDA_SUCCESS);
  CHECK(addition.launch(function_of(module, "add")) == CUDA_SUCCESS && addition.right());
  cuModuleUnload(module);
  module = nullptr;
  CHECK(cuModuleLoad(&module, (folder + "/none").c_str()) == CUDA_ERROR_FILE_NOT_FOUND && said("cannot read " ));
  CHECK(cuModuleLoad(&module, folder.c_str()) == CUDA_ERROR_FILE_NOT_FOUND);
  CHECK(cuModuleLoad(&module, file("empty", "").c_str()) == CUDA_ERROR_INVALID_IMAGE && said("/empty is empty"));
  CHECK(cuModuleLoad(&module, nullptr) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuModuleLoad(&module, file("a.ptx", ".version 8.0\n.target sm_75\n\nnonsense\n").c_str()) ==
        CUDA_ERROR_INVALID_PTX);
  CHECK(said(("cuModuleLoad: " + folder + "/a.ptx").c_str()) && !module);
  std::filesystem::remove_all(folder);
}

CUresult load_with(const std::string& text, std::vector<CUjit_option> options, std::vector<void*>& values) {
  CUmodule module = nullptr;
  CUresult result = cuModuleLoadDataEx(&module, text.c_str(), unsigned(options.size()), options.data(), values.data());
  CHECK((result == CUDA_SUCCESS) == (module != nullptr));
  cuModuleUnload(module);
  return result;
}

void* number(uintptr_t value) {
  return reinterpret_cast<void*>(value);
}

CUresult load_with(CUjit_option option, uintptr_t value) {
  std::vector<void*> values{number(value)};
  return load_with(adding(), {option}, values);
}

void options() {
  Driver driver;
  for (CUjit_option option : {CU_JIT_MAX_REGISTERS, CU_JIT_THREADS_PER_BLOCK, CU_JIT_TARGET_FROM_CUCONTEXT,
                              CU_JIT_GENERATE_DEBUG_INFO, CU_JIT_LOG_VERBOSE, CU_JIT_GENERATE_LINE_INFO}) {
    CHECK(load_with(option, 1) == CUDA_SUCCESS);
  }
  CHECK(load_with(CU_JIT_OPTIMIZATION_LEVEL, 4) == CUDA_SUCCESS && load_with(CU_JIT_CACHE_MODE, 2) == CUDA_SUCCESS);
  CHECK(load_with(CU_JIT_OPTIMIZATION_LEVEL, 5) == CUDA_ERROR_INVALID_VALUE);
  CHECK(said("cuModuleLoadDataEx: CU_JIT_OPTIMIZATION_LEVEL is 5, and at most 4"));
  CHECK(load_with(CU_JIT_CACHE_MODE, 3) == CUDA_ERROR_INVALID_VALUE);
  CHECK(load_with(CU_JIT_TARGET, 90) == CUDA_SUCCESS);
  CHECK(load_with(CU_JIT_TARGET, 100) == CUDA_ERROR_NO_BINARY_FOR_GPU && said("is sm_100, and this card is sm_90"));
  CHECK(load_with(CU_JIT_GLOBAL_SYMBOL_NAMES, 0) == CUDA_ERROR_NOT_SUPPORTED && said("use cuModuleGetGlobal"));
  CHECK(load_with(CU_JIT_LTO, 1) == CUDA_ERROR_NOT_SUPPORTED && said("the option number 20 is not simulated"));
  CHECK(load_with(CUjit_option(77), 1) == CUDA_ERROR_INVALID_VALUE && said("there is no option number 77"));
  CUmodule module = nullptr;
  CHECK(cuModuleLoadDataEx(&module, adding().c_str(), 1, nullptr, nullptr) == CUDA_ERROR_INVALID_VALUE);
}

void logs() {
  Driver driver;
  const std::string broken = ".version 8.0\n.target sm_75\n\nnonsense\n";
  char errors[200], infos[10];
  std::memset(errors, 'x', sizeof errors);
  std::memset(infos, 'x', sizeof infos);
  const std::vector<CUjit_option> all = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES,
                                         CU_JIT_INFO_LOG_BUFFER, CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES, CU_JIT_WALL_TIME};
  std::vector<void*> values = {errors, number(sizeof errors), infos, number(sizeof infos), nullptr};
  CHECK(load_with(broken, all, values) == CUDA_ERROR_INVALID_PTX);
  CHECK(std::strlen(errors) > 0 && said(errors) && values[1] == number(std::strlen(errors) + 1));
  CHECK(infos[0] == '\0' && values[3] == nullptr && values[4] != nullptr);
  // A log that has no room is cut off, and nothing is written behind.
  std::memset(errors, 'x', sizeof errors);
  values = {errors, number(5), infos, number(sizeof infos), nullptr};
  CHECK(load_with(broken, all, values) == CUDA_ERROR_INVALID_PTX);
  CHECK(std::strlen(errors) == 4 && errors[5] == 'x' && values[1] == number(5));
  values = {errors, number(sizeof errors), infos, number(sizeof infos), nullptr};
  CHECK(load_with(adding(), all, values) == CUDA_SUCCESS && errors[0] == '\0' && values[1] == nullptr);
}

}

void test_modules() {
  loads_and_runs("eager");
  loads_and_runs("deferred");
  counted_functions();
  variables();
  left_behind();
  unloaded_in_another_context();
  threads_of_a_block();
  arguments_in_a_buffer();
  files();
  options();
  logs();
}
