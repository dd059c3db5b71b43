// The seal of an image: how many bytes follow it, and their CRC-32 (ISO 3309, as zlib has it). A spoilt image must not
// be opened, for the loader ends a process by it.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace seal {

inline std::string crc32(const char* bytes, size_t size) {
  constexpr uint32_t POLYNOMIAL = 0xedb88320;
  uint32_t sum = ~0u;
  for (size_t i = 0; i < size; i++) {
    sum ^= static_cast<unsigned char>(bytes[i]);
    for (int bit = 0; bit < 8; bit++) {
      sum = sum >> 1 ^ (sum & 1 ? POLYNOMIAL : 0);
    }
  }
  char text[9];
  std::snprintf(text, sizeof text, "%08x", ~sum);
  return text;
}

// "sealed SIZE SUM", a line.
inline std::string sealed(const std::string& content) {
  return "sealed " + std::to_string(content.size()) + " " + crc32(content.data(), content.size()) + "\n" + content;
}

constexpr size_t LENGTH_OF_SUM = 8, LONGEST_LINE = 7 + 20 + 1 + LENGTH_OF_SUM + 1;

// The size in a seal's line, whose length it also gives; 0 where it is none.
inline size_t size_in(const std::string& line, size_t& length) {
  char* end = nullptr;
  length = line.find('\n') + 1;
  if (length == 0 || line.compare(0, 7, "sealed ") != 0) {
    return 0;
  }
  size_t size = std::strtoull(line.c_str() + 7, &end, 10);
  return end + LENGTH_OF_SUM + 2 == line.c_str() + length && *end == ' ' ? size : 0;
}

inline bool whole(const std::string& line, size_t length, const char* content, size_t size) {
  return line.compare(length - LENGTH_OF_SUM - 1, LENGTH_OF_SUM, crc32(content, size)) == 0;
}

}
