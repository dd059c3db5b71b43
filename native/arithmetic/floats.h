// Device memory as float32 arrays: float32 in place, bf16 and half as a copy. Null stays null.
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

  // Rounds the copies of results and sums back into device memory.
  void put_back() {
    for (const Copy& copy : copies_) {
      for (size_t i = 0; copy.to && i < copy.values.size(); i++) {
        store(element_, copy.to, i, copy.values[i]);
      }
    }
  }

 private:
  struct Copy {
    void* to;
    std::vector<float> values;
  };

  float* view(void* memory, size_t count, bool reads, bool writes) {
    if (!memory || element_ == Element::FLOAT32) {
      return static_cast<float*>(memory);
    }
    copies_.push_back({writes ? memory : nullptr, std::vector<float>(count)});
    std::vector<float>& values = copies_.back().values;
    for (size_t i = 0; reads && i < count; i++) {
      values[i] = float(load(element_, memory, i));
    }
    return values.data();
  }

  Element element_;
  std::vector<Copy> copies_;
};

}
