#include "memory/journal.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace sim {

namespace {

struct Image {
  uint8_t bytes[PAGE];
  uint8_t written[PAGE];
};

struct Page {
  Allocation* allocation;
  size_t offset;
  size_t size;
  Image before;
  Image result;

  uint8_t* bytes() const { return reinterpret_cast<uint8_t*>(allocation->start + offset); }
  uint8_t* written() const { return allocation->written.get() + offset; }

  void store(Image& image) const {
    std::memcpy(image.bytes, bytes(), size);
    std::memcpy(image.written, written(), size);
  }
  void load(const Image& image) const {
    std::memcpy(bytes(), image.bytes, size);
    std::memcpy(written(), image.written, size);
  }
};

std::vector<Page> pages;
uint64_t number;

}

void open_journal(uint64_t launch_number) {
  number = launch_number;
}

void save_before_write(Allocation& allocation, size_t offset, size_t size) {
  for (size_t page = offset / PAGE; page <= (offset + size - 1) / PAGE; page++) {
    if (allocation.saved_in[page] != number) {
      allocation.saved_in[page] = number;
      pages.push_back({&allocation, page * PAGE, std::min(PAGE, allocation.size - page * PAGE), {}, {}});
      // A page that only a later order writes was left alone by the first: its result is what it held before.
      pages.back().store(pages.back().before);
      pages.back().store(pages.back().result);
    }
  }
}

void keep_result_and_rewind() {
  for (Page& page : pages) {
    page.store(page.result);
    page.load(page.before);
  }
}

Address first_difference() {
  for (const Page& page : pages) {
    for (size_t i = 0; i < page.size; i++) {
      if (page.bytes()[i] != page.result.bytes[i] || !page.written()[i] != !page.result.written[i]) {
        return page.allocation->start + page.offset + i;
      }
    }
  }
  return 0;
}

void rewind_journal() {
  for (const Page& page : pages) {
    page.load(page.before);
  }
}

long long digest_of_changes() {
  uint64_t sum = 0;
  for (const Page& page : pages) {
    uint64_t hash = page.offset + 1;
    for (size_t i = 0; i < page.size; i++) {
      if (page.bytes()[i] != page.before.bytes[i]) {
        hash = (hash ^ (i << 8 | page.bytes()[i])) * 0x100000001b3;  // as FNV-1a does
      }
    }
    sum += hash;
  }
  return static_cast<long long>(sum);
}

void close_journal() {
  pages.clear();
}

}
