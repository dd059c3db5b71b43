// Bytes that a caller gave, of which only an upper bound is known, or none.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

namespace sim {

struct Bytes {
  const char* start = nullptr;
  size_t most = SIZE_MAX;

  // Whether all of a piece is within the bound and can be read.
  bool has(size_t offset, size_t size) const;
  // Nothing may be left.
  Bytes from(size_t offset) const;
  // The bytes behind a seal that is whole (api/seal.h); false if it is spoilt or cut off.
  bool unsealed(Bytes& content) const;
  // A text up to its end, which is a 0 or where nothing can be read, or to so many bytes.
  std::string text(size_t longest = SIZE_MAX) const;
};

// A file's content; false if it cannot be read.
bool read_file(const char* path, std::string& content);

}
