#include "images/bytes.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

#include "api/seal.h"
#include "images/host_memory.h"
#include "memory/memory.h"

namespace sim {

bool Bytes::has(size_t offset, size_t size) const {
  size_t before_the_end = SIZE_MAX - reinterpret_cast<uintptr_t>(start);
  return offset <= std::min(most, before_the_end) && size <= std::min(most, before_the_end) - offset &&
         readable(start + offset, size);
}

Bytes Bytes::from(size_t offset) const {
  return {start + offset, most == SIZE_MAX ? SIZE_MAX : most - std::min(offset, most)};
}

bool Bytes::unsealed(Bytes& content) const {
  std::string line = text(seal::LONGEST_LINE);
  size_t length = line.find('\n') + 1;
  size_t size = line.rfind(seal::NAME, 0) == 0 ? std::strtoull(line.c_str() + seal::NAME.size(), nullptr, 10) : 0;
  if (length == 0 || size == 0 || !has(length, size) ||
      line.compare(0, length, seal::line_for(start + length, size)) != 0) {
    return false;
  }
  content = {start + length, size};
  return true;
}

std::string Bytes::text(size_t longest) const {
  std::string read;
  longest = std::min(longest, most);
  // A page can be read as a whole or not at all.
  while (read.size() < longest && readable(start + read.size(), 1)) {
    const char* at = start + read.size();
    size_t piece = std::min(longest - read.size(), PAGE - reinterpret_cast<uintptr_t>(at) % PAGE);
    size_t length = strnlen(at, piece);
    read.append(at, length);
    if (length < piece) {
      break;
    }
  }
  return read;
}

bool read_file(const char* path, std::string& content) {
  std::ifstream file(path, std::ios::binary);
  // A folder opens, and cannot be read.
  file.peek();
  bool readable = file.is_open() && !file.bad();
  content.assign(std::istreambuf_iterator<char>(readable ? file.rdbuf() : nullptr), {});
  return readable;
}

}
