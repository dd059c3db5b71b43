// Shared by the parts of the self-test: a driver that is set up anew for each case, and counted checks.
#pragma once
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "api/cuda.h"
#include "api/simulator.h"

extern int failures;
extern int checks;

#define CHECK(condition) check((condition), #condition, __FILE__, __LINE__)
void check(bool holds, const char* condition, const char* file, int line);

// The bits of a value as another, the upper ones cut off or zeros; and as a number.
template <typename T, typename From>
T as(From from) {
  T value{};
  __builtin_memcpy(&value, &from, sizeof value < sizeof from ? sizeof value : sizeof from);
  return value;
}
template <typename T>
uint64_t bits_as(T value) {
  return as<uint64_t>(value);
}

// Always the same values for a seed.
std::vector<float> drawn(size_t count, unsigned seed);

// The nearest float32 of so many significant bits, the even one of two, found by scaling: 11 for TF32, 8 for bf16.
float nearest(float value, int bits);
std::vector<float> nearest(std::vector<float> values, int bits);

// Values rounded to bf16, two to a word as they lie in memory, and read again.
std::vector<float> as_bf16(const std::vector<float>& values);
std::vector<float> from_bf16(const std::vector<float>& words, size_t count);

bool same_bits(const std::vector<float>& a, const std::vector<float>& b);

// The file of the library of trial kernels.
std::string library_of_trials();

// Of the simulated NVRTC, sealed: with kernels that were built in, or with what its content says ("ptx SIZE" ...).
std::string built_in_image(const std::string& content = "name trial.cu\n");

// A driver initialised under the given environment, with a context, a stream and the trial kernels.
class Driver {
 public:
  explicit Driver(const char* streams = "eager", const char* faults = "", const char* orders = "all");
  ~Driver();

  CUfunction function(const char* name);
  CUdeviceptr fresh(size_t bytes);
  void free(std::initializer_list<CUdeviceptr> addresses);
  CUdeviceptr holding(const std::vector<float>& values);
  std::vector<float> read(CUdeviceptr from, size_t count);
  CUresult synchronise();

  // Launches with arguments that are gone when this returns.
  template <typename... Arguments>
  CUresult launch(const char* name, unsigned grid, unsigned block, Arguments... arguments) {
    void* addresses[] = {&arguments..., nullptr};
    return launch_with(name, grid, block, 1, 0, addresses);
  }
  CUresult launch_with(const char* name, unsigned grid, unsigned x, unsigned y, unsigned shared, void** arguments);

  CUstream stream = nullptr;
  CUmodule module = nullptr;
};
