// The seal of an image: how many bytes follow it, and their SHA-256 (FIPS 180-4). A spoilt image must not be opened,
// for the loader ends a process by it.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace seal {

inline uint32_t turn(uint32_t word, int by) {
  return word >> by | word << (32 - by);
}

// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
constexpr uint32_t ROOTS[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

inline void mix(uint32_t* state, const unsigned char* block) {
  uint32_t w[64];
  for (int i = 0; i < 16; i++) {
    w[i] = uint32_t(block[4 * i]) << 24 | block[4 * i + 1] << 16 | block[4 * i + 2] << 8 | block[4 * i + 3];
  }
  for (int i = 16; i < 64; i++) {
    uint32_t a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ a >> 3) + w[i - 7] + (turn(b, 17) ^ turn(b, 19) ^ b >> 10);
  }
  uint32_t s[8];
  std::memcpy(s, state, sizeof s);
  for (int i = 0; i < 64; i++) {
    uint32_t one = s[7] + (turn(s[4], 6) ^ turn(s[4], 11) ^ turn(s[4], 25)) + ((s[4] & s[5]) ^ (~s[4] & s[6])) +
                   ROOTS[i] + w[i];
    uint32_t two = (turn(s[0], 2) ^ turn(s[0], 13) ^ turn(s[0], 22)) + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
    std::memmove(s + 1, s, 7 * sizeof *s);
    s[4] += one;
    s[0] = one + two;
  }
  for (int i = 0; i < 8; i++) {
    state[i] += s[i];
  }
}

inline std::string sha256(const char* bytes, size_t size) {
  uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  auto* from = reinterpret_cast<const unsigned char*>(bytes);
  size_t whole = size / 64 * 64, rest = size - whole;
  for (size_t at = 0; at < whole; at += 64) {
    mix(state, from + at);
  }
  unsigned char last[128] = {};
  std::memcpy(last, from + whole, rest);
  last[rest] = 0x80;
  size_t end = rest < 56 ? 64 : 128;
  for (int i = 0; i < 8; i++) {
    last[end - 1 - i] = static_cast<unsigned char>(uint64_t(size) * 8 >> 8 * i);
  }
  for (size_t at = 0; at < end; at += 64) {
    mix(state, last + at);
  }
  char text[65];
  for (int i = 0; i < 8; i++) {
    std::snprintf(text + 8 * i, 9, "%08x", state[i]);
  }
  return text;
}

// "sealed SIZE SUM", a line.
inline std::string sealed(const std::string& content) {
  return "sealed " + std::to_string(content.size()) + " " + sha256(content.data(), content.size()) + "\n" + content;
}

constexpr size_t LONGEST_LINE = 7 + 20 + 1 + 64 + 1;

// The size in a seal's line, whose length it also gives; 0 where it is none.
inline size_t size_in(const std::string& line, size_t& length) {
  char* end = nullptr;
  length = line.find('\n') + 1;
  if (length == 0 || line.compare(0, 7, "sealed ") != 0) {
    return 0;
  }
  size_t size = std::strtoull(line.c_str() + 7, &end, 10);
  return end + 66 == line.c_str() + length && *end == ' ' ? size : 0;
}

inline bool whole(const std::string& line, size_t length, const char* content, size_t size) {
  return line.compare(length - 65, 64, sha256(content, size)) == 0;
}

}
