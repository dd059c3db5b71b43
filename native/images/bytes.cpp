#include "images/bytes.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

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
  size_t length = 0;
  std::string line = text(seal::LONGEST_LINE);
  size_t size = seal::size_in(line, length);
  if (size == 0 || !has(length, size) || !seal::whole(line, length, start + length, size)) {
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
  std::FILE* file = std::fopen(path, "rb");
  if (!file) {
    return false;
  }
  char piece[1 << 16];
  content.clear();
  while (size_t size = std::fread(piece, 1, sizeof piece, file)) {
    content.append(piece, size);
  }
  bool whole = !std::ferror(file);
  std::fclose(file);
  return whole;
}

}
