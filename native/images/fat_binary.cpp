#include "images/fat_binary.h"

#include <cstring>

#include "images/decompression.h"

namespace sim {

namespace {

// In a program's memory there is a structure with a pointer to the fat binary itself.
constexpr uint32_t WRAPPED = 0x466243b1, MAGIC = 0xba55ed50;

struct Wrapper {
  uint32_t magic, version;
  const char* fat_binary;
  const void* more;
};

struct Header {
  uint32_t magic;
  uint16_t version, header_size;
  uint64_t size;  // of all that follows
};

// The head of an entry; its content follows. Unused fields are not known, or say nothing about the content.
struct FileEntry {
  uint16_t kind, version;
  uint32_t header_size;
  uint64_t size;             // of the content, with what fills it up to a multiple of 8
  uint32_t compressed_size, unused;
  uint16_t minor, major;
  uint32_t architecture;
  uint64_t name;
  uint64_t flags;
  uint64_t unused_too;
  uint64_t unpacked_size;
};
static_assert(sizeof(FileEntry) == 64, "as it lies in the file");

constexpr uint16_t PTX = 1;
constexpr uint64_t LZ4 = 0x2000, ZSTANDARD = 0x8000, THIS_ONLY = 0x100000, FAMILY = 0x200000;

// No text is so large: a broken size must not take all memory.
constexpr uint64_t LARGEST = 1 << 28;

template <typename T>
bool read_at(const Bytes& from, size_t offset, T& to) {
  if (!from.has(offset, sizeof to)) {
    return false;
  }
  std::memcpy(&to, from.start + offset, sizeof to);
  return true;
}

// PTX runs on every later card, that of sm_90a on this one alone, and that of sm_100f on those of its major version.
bool taken(const FileEntry& entry, int capability) {
  int wanted = int(entry.architecture);
  return entry.flags & THIS_ONLY ? wanted == capability
                                 : wanted <= capability && (!(entry.flags & FAMILY) || wanted / 10 == capability / 10);
}

std::string name_of(const FileEntry& entry) {
  return "sm_" + std::to_string(entry.architecture) + (entry.flags & THIS_ONLY ? "a" : entry.flags & FAMILY ? "f" : "");
}

// False with the reason if the content cannot be read.
bool unpack(const FileEntry& entry, const char* content, std::string& text, std::string& why) {
  bool zstandard = entry.flags & ZSTANDARD, packed = zstandard || entry.flags & LZ4;
  uint64_t size = packed ? entry.unpacked_size : entry.size;
  why = "its compressed PTX is broken";
  if (size > LARGEST || (packed && entry.compressed_size > entry.size)) {
    return false;
  }
  text.assign(packed ? size : 0, '\0');
  if (!packed) {
    text.assign(content, size);
  } else if (zstandard ? !unpack_zstandard(content, entry.compressed_size, text, why)
                       : !unpack_lz4(content, entry.compressed_size, text)) {
    return false;
  }
  text.resize(strnlen(text.data(), text.size()));
  return true;
}

}

bool is_fat_binary(const Bytes& image) {
  uint32_t magic = 0;
  return read_at(image, 0, magic) && (magic == MAGIC || magic == WRAPPED);
}

FatBinary read_fat_binary(const Bytes& image, int capability) {
  FatBinary found;
  Bytes whole = image;
  Wrapper wrapper;
  Header header{};
  if (read_at(image, 0, wrapper) && wrapper.magic == WRAPPED) {
    whole = {wrapper.fat_binary};
  }
  if (!read_at(whole, 0, header) || header.magic != MAGIC || !whole.has(header.header_size, header.size)) {
    found.trouble = "the fat binary is cut off";
    return found;
  }
  Bytes entries{whole.start + header.header_size, header.size};
  uint32_t best = 0;
  for (size_t offset = 0; offset < header.size;) {
    FileEntry entry;
    if (!read_at(entries, offset, entry) || entry.header_size < sizeof entry ||
        !entries.has(offset + entry.header_size, entry.size)) {
      found.trouble = "the fat binary is broken: an entry goes past its end";
      return found;
    }
    const char* content = entries.start + offset + entry.header_size;
    offset += entry.header_size + entry.size;
    if (entry.kind != PTX) {
      found.has_code = true;
    } else if (!taken(entry, capability)) {
      found.others += (found.others.empty() ? "" : ", ") + name_of(entry);
    } else if (!found.fits || entry.architecture > best) {
      std::string why;
      if (!unpack(entry, content, found.text, why)) {
        found.trouble = "the fat binary cannot be read: " + why;
        return found;
      }
      found.fits = true;
      best = entry.architecture;
    }
  }
  return found;
}

}
