#include "images/linked_image.h"

#include <cstdlib>

#include "api/seal.h"

namespace sim {

namespace {

// The first line; its seal is the next. "SIZE SIZE" follows for each text, then as many bytes of its name and of
// itself.
const std::string LINKED = "charlstm simulated linked PTX\n";
constexpr size_t LONGEST_LINE = 48;

bool take(const Bytes& image, size_t& offset, size_t size, std::string& to) {
  if (!image.has(offset, size)) {
    return false;
  }
  to.assign(image.start + offset, size);
  offset += size;
  return true;
}

}

std::string linked_image(const std::vector<ptx::Text>& texts) {
  std::string image;
  for (const ptx::Text& text : texts) {
    image += std::to_string(text.name.size()) + " " + std::to_string(text.text.size()) + "\n" + text.name + text.text;
  }
  return LINKED + seal::sealed(image);
}

bool is_linked_image(const Bytes& image) {
  return image.text(LINKED.size()) == LINKED;
}

bool read_linked_image(const Bytes& whole, std::vector<ptx::Text>& texts) {
  Bytes image;
  bool good = whole.from(LINKED.size()).unsealed(image);
  for (size_t offset = 0; good && offset < image.most;) {
    std::string line = image.from(offset).text(LONGEST_LINE);
    size_t length = line.find('\n') + 1;
    char* after = nullptr;
    size_t name = std::strtoull(line.c_str(), &after, 10), size = std::strtoull(after, &after, 10);
    ptx::Text text;
    offset += length;
    if (length == 0 || *after != '\n' || !take(image, offset, name, text.name) ||
        !take(image, offset, size, text.text)) {
      return false;
    }
    texts.push_back(std::move(text));
  }
  return good;
}

}
