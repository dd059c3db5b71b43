// The size of the access that wrote each byte of an allocation, in half a byte each; 0 if the byte is not written.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace sim {

// Frees memory of calloc, whose zeros cost nothing until they are touched.
struct Freed {
  void operator()(void* memory) const { std::free(memory); }
};
template <typename T>
using Zeros = std::unique_ptr<T[], Freed>;

template <typename T>
Zeros<T> zeros(size_t count) {
  return Zeros<T>(static_cast<T*>(std::calloc(count, sizeof(T))));
}

class Marks {
 public:
  bool make(size_t size) {
    halves = zeros<uint8_t>(size / 2 + 1);
    return bool(halves);
  }
  // The largest power of two up to the size of the access that wrote the byte, at most 16.
  size_t size_at(size_t i) const {
    unsigned code = halves[i / 2] >> i % 2 * 4 & 15;
    return code ? size_t(1) << (code - 1) : 0;
  }

  inline bool all(size_t from, size_t size) const {
    if (from % 2 == 0 && size % 2 == 0 && size <= 16) {
      uint64_t some = 0, each = EACH >> (64 - 4 * size);
      std::memcpy(&some, halves.get() + from / 2, size / 2);
      some |= some >> 1;
      return ((some | some >> 2) & each) == each;
    }
    return first(from, size, false) == from + size;
  }

  // Marks bytes as written by an access of a size, or as unwritten for 0.
  inline void set(size_t from, size_t size, size_t access) {
    size_t end = from + size, code = access == 0 ? 0 : access < 16 ? 32 - __builtin_clz(unsigned(access)) : 5;
    if (from % 2 && from < end) {
      set_one(from++, code);
    }
    if (end % 2 && from < end) {
      set_one(--end, code);
    }
    std::memset(halves.get() + from / 2, int(code * 0x11), (end - from) / 2);
  }

  // The index of the first byte that is (or is not) written, or the end.
  size_t first(size_t from, size_t size, bool written) const;

  // The marks of whole pages.
  uint8_t* page(size_t offset) const { return halves.get() + offset / 2; }

 private:
  static constexpr uint64_t EACH = 0x1111111111111111;

  void set_one(size_t i, size_t code) {
    unsigned shift = i % 2 * 4;
    halves[i / 2] = uint8_t((halves[i / 2] & ~(15 << shift)) | code << shift);
  }

  Zeros<uint8_t> halves;
};

}
