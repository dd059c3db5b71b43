#include "memory/limit.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>

#include "memory/state.h"

namespace sim {

bool over_limit;

namespace {

constexpr size_t BETWEEN_LOOKS = 16 << 20;

// The one number that a file holds; the greatest number if it holds another word.
size_t number_in(const char* file) {
  std::ifstream from(file);
  size_t number = 0;
  return from >> number ? number : SIZE_MAX;
}

size_t of_machine() {
  size_t all = size_t(sysconf(_SC_PHYS_PAGES)) * size_t(sysconf(_SC_PAGESIZE));
  return std::min({all, number_in("/sys/fs/cgroup/memory.max"),
                   number_in("/sys/fs/cgroup/memory/memory.limit_in_bytes")});
}

}

size_t resident_bytes() {
  std::ifstream from("/proc/self/statm");
  size_t all = 0, resident = 0;
  from >> all >> resident;
  return resident * size_t(sysconf(_SC_PAGESIZE));
}

size_t most_bytes() {
  static const size_t otherwise = of_machine() / 4 * 3;
  return settings.memory ? settings.memory << 20 : otherwise;
}

void grow(size_t bytes) {
  static size_t since;
  since += bytes;
  if (since >= BETWEEN_LOOKS) {
    since = 0;
    over_limit |= resident_bytes() > most_bytes();
  }
}

}
