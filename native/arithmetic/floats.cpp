#include "arithmetic/floats.h"

namespace sim {

float* Floats::view(void* memory, size_t count, bool reads, bool writes) {
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

void Floats::put_back() {
  for (const Copy& copy : copies_) {
    for (size_t i = 0; copy.to && i < copy.values.size(); i++) {
      store(element_, copy.to, i, copy.values[i]);
    }
  }
}

}
