// A program's own kernels, compiled when it runs: sound ones compute what they should.
#include <algorithm>
#include <cmath>

#include "selftest/nvrtc.h"

namespace {

template <typename T>
std::vector<T> values_at(Driver& driver, CUdeviceptr from, size_t count) {
  std::vector<T> values(count);
  CHECK(cuMemcpyDtoHAsync_v2(values.data(), from, count * sizeof(T), driver.stream) == CUDA_SUCCESS);
  CHECK(driver.synchronise() == CUDA_SUCCESS);
  return values;
}

template <typename T>
CUdeviceptr holding(Driver& driver, const std::vector<T>& values) {
  CUdeviceptr address = driver.fresh(values.size() * sizeof(T));
  cuMemcpyHtoDAsync_v2(address, values.data(), values.size() * sizeof(T), driver.stream);
  driver.synchronise();
  return address;
}

std::vector<float> counting(int n, float step = 1.0f) {
  std::vector<float> values(n);
  for (int i = 0; i < n; i++) {
    values[i] = step * i;
  }
  return values;
}

void shared_memory(Driver& driver, CUmodule module) {
  int rows = 40, columns = 50;
  CUdeviceptr x = driver.holding(counting(2000)), y = driver.fresh(8000);
  CHECK(launch_of(module, "transpose", driver.stream, 2, 2, 32, 8, 0, {&x, &y, &rows, &columns}) == CUDA_SUCCESS);
  std::vector<float> turned = driver.read(y, 2000);
  bool right = true;
  for (int i = 0; i < 2000; i++) {
    right &= turned[i] == i % 40 * 50 + i / 40;
  }
  CHECK(right);
  CUdeviceptr sums = driver.fresh(8);
  int n = 300;
  CHECK(launch_of(module, "sum_of_blocks", driver.stream, 2, 1, 256, 1, 1024, {&x, &sums, &n}) == CUDA_SUCCESS);
  CHECK(driver.read(sums, 2) == std::vector<float>({2 * 32640.0f, 2 * 12210.0f}));
  CUfunction function = nullptr;
  int bytes = 0;
  CHECK(cuModuleGetFunction(&function, module, "sum_of_blocks") == CUDA_SUCCESS);
  CHECK(cuFuncGetAttribute(&bytes, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, function) == CUDA_SUCCESS && bytes == 12);
  CUdeviceptr ints = holding(driver, std::vector<int>(64, 7));
  CHECK(launch_of(module, "rotate", driver.stream, 1, 1, 64, 1, 256, {&ints, &y}) == CUDA_SUCCESS);
  std::vector<int> rotated = values_at<int>(driver, y, 64);
  CHECK(rotated[0] == 8 && rotated[62] == 70 && rotated[63] == 7);
  CHECK(launch_of(module, "count_threads", driver.stream, 1, 1, 64, 1, 512, {&ints}) == CUDA_SUCCESS);
  CHECK(values_at<int>(driver, ints, 64) == std::vector<int>(64, 2211));
  driver.free({x, y, sums, ints});
}

void words_of_cuda(Driver& driver, CUmodule module) {
  CUdeviceptr x = driver.holding(counting(8)), y = driver.fresh(32), z = driver.fresh(16), bits = driver.fresh(44);
  CHECK(launch_of(module, "words", driver.stream, 1, 1, 2, 1, 0, {&x, &y, &z}) == CUDA_SUCCESS);
  CHECK(driver.read(y, 8) == std::vector<float>({6, 3210, 5, 2, 22, 7654, 5, 2}));
  CHECK(values_at<double>(driver, z, 2) == std::vector<double>({101, 0}));
  CHECK(launch_of(module, "bits", driver.stream, 1, 1, 1, 1, 0, {&bits}) == CUDA_SUCCESS);
  CHECK(values_at<unsigned>(driver, bits, 11) ==
        std::vector<unsigned>({5, 8, 1, 0x80000f00u, 32, 3, 2, unsigned(-2), 64, 63, 1}));
  CHECK(launch_of(module, "lambdas", driver.stream, 1, 1, 1, 1, 0, {&bits}) == CUDA_SUCCESS);
  CHECK(values_at<int>(driver, bits, 2) == std::vector<int>({12, 13}));
  CUdeviceptr four = driver.holding({4.0f}), results = driver.fresh(28);
  CHECK(launch_of(module, "functions", driver.stream, 1, 1, 1, 1, 0, {&four, &results}) == CUDA_SUCCESS);
  CHECK(driver.read(results, 7) ==
        std::vector<float>({0.5f, std::exp(4.0f), std::log(4.0f), 0.25f, 17.0f, 1.0f, 5.0f}));
  driver.free({x, y, z, bits, four, results});
}

void names_and_parameters(Driver& driver, CUmodule module) {
  CUdeviceptr y = driver.fresh(40);
  struct {
    int first;
    char step;
    int count;
  } range{5, 3, 10};
  int scale = 2;
  const char* mangled = "_ZN7library4fillEPiNS_5RangeEi";
  CHECK(launch_of(module, mangled, driver.stream, 1, 1, 32, 1, 0, {&y, &range, &scale}) == CUDA_SUCCESS);
  std::vector<int> filled = values_at<int>(driver, y, 10);
  CHECK(filled[0] == 20 && filled[9] == 128);
  CUfunction function = nullptr;
  CHECK(cuModuleGetFunction(&function, module, mangled) == CUDA_SUCCESS);
  size_t offset = 0, size = 0;
  CHECK(cuFuncGetParamInfo(function, 1, &offset, &size) == CUDA_SUCCESS && offset == 8 && size == 12);
  CHECK(cuFuncGetParamInfo(function, 2, &offset, &size) == CUDA_SUCCESS && offset == 20 && size == 4);
  CHECK(cuModuleGetFunction(&function, module, "fill") == CUDA_ERROR_NOT_FOUND);
  CHECK(cuModuleGetFunction(&function, module, "sum_of") == CUDA_ERROR_NOT_FOUND);
  CHECK(cuModuleGetFunction(&function, module, "helpers") == CUDA_ERROR_NOT_FOUND);
  // Built-in kernels are there too, but a module's own come first: see modules().
  CHECK(cuModuleGetFunction(&function, module, "add_one") == CUDA_SUCCESS);
  CUdeviceptr ranks = driver.fresh(16);
  CHECK(launch_of(module, "ranks_of_two", driver.stream, 4, 1, 1, 1, 0, {&ranks}) == CUDA_SUCCESS);
  CHECK(values_at<unsigned>(driver, ranks, 4) == std::vector<unsigned>({0, 1, 0, 1}));
  CHECK(launch_of(module, "ranks_of_two", driver.stream, 3, 1, 1, 1, 0, {&ranks}) == CUDA_ERROR_INVALID_CLUSTER_SIZE);
  driver.free({y, ranks});
}

void atomics() {
  Driver driver;
  CUmodule module = load(compile(file_of("own/atomics.cu")));
  std::vector<int> drawn(1000);
  std::vector<unsigned> expected(8);
  for (int i = 0; i < 1000; i++) {
    drawn[i] = i * i % 13 % 8;
    expected[drawn[i]]++;
  }
  CUdeviceptr x = holding(driver, drawn), counts = holding(driver, std::vector<unsigned>(8));
  int n = 1000;
  CHECK(launch_of(module, "histogram", driver.stream, 4, 1, 256, 1, 0, {&x, &counts, &n}) == CUDA_SUCCESS);
  CHECK(values_at<unsigned>(driver, counts, 8) == expected);
  CUdeviceptr i = holding(driver, std::vector<int>{1, 1, 0, 0, -1, 0, 0, 0});
  CUdeviceptr u = holding(driver, std::vector<unsigned>{3, 0, 70, 0, 0});
  CUdeviceptr l = holding(driver, std::vector<unsigned long long>(3));
  CHECK(launch_of(module, "all_kinds", driver.stream, 1, 1, 64, 1, 0, {&i, &u, &l}) == CUDA_SUCCESS);
  CHECK(values_at<int>(driver, i, 8) == std::vector<int>({2017, -2015, 23, -40, 0, -1, 0, 5}));
  CHECK(values_at<unsigned>(driver, u, 5) == std::vector<unsigned>({3, 63, 0, 4, 6}));
  CHECK(values_at<unsigned long long>(driver, l, 3) ==
        std::vector<unsigned long long>({1ull << 39, 63ull << 40, ~0ull}));
  CUdeviceptr a = driver.holding({0.0f}), b = holding(driver, std::vector<double>{0.0});
  CUdeviceptr swapped = driver.holding({0.0f, 8.0f});
  CHECK(launch_of(module, "sums", driver.stream, 1, 1, 64, 1, 0, {&a, &b, &swapped}) == CUDA_SUCCESS);
  CHECK(std::fabs(driver.read(a, 1)[0] - 201.6f) <= 0.01f);
  CHECK(std::fabs(values_at<double>(driver, b, 1)[0] - 201.6) <= 1e-9);
  CHECK(driver.read(swapped, 2) == std::vector<float>({8.0f, 3.0f}));
  CHECK(launch_of(module, "sum_of_floats", driver.stream, 1, 1, 64, 1, 0, {&a}) == CUDA_SUCCESS);
  CHECK(launch_of(module, "sum_of_doubles", driver.stream, 1, 1, 64, 1, 0, {&b}) == CUDA_SUCCESS);
  CHECK(std::fabs(driver.read(a, 1)[0] - 1e8f) <= 512.0f);
  CHECK(std::fabs(values_at<double>(driver, b, 1)[0] - 1e17) <= 1024.0);
  CUdeviceptr next = holding(driver, std::vector<int>{0}), places = driver.fresh(256);
  CHECK(launch_of(module, "take_places", driver.stream, 2, 1, 32, 1, 0, {&next, &places}) == CUDA_SUCCESS);
  std::vector<int> taken = values_at<int>(driver, places, 64);
  std::sort(taken.begin(), taken.end());
  bool each = true;
  for (int k = 0; k < 64; k++) {
    each &= taken[k] == k;
  }
  CHECK(each && values_at<int>(driver, next, 1)[0] == 64);
  CUdeviceptr y = driver.holding(counting(32)), most = driver.holding({0.0f});
  CHECK(launch_of(module, "largest", driver.stream, 1, 1, 32, 1, 0, {&y, &most}) == CUDA_SUCCESS);
  CHECK(driver.read(most, 1)[0] == 31.0f);
  cuModuleUnload(module);
  driver.free({x, counts, i, u, l, a, b, swapped, next, places, y, most});
}

}

void test_own_kernels() {
  {
    Driver driver;
    const char* header = "selftest/own/helpers.h";
    Compiled compiled = compile(file_of("own/sound.cu"), {"-DSCALE=2.0f"},
                                {{header, file_of("own/helpers.h")}, {"ptx.h", "#error its twin is taken\n"}});
    CUmodule module = load(compiled);
    shared_memory(driver, module);
    words_of_cuda(driver, module);
    names_and_parameters(driver, module);
    CHECK(cuModuleUnload(module) == CUDA_SUCCESS);
  }
  atomics();
}
