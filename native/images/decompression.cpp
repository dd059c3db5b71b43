#include "images/decompression.h"

#include <dlfcn.h>

#include <cstdint>

namespace sim {

namespace {

// The most that a token's four bits can say: then bytes follow that are added, up to one that is not 255.
constexpr size_t GOES_ON = 15;

class Lz4 {
 public:
  Lz4(const char* from, size_t size) : at_(reinterpret_cast<const uint8_t*>(from)), end_(at_ + size) {}

  bool ended() const { return at_ == end_; }
  bool byte(size_t& value) {
    if (ended()) {
      return false;
    }
    value = *at_++;
    return true;
  }
  bool length(size_t& value) {
    for (size_t more = value == GOES_ON ? 255 : 0; more == 255; value += more) {
      if (!byte(more)) {
        return false;
      }
    }
    return true;
  }
  bool copy(size_t count, char* to) {
    if (count > size_t(end_ - at_)) {
      return false;
    }
    for (; count > 0; count--) {
      *to++ = char(*at_++);
    }
    return true;
  }

 private:
  const uint8_t* at_;
  const uint8_t* end_;
};

}

// A sequence of the LZ4 block format: a token, literals, and how far back so many bytes are that come again. The last
// ends with its literals.
bool unpack_lz4(const char* from, size_t size, std::string& to) {
  Lz4 block(from, size);
  size_t done = 0, token;
  while (block.byte(token)) {
    size_t literals = token >> 4, match = token & 15, low, high;
    if (!block.length(literals) || literals > to.size() - done || !block.copy(literals, &to[done])) {
      return false;
    }
    done += literals;
    if (block.ended()) {
      break;
    }
    if (!block.byte(low) || !block.byte(high) || !block.length(match)) {
      return false;
    }
    size_t back = low | high << 8;
    match += 4;
    if (back == 0 || back > done || match > to.size() - done) {
      return false;
    }
    // The bytes that come again may overlap the place where they go.
    for (; match > 0; match--, done++) {
      to[done] = to[done - back];
    }
  }
  return done == to.size();
}

bool unpack_zstandard(const char* from, size_t size, std::string& to, std::string& why) {
  static void* const library = dlopen("libzstd.so.1", RTLD_NOW);
  static const auto unpack = reinterpret_cast<size_t (*)(void*, size_t, const void*, size_t)>(
      library ? dlsym(library, "ZSTD_decompress") : nullptr);
  if (!unpack) {
    why = "it is compressed by Zstandard, whose library libzstd.so.1 is not here; install libzstd1, or call nvcc with "
          "--no-compress";
    return false;
  }
  why = "its compressed PTX is broken";
  return unpack(&to[0], to.size(), from, size) == to.size();
}

}
