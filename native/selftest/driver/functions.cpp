// Attributes and parameters of functions, and launches with attributes.
#include <cstdlib>
#include <cstring>

#include "selftest/harness.h"

namespace {

int attribute(CUfunction function, CUfunction_attribute which) {
  int value = -99;
  CHECK(cuFuncGetAttribute(&value, which, function) == CUDA_SUCCESS);
  return value;
}

void attributes() {
  Driver driver;
  CUfunction add = driver.function("add_one");
  CHECK(attribute(add, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK) == 1024);
  CHECK(attribute(add, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES) == 0);
  CHECK(attribute(add, CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES) == 0);
  CHECK(attribute(add, CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES) == 0);
  CHECK(attribute(add, CU_FUNC_ATTRIBUTE_NUM_REGS) == 32);
  CHECK(attribute(add, CU_FUNC_ATTRIBUTE_PTX_VERSION) == 90);
  CHECK(attribute(add, CU_FUNC_ATTRIBUTE_BINARY_VERSION) == 90);
  CHECK(attribute(add, CU_FUNC_ATTRIBUTE_CACHE_MODE_CA) == 0);
  CHECK(attribute(add, CU_FUNC_ATTRIBUTE_CLUSTER_SIZE_MUST_BE_SET) == 0);
  const CUfunction_attribute dynamic = CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
  CHECK(attribute(add, dynamic) == 48 << 10);
  CHECK(cuFuncSetAttribute(add, dynamic, 1000) == CUDA_SUCCESS && attribute(add, dynamic) == 1000);
  CHECK(cuFuncSetAttribute(add, dynamic, -1) == CUDA_ERROR_INVALID_VALUE);
  CUdeviceptr x = driver.holding({1.0f});
  int n = 1;
  void* arguments[] = {&x, &n};
  auto with = [&](unsigned shared) {
    return cuLaunchKernel(add, 1, 1, 1, 1, 1, 1, shared, driver.stream, arguments, nullptr);
  };
  CHECK(with(1000) == CUDA_SUCCESS && with(1001) == CUDA_ERROR_INVALID_VALUE);
  const CUfunction_attribute carveout = CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT;
  CHECK(attribute(add, carveout) == -1);
  CHECK(cuFuncSetAttribute(add, carveout, 50) == CUDA_SUCCESS && attribute(add, carveout) == 50);
  CHECK(cuFuncSetAttribute(add, carveout, 101) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuFuncSetAttribute(add, CU_FUNC_ATTRIBUTE_NUM_REGS, 20) == CUDA_ERROR_INVALID_VALUE);
  const CUfunction_attribute larger = CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED;
  CHECK(cuFuncSetAttribute(add, larger, 2) == CUDA_ERROR_INVALID_VALUE && attribute(add, larger) == 0);
  CHECK(cuFuncSetAttribute(add, larger, 1) == CUDA_SUCCESS && attribute(add, larger) == 1);
  const CUfunction_attribute policy = CU_FUNC_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE;
  CHECK(cuFuncSetAttribute(add, policy, 3) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuFuncSetAttribute(add, policy, 2) == CUDA_SUCCESS && attribute(add, policy) == 2);
  int value;
  CHECK(cuFuncGetAttribute(&value, CUfunction_attribute(77), add) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuFuncGetAttribute(nullptr, dynamic, add) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuFuncGetAttribute(&value, dynamic, CUfunction(12345)) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(cuFuncSetAttribute(CUfunction(12345), dynamic, 0) == CUDA_ERROR_INVALID_HANDLE);
  driver.free({x});
}

// Static shared memory is known from the first launch on.
void shared_memory_of_a_function() {
  Driver driver;
  CUdeviceptr x = driver.holding(std::vector<float>(32)), sums = driver.fresh(4);
  CHECK(driver.launch("block_sum", 1, 32, x, sums, 32) == CUDA_SUCCESS);
  CUfunction sum = driver.function("block_sum");
  CHECK(attribute(sum, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES) == 4096);
  const CUfunction_attribute dynamic = CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
  CHECK(attribute(sum, dynamic) == (48 << 10) - 4096);
  CHECK(cuFuncSetAttribute(sum, dynamic, (223 << 10) + 1) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuFuncSetAttribute(sum, dynamic, 223 << 10) == CUDA_SUCCESS);
  int n = 32;
  void* arguments[] = {&x, &sums, &n};
  CHECK(cuLaunchKernel(sum, 1, 1, 1, 32, 1, 1, 223 << 10, driver.stream, arguments, nullptr) == CUDA_SUCCESS);
  int blocks = 0;
  CHECK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, sum, 32, 0) == CUDA_SUCCESS && blocks == 32);
  // Each takes 4096 and 1024 reserved bytes with those: 228 KiB hold 14 of 16 KiB.
  CHECK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, sum, 32, 11 << 10) == CUDA_SUCCESS && blocks == 14);
  driver.free({x, sums});
}

size_t eight_a_thread(int threads) {
  return 8 * threads;
}

size_t much_for_many(int threads) {
  return threads > 256 ? 200 << 10 : 0;
}

void occupancy() {
  Driver driver;
  CUfunction add = driver.function("add_one");
  int blocks = -1, grid = -1, threads = -1;
  auto at_once = [&](int size, size_t shared) {
    CHECK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, add, size, shared) == CUDA_SUCCESS);
    return blocks;
  };
  CHECK(at_once(1024, 0) == 2 && at_once(256, 0) == 8 && at_once(100, 0) == 16 && at_once(1, 0) == 32);
  CHECK(at_once(768, 0) == 2 && at_once(1025, 0) == 0);
  CHECK(at_once(32, 48 << 10) == 4 && at_once(32, (48 << 10) + 1) == 0);
  CHECK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, add, 0, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuOccupancyMaxActiveBlocksPerMultiprocessor(nullptr, add, 1, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, nullptr, 1, 0) == CUDA_ERROR_INVALID_VALUE);
  auto best = [&](CUoccupancyB2DSize shared_for, size_t shared, int limit) {
    CHECK(cuOccupancyMaxPotentialBlockSize(&grid, &threads, add, shared_for, shared, limit) == CUDA_SUCCESS);
    return std::vector<int>{grid, threads};
  };
  CHECK(best(nullptr, 0, 0) == std::vector<int>({8, 1024}));
  CHECK(best(nullptr, 0, 500) == std::vector<int>({32, 256}));
  CHECK(best(nullptr, 0, 2000) == std::vector<int>({8, 1024}));
  CHECK(best(nullptr, 40 << 10, 128) == std::vector<int>({20, 128}));
  // The callback decides, and the number beside it counts for nothing.
  CHECK(best(eight_a_thread, 1 << 30, 0) == std::vector<int>({8, 1024}));
  CHECK(best(much_for_many, 0, 0) == std::vector<int>({32, 256}));
  CHECK(best(nullptr, 1 << 30, 0) == std::vector<int>({0, 0}));
  CHECK(cuOccupancyMaxPotentialBlockSize(&grid, &threads, add, nullptr, 0, -1) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuOccupancyMaxPotentialBlockSize(nullptr, &threads, add, nullptr, 0, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuOccupancyMaxPotentialBlockSize(&grid, &threads, nullptr, nullptr, 0, 0) == CUDA_ERROR_INVALID_VALUE);
}

void parameters() {
  Driver driver;
  // double*, char, double, short, float, unsigned long long.
  CUfunction mixed = driver.function("mixed_arguments");
  const size_t offsets[] = {0, 8, 16, 24, 28, 32}, sizes[] = {8, 1, 8, 2, 4, 8};
  size_t offset = 99, size = 99;
  for (size_t i = 0; i < 6; i++) {
    CHECK(cuFuncGetParamInfo(mixed, i, &offset, &size) == CUDA_SUCCESS);
    CHECK(offset == offsets[i] && size == sizes[i]);
  }
  CHECK(cuFuncGetParamInfo(mixed, 6, &offset, &size) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuFuncGetParamInfo(mixed, 1, &offset, nullptr) == CUDA_SUCCESS && offset == 8);
  CHECK(cuFuncGetParamInfo(mixed, 1, nullptr, &size) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuFuncGetParamInfo(nullptr, 0, &offset, &size) == CUDA_ERROR_INVALID_VALUE);
}

CUlaunchAttribute of_cluster(unsigned x, unsigned y, unsigned z) {
  CUlaunchAttribute attribute{};
  attribute.id = CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION;
  attribute.value.clusterDim.x = x;
  attribute.value.clusterDim.y = y;
  attribute.value.clusterDim.z = z;
  return attribute;
}

CUlaunchAttribute of_kind(CUlaunchAttributeID id) {
  CUlaunchAttribute attribute{};
  attribute.id = id;
  return attribute;
}

// Of blocks of 32 threads, in the driver's stream.
CUresult launch(Driver& driver, const char* name, unsigned grid, std::vector<CUlaunchAttribute> attributes,
                void** arguments) {
  CUlaunchConfig config{};
  config.gridDimX = grid;
  config.blockDimX = 32;
  config.gridDimY = config.gridDimZ = config.blockDimY = config.blockDimZ = 1;
  config.hStream = driver.stream;
  config.attrs = attributes.data();
  config.numAttrs = unsigned(attributes.size());
  return cuLaunchKernelEx(&config, driver.function(name), arguments, nullptr);
}

void launches_with_attributes() {
  Driver driver;
  CUdeviceptr x = driver.holding(std::vector<float>(128));
  int n = 128;
  void* arguments[] = {&x, &n};
  auto add = [&](std::vector<CUlaunchAttribute> attributes) {
    return launch(driver, "add_one", 4, std::move(attributes), arguments);
  };
  CHECK(add({}) == CUDA_SUCCESS);
  CHECK(add({of_kind(CU_LAUNCH_ATTRIBUTE_IGNORE), of_kind(CU_LAUNCH_ATTRIBUTE_PRIORITY)}) == CUDA_SUCCESS);
  CHECK(driver.read(x, 128) == std::vector<float>(128, 2.0f));
  CHECK(add({of_cluster(1, 1, 1)}) == CUDA_SUCCESS && add({of_cluster(2, 1, 1)}) == CUDA_SUCCESS);
  CHECK(add({of_cluster(3, 1, 1)}) == CUDA_ERROR_INVALID_CLUSTER_SIZE);
  CHECK(add({of_cluster(2, 2, 1)}) == CUDA_ERROR_INVALID_CLUSTER_SIZE);
  CHECK(std::strstr(charlstm_sim_last_error(), "add_one in clusters of 2 x 2 x 1: only clusters along x"));
  CHECK(add({of_cluster(2, 0, 1)}) == CUDA_ERROR_INVALID_VALUE);
  CHECK(add({of_kind(CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_EVENT)}) == CUDA_ERROR_NOT_SUPPORTED);
  CHECK(std::strstr(charlstm_sim_last_error(), "the launch attribute CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_EVENT is not"));
  CHECK(add({of_kind(CUlaunchAttributeID(77))}) == CUDA_ERROR_NOT_SUPPORTED);
  CHECK(std::strstr(charlstm_sim_last_error(), "the launch attribute number 77 is not"));
  CHECK(cuLaunchKernelEx(nullptr, driver.function("add_one"), arguments, nullptr) == CUDA_ERROR_INVALID_VALUE);
  CUlaunchConfig config{1, 1, 1, 32, 1, 1, 0, driver.stream, nullptr, 1};
  CHECK(cuLaunchKernelEx(&config, driver.function("add_one"), arguments, nullptr) == CUDA_ERROR_INVALID_VALUE);
  config.numAttrs = 0;
  CHECK(cuLaunchKernelEx(&config, driver.function("add_one"), arguments, nullptr) == CUDA_SUCCESS);
  CHECK(cuLaunchKernelEx(&config, nullptr, arguments, nullptr) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(cuLaunchKernelEx(&config, driver.function("add_one"), nullptr, nullptr) == CUDA_ERROR_INVALID_VALUE);
  CHECK(driver.read(x, 33)[32] == 4.0f && driver.read(x, 1)[0] == 5.0f);
  driver.free({x});
}

void clusters_of_more_than_8_blocks() {
  Driver driver;
  CUdeviceptr ranks = driver.fresh(32 * 4);
  void* arguments[] = {&ranks};
  auto tell = [&](unsigned blocks) {
    return launch(driver, "tell_ranks", 32, {of_cluster(blocks, 1, 1)}, arguments);
  };
  CHECK(tell(16) == CUDA_ERROR_INVALID_CLUSTER_SIZE);
  CHECK(std::strstr(charlstm_sim_last_error(),
                    "tell_ranks in clusters of 16 x 1 x 1: more than 8 blocks need "
                    "CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED"));
  CHECK(cuFuncSetAttribute(driver.function("tell_ranks"), CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED, 1) ==
        CUDA_SUCCESS);
  CHECK(tell(16) == CUDA_SUCCESS && driver.read(ranks, 32)[31] == 15);
  CHECK(tell(32) == CUDA_ERROR_INVALID_CLUSTER_SIZE);
  driver.free({ranks});
}

// A cluster may be the kernel's own, its function's or the launch's.
void clusters_at_the_launch() {
  Driver driver;
  CUdeviceptr ranks = driver.fresh(4 * 4);
  void* arguments[] = {&ranks};
  auto tell = [&](std::vector<CUlaunchAttribute> attributes) {
    return launch(driver, "tell_ranks", 4, std::move(attributes), arguments);
  };
  CHECK(tell({of_cluster(4, 1, 1)}) == CUDA_SUCCESS);
  CHECK(driver.read(ranks, 4) == std::vector<float>({0, 1, 2, 3}));
  CHECK(tell({of_cluster(2, 1, 1)}) == CUDA_SUCCESS);
  CHECK(driver.read(ranks, 4) == std::vector<float>({0, 1, 0, 1}));
  CUfunction function = driver.function("tell_ranks");
  const CUfunction_attribute width = CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_WIDTH;
  const CUfunction_attribute height = CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_HEIGHT;
  const CUfunction_attribute depth = CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_DEPTH;
  auto plainly = [&] { return cuLaunchKernel(function, 4, 1, 1, 32, 1, 1, 0, driver.stream, arguments, nullptr); };
  CHECK(cuFuncSetAttribute(function, width, -1) == CUDA_ERROR_INVALID_VALUE);
  CHECK(cuFuncSetAttribute(function, width, 4) == CUDA_SUCCESS && attribute(function, width) == 4);
  CHECK(plainly() == CUDA_ERROR_INVALID_CLUSTER_SIZE);
  CHECK(cuFuncSetAttribute(function, height, 1) == CUDA_SUCCESS && attribute(function, height) == 1);
  CHECK(cuFuncSetAttribute(function, depth, 1) == CUDA_SUCCESS && attribute(function, depth) == 1);
  CHECK(plainly() == CUDA_SUCCESS && driver.read(ranks, 4) == std::vector<float>({0, 1, 2, 3}));
  CUfunction own = driver.function("tell_ranks_of_two");
  CHECK(attribute(own, width) == 2 && attribute(own, height) == 1 && attribute(own, depth) == 1);
  CHECK(attribute(own, CU_FUNC_ATTRIBUTE_CLUSTER_SIZE_MUST_BE_SET) == 1);
  CHECK(cuFuncSetAttribute(own, width, 2) == CUDA_ERROR_NOT_PERMITTED);
  CHECK(launch(driver, "tell_ranks_of_two", 4, {of_cluster(2, 1, 1)}, arguments) == CUDA_SUCCESS);
  CHECK(launch(driver, "tell_ranks_of_two", 4, {of_cluster(4, 1, 1)}, arguments) == CUDA_ERROR_INVALID_CLUSTER_SIZE);
  CHECK(std::strstr(charlstm_sim_last_error(), "the kernel requires clusters of 2 x 1 x 1, not of 4 x 1 x 1"));
  driver.free({ranks});
}

void no_clusters_before_capability_9() {
  setenv("CHARLSTM_SIM_CAPABILITY", "890", 1);
  Driver driver;
  CUdeviceptr x = driver.holding(std::vector<float>(64));
  int n = 64;
  void* arguments[] = {&x, &n};
  CHECK(launch(driver, "add_one", 2, {of_cluster(2, 1, 1)}, arguments) == CUDA_ERROR_NOT_SUPPORTED);
  CHECK(launch(driver, "add_one", 2, {}, arguments) == CUDA_SUCCESS);
  CHECK(attribute(driver.function("add_one"), CU_FUNC_ATTRIBUTE_BINARY_VERSION) == 89);
  unsetenv("CHARLSTM_SIM_CAPABILITY");
  driver.free({x});
}

// A kernel of a library is launched in place of its function.
void libraries() {
  Driver driver;
  const char text[] = ".version 7.5\n.target sm_75\n.address_size 64\n.global .u32 place = 7;\n"
                      ".visible .entry store(.param .u64 to)\n{\n.reg .u64 %a;\nld.param.u64 %a, [to];\n"
                      "st.global.u32 [%a], 5;\nret;\n}\n";
  CUlibrary library = nullptr;
  CUkernel kernel = nullptr;
  CUfunction function = nullptr;
  CUmodule module = nullptr, of_function = nullptr;
  CUdeviceptr place = 0, x = driver.fresh(4);
  size_t size = 0;
  int value = 0;
  const char* name = nullptr;
  CHECK(cuLibraryLoadData(&library, text, nullptr, nullptr, 0, nullptr, nullptr, 0) == CUDA_SUCCESS);
  CHECK(cuLibraryGetKernel(&kernel, library, "nothing") == CUDA_ERROR_NOT_FOUND);
  CHECK(cuLibraryGetKernel(&kernel, library, "store") == CUDA_SUCCESS);
  CHECK(cuLibraryGetGlobal(&place, &size, library, "place") == CUDA_SUCCESS && size == 4);
  CHECK(cuKernelGetName(&name, kernel) == CUDA_SUCCESS && std::string(name) == "store");
  CHECK(cuKernelGetFunction(&function, kernel) == CUDA_SUCCESS && cuLibraryGetModule(&module, library) == CUDA_SUCCESS);
  CHECK(cuFuncGetModule(&of_function, function) == CUDA_SUCCESS && module == of_function);
  CHECK(cuKernelGetAttribute(&value, CU_FUNC_ATTRIBUTE_PTX_VERSION, kernel, 0) == CUDA_SUCCESS && value == 75);
  void* arguments[] = {&x};
  CHECK(cuLaunchKernel(CUfunction(kernel), 1, 1, 1, 1, 1, 1, 0, driver.stream, arguments, nullptr) == CUDA_SUCCESS);
  CHECK(cuMemcpyDtoH_v2(&value, x, 4) == CUDA_SUCCESS && value == 5);
  CHECK(cuOccupancyAvailableDynamicSMemPerBlock(&size, function, 2, 64) == CUDA_SUCCESS && size > 0);
  CHECK(cuLibraryUnload(library) == CUDA_SUCCESS && cuLibraryUnload(library) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(cuKernelGetFunction(&function, kernel) == CUDA_ERROR_INVALID_HANDLE);
  driver.free({x});
}

}

void test_functions() {
  libraries();
  attributes();
  shared_memory_of_a_function();
  occupancy();
  parameters();
  launches_with_attributes();
  clusters_of_more_than_8_blocks();
  clusters_at_the_launch();
  no_clusters_before_capability_9();
}
