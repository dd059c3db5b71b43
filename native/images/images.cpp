#include "images/images.h"

#include <cstdlib>
#include <cstring>

#include "images/fat_binary.h"
#include "images/linked_image.h"

namespace sim {

namespace {

// The first line of an image of the simulated NVRTC; its seal is the next. For a text that is none of a library of
// kernels "ptx SIZE" follows, and so many bytes of PTX. Earlier builds had "code" there, a shared object.
const std::string OURS = "charlstm simulated CUBIN\n";

// Of its header, what is looked at.
constexpr uint16_t OF_CUDA = 190;
constexpr size_t HEADER = 64;

bool is_cubin(const Bytes& image) {
  const char elf[] = {0x7f, 'E', 'L', 'F'};
  return image.has(0, sizeof elf) && std::memcmp(image.start, elf, sizeof elf) == 0;
}

// Its table of sections comes late, and the first of them is none.
bool is_whole_cubin(const Bytes& image) {
  if (!image.has(0, HEADER)) {
    return false;
  }
  uint16_t machine = 0, size = 0, count = 0;
  uint64_t table = 0;
  std::memcpy(&machine, image.start + 18, sizeof machine);
  std::memcpy(&table, image.start + 40, sizeof table);
  std::memcpy(&size, image.start + 58, sizeof size);
  std::memcpy(&count, image.start + 60, sizeof count);
  const char none[HEADER] = {};
  return machine == OF_CUDA && size == HEADER && count > 1 && image.has(table, size_t(size) * count) &&
         std::memcmp(image.start + table, none, HEADER) == 0;
}

// PTX begins with its version, after comments.
bool is_ptx(const std::string& text) {
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

// Of a text for sm_90 this is 90. Machine code is for that architecture, also where it is PTX here.
int target_of(const std::string& ptx) {
  size_t target = ptx.find("\n.target sm_");
  return target == std::string::npos ? 0 : std::atoi(ptx.c_str() + target + 12);
}

Image content_of(const Bytes& whole, const std::string& name) {
  Image found;
  Bytes image;
  if (whole.from(OURS.size()).text(7) != "sealed ") {
    found.kind = ImageKind::OF_OTHER_BUILD;
    return found;
  }
  if (!whole.from(OURS.size()).unsealed(image)) {
    found.kind = ImageKind::BROKEN;
    found.trouble = "the image is cut off or spoilt; compile its text again";
    return found;
  }
  std::string line = image.text(64);
  line = line.substr(0, line.find('\n') + 1);
  found.kind = line.rfind("code ", 0) == 0 ? ImageKind::OF_OTHER_BUILD : ImageKind::OF_OUR_NVRTC;
  if (line.rfind("ptx ", 0) == 0) {
    found.kind = ImageKind::PTX;
    found.by_nvidias = true;
    found.texts.push_back({name, std::string(image.start + line.size(), std::stoull(line.substr(4)))});
    found.architecture = target_of(found.texts[0].text);
  }
  return found;
}

Image fat_binary_in(const Bytes& image, int capability, const std::string& name) {
  FatBinary fat = read_fat_binary(image, capability);
  Image found;
  found.kind = !fat.trouble.empty() ? ImageKind::BROKEN
               : fat.fits           ? ImageKind::PTX
               : fat.has_code       ? ImageKind::MACHINE_CODE
                                    : ImageKind::OTHER_PTX;
  found.trouble = fat.trouble.empty() ? fat.others : fat.trouble;
  if (found.kind == ImageKind::PTX) {
    found.texts.push_back({name, fat.text});
  }
  return found;
}

}

Image look_at(const Bytes& image, int capability, const std::string& name) {
  Image found;
  if (is_fat_binary(image)) {
    return fat_binary_in(image, capability, name);
  }
  if (is_cubin(image)) {
    found.kind = is_whole_cubin(image) ? ImageKind::MACHINE_CODE : ImageKind::BROKEN;
    found.trouble = found.kind == ImageKind::BROKEN ? "the CUBIN is cut off or spoilt" : "";
  } else if (image.text(OURS.size()) == OURS) {
    return content_of(image, name);
  } else if (is_linked_image(image)) {
    bool whole = read_linked_image(image, found.texts);
    found.kind = whole ? ImageKind::PTX : ImageKind::BROKEN;
    found.trouble = whole ? "" : "the linked image is cut off or spoilt";
  } else if (is_ptx(image.text(4096))) {
    found.kind = ImageKind::PTX;
    found.texts.push_back({name, image.text()});
  }
  return found;
}

}
