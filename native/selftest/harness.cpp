#include "selftest/harness.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>

#include "api/seal.h"

int failures;
int checks;

void check(bool holds, const char* condition, const char* file, int line) {
  checks++;
  if (!holds) {
    failures++;
    std::printf("%s:%d: not so: %s (last error: %s)\n", file, line, condition, charlstm_sim_last_error());
  }
}

std::vector<float> drawn(size_t count, unsigned seed) {
  std::minstd_rand random(seed);
  std::vector<float> values(count);
  for (float& value : values) {
    value = float(int(random() % 2001) - 1000) / 1100;
  }
  return values;
}

float nearest(float value, int bits) {
  if (value == 0 || !std::isfinite(value)) {
    return value;
  }
  int exponent;
  std::frexp(double(value), &exponent);
  // Below the smallest normal number steps get no smaller.
  int step = std::max(exponent, -125) - bits;
  return float(std::ldexp(std::nearbyint(std::ldexp(double(value), -step)), step));
}

std::vector<float> nearest(std::vector<float> values, int bits) {
  for (float& value : values) {
    value = nearest(value, bits);
  }
  return values;
}

std::vector<float> as_bf16(const std::vector<float>& values) {
  std::vector<float> words((values.size() + 1) / 2);
  for (size_t i = 0; i < values.size(); i++) {
    float rounded = nearest(values[i], 8);
    std::memcpy(reinterpret_cast<char*>(words.data()) + 2 * i, reinterpret_cast<char*>(&rounded) + 2, 2);
  }
  return words;
}

std::vector<float> from_bf16(const std::vector<float>& words, size_t count) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; i++) {
    std::memcpy(reinterpret_cast<char*>(&values[i]) + 2, reinterpret_cast<const char*>(words.data()) + 2 * i, 2);
  }
  return values;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && !a.empty() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

std::string built_in_image(const std::string& content) {
  return "charlstm simulated CUBIN\n" + seal::sealed(content);
}

Driver::Driver(const char* streams, const char* faults, const char* orders) {
  setenv("CHARLSTM_SIM_STREAMS", streams, 1);
  setenv("CHARLSTM_SIM_FAULTS", faults, 1);
  setenv("CHARLSTM_SIM_ORDERS", orders, 1);
  cuInit(0);
  CUcontext context = nullptr;
  cuDevicePrimaryCtxRetain(&context, 0);
  cuCtxSetCurrent(context);
  cuStreamCreateWithPriority(&stream, 0, 0);
  cuModuleLoadData(&module, built_in_image().c_str());
}

Driver::~Driver() {
  cuStreamDestroy_v2(stream);
  cuModuleUnload(module);
  cuDevicePrimaryCtxRelease_v2(0);
}

CUfunction Driver::function(const char* name) {
  CUfunction found = nullptr;
  cuModuleGetFunction(&found, module, name);
  return found;
}

CUdeviceptr Driver::fresh(size_t bytes) {
  CUdeviceptr address = 0;
  cuMemAlloc_v2(&address, bytes);
  return address;
}

void Driver::free(std::initializer_list<CUdeviceptr> addresses) {
  for (CUdeviceptr address : addresses) {
    cuMemFree_v2(address);
  }
}

CUdeviceptr Driver::holding(const std::vector<float>& values) {
  CUdeviceptr address = fresh(values.size() * sizeof(float));
  cuMemcpyHtoDAsync_v2(address, values.data(), values.size() * sizeof(float), stream);
  synchronise();
  return address;
}

std::vector<float> Driver::read(CUdeviceptr from, size_t count) {
  std::vector<float> values(count);
  cuMemcpyDtoHAsync_v2(values.data(), from, count * sizeof(float), stream);
  synchronise();
  return values;
}

CUresult Driver::synchronise() {
  return cuStreamSynchronize(stream);
}

CUresult Driver::launch_with(const char* name, unsigned grid, unsigned x, unsigned y, unsigned shared,
                             void** arguments) {
  return cuLaunchKernel(function(name), grid, 1, 1, x, y, 1, shared, stream, arguments, nullptr);
}
