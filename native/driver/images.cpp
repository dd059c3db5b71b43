#include "driver/images.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "driver/host_memory.h"

namespace sim {

namespace {

// The first line of an image of the simulated NVRTC. For a text that is none of this library's own, the next line is
// "code SIZE ARCHITECTURE BUILD", and SIZE bytes of a shared object follow.
const std::string OURS = "charlstm simulated CUBIN\n";

constexpr unsigned char FAT_BINARY[] = {0x50, 0xed, 0x55, 0xba}, WRAPPED[] = {0xb1, 0x43, 0x62, 0x46};
constexpr unsigned char ELF[] = {0x7f, 'E', 'L', 'F'};

// As much of a text as can be read, up to its end or so many bytes.
std::string text_at(const char* text, size_t most) {
  std::string read;
  while (read.size() < most && readable(text + read.size(), 1) && text[read.size()]) {
    read += text[read.size()];
  }
  return read;
}

template <size_t N>
bool begins(const void* image, const unsigned char (&with)[N]) {
  return readable(image, N) && std::memcmp(image, with, N) == 0;
}

// PTX begins with its version, after comments.
bool is_ptx(std::string text) {
  size_t at = 0;
  for (;;) {
    at = text.find_first_not_of(" \t\r\n", at);
    if (at == std::string::npos) {
      return false;
    }
    if (text.compare(at, 2, "//") == 0) {
      at = text.find('\n', at);
    } else if (text.compare(at, 2, "/*") == 0) {
      at = text.find("*/", at);
      at = at == std::string::npos ? at : at + 2;
    } else {
      return text.compare(at, 8, ".version") == 0;
    }
    if (at == std::string::npos) {
      return false;
    }
  }
}

Image code_in(const char* image) {
  const char* start = image + OURS.size();
  std::string line = text_at(start, 64);
  line = line.substr(0, line.find('\n') + 1);
  if (line.compare(0, 5, "code ") != 0) {
    return {ImageKind::OF_OUR_NVRTC};
  }
  char* end = nullptr;
  size_t size = std::strtoull(line.c_str() + 5, &end, 10);
  int architecture = int(std::strtol(end, &end, 10));
  bool ours = end == std::string(" ") + CHARLSTM_BUILD + "\n";
  return {ours ? ImageKind::OF_OUR_NVRTC : ImageKind::OF_OTHER_BUILD, start + line.size(), size, architecture};
}

}

Image look_at(const void* image) {
  if (begins(image, FAT_BINARY) || begins(image, WRAPPED) || begins(image, ELF)) {
    return {ImageKind::MACHINE_CODE};
  }
  auto text = static_cast<const char*>(image);
  if (text_at(text, OURS.size()) == OURS) {
    return code_in(text);
  }
  return {is_ptx(text_at(text, 4096)) ? ImageKind::PTX : ImageKind::ANY};
}

}
