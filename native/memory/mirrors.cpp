#include "memory/mirrors.h"

#include <cstring>

namespace sim {

std::map<char*, Mirror>& mirrors = *new std::map<char*, Mirror>();

Mirrored::Mirrored() {
  for (auto& [host, mirror] : mirrors) {
    mirror.before.assign(host, host + mirror.memory->size);
    std::memcpy(reinterpret_cast<void*>(mirror.memory->start), host, mirror.memory->size);
  }
}

// A thread of the host may be writing beside what the device has written.
Mirrored::~Mirrored() {
  for (auto& [host, mirror] : mirrors) {
    auto left = reinterpret_cast<const char*>(mirror.memory->start);
    for (size_t i = 0; i < mirror.memory->size; i++) {
      if (left[i] != mirror.before[i]) {
        host[i] = left[i];
      }
    }
  }
}

}
