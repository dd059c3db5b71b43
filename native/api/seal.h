// The seal of an image: the number of bytes after the seal, and their checksum, which reveal a truncated or damaged
// image.
#pragma once
#include <cstdint>
#include <string>

namespace seal {

// The checksum of POSIX's cksum: over the bytes, then over their number from its lowest byte on.
inline uint32_t sum_of(const char* bytes, size_t size) {
  uint32_t sum = 0;
  auto add = [&](unsigned char byte) {
    sum ^= uint32_t(byte) << 24;
    for (int bit = 0; bit < 8; bit++) {
      sum = sum << 1 ^ (sum >> 31 ? 0x04c11db7u : 0u);
    }
  };
  for (size_t i = 0; i < size; i++) {
    add(static_cast<unsigned char>(bytes[i]));
  }
  for (size_t rest = size; rest != 0; rest >>= 8) {
    add(static_cast<unsigned char>(rest));
  }
  return ~sum;
}

const std::string NAME = "sealed ";
constexpr size_t LONGEST_LINE = 7 + 20 + 1 + 10 + 1;

inline std::string line_for(const char* content, size_t size) {
  return NAME + std::to_string(size) + " " + std::to_string(sum_of(content, size)) + "\n";
}

inline std::string sealed(const std::string& content) {
  return line_for(content.data(), content.size()) + content;
}

}
