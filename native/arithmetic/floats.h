// Device memory as arithmetic in float32 wants it: float32 where it lies, bf16 and half as a copy. Null stays null.
#pragma once
#include <vector>

#include "arithmetic/precision.h"

namespace sim {

class Floats {
 public:
  explicit Floats(Element element) : element_(element) {}

  const float* read(const void* memory, size_t count) { return view(const_cast<void*>(memory), count, true, false); }
  float* result(void* memory, size_t count) { return view(memory, count, false, true); }
  float* sum(void* memory, size_t count) { return view(memory, count, true, true); }

  // Rounds the copies of results and sums into their places.
  void put_back();

 private:
  struct Copy {
    void* to;
    std::vector<float> values;
  };

  float* view(void* memory, size_t count, bool reads, bool writes);

  Element element_;
  std::vector<Copy> copies_;
};

}
