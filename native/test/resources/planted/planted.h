// Each function here plants one mistake; with MENDED it makes none. A line that the finding must name says "told".
#pragma once
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <vector>

struct Planted {
  const char* name;
  void (*plant)();
  void (*mended)();
  Planted* next;

  static inline Planted* all = nullptr;
  Planted(const char* name, void (*plant)(), void (*mended)()) : name(name), plant(plant), mended(mended), next(all) {
    all = this;
  }
};

#define PLANT(name) static Planted planted_##name(#name, name<false>, name<true>)

// Device memory that holds 0, 1, 2 and so on.
template <typename T>
struct Counted {
  T* at = nullptr;

  explicit Counted(int count) {
    std::vector<T> values(count);
    std::iota(values.begin(), values.end(), T(0));
    cudaMalloc(&at, count * sizeof(T));
    cudaMemcpy(at, values.data(), count * sizeof(T), cudaMemcpyHostToDevice);
  }
  Counted(const Counted&) = delete;
  ~Counted() { cudaFree(at); }
  operator T*() const { return at; }
};

// The first element, as the host sees it after all work.
template <typename T>
T first_of(const T* at) {
  T value{};
  cudaMemcpy(&value, at, sizeof value, cudaMemcpyDeviceToHost);
  return value;
}
