#include "memory/journal.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>

#include "memory/limit.h"

namespace sim {

uint64_t journal_number;

namespace {

constexpr size_t MARKS = PAGE / 2, CHUNK = 64;

using Bytes = std::array<uint8_t, PAGE>;
using Marked = std::array<uint8_t, MARKS>;

struct Whole {
  Bytes bytes;
  Marked marks;
};

// A result is kept as a sum of each chunk, which serves as long as nothing differs, or whole.
struct SavedPage {
  Allocation* allocation;
  size_t offset;
  size_t size;
  std::unique_ptr<Bytes> before;
  std::unique_ptr<Marked> marks_before;  // where they are not all like the first
  std::unique_ptr<Whole> whole_result;
  uint8_t first_mark;
  std::array<uint64_t, PAGE / CHUNK> result;

  uint8_t* bytes() const { return reinterpret_cast<uint8_t*>(allocation->start + offset); }
  uint8_t* marks() const { return allocation->written.page(offset); }
  size_t marks_size() const { return (size + 1) / 2; }
};

std::deque<SavedPage> saved_pages;

// Of a chunk's bytes and of which of them are written.
uint64_t sum_of(const SavedPage& page, size_t chunk) {
  uint64_t sum = 0;
  auto add = [&](const uint8_t* from, size_t size, uint64_t keep) {
    for (size_t i = 0; i < size; i += sizeof sum) {
      uint64_t word = 0;
      std::memcpy(&word, from + i, std::min(sizeof word, size - i));
      sum = ((sum ^ (keep ? (word | word >> 1 | word >> 2 | word >> 3) & keep : word)) + 0x9e3779b97f4a7c15u) *
            0xbf58476d1ce4e5b9u;
      sum ^= sum >> 29;
    }
  };
  size_t size = std::min(CHUNK, page.size - chunk * CHUNK);
  add(page.bytes() + chunk * CHUNK, size, 0);
  add(page.marks() + chunk * CHUNK / 2, (size + 1) / 2, 0x1111111111111111);
  return sum;
}

void keep_result_of(SavedPage& page, bool whole) {
  for (size_t chunk = 0; chunk * CHUNK < page.size; chunk++) {
    page.result[chunk] = sum_of(page, chunk);
  }
  if (whole) {
    page.whole_result = std::make_unique<Whole>();
    std::memcpy(page.whole_result->bytes.data(), page.bytes(), page.size);
    std::memcpy(page.whole_result->marks.data(), page.marks(), page.marks_size());
  }
}

size_t difference_in(const SavedPage& page, size_t from) {
  for (size_t i = from; page.whole_result && i < std::min(from + CHUNK, page.size); i++) {
    unsigned half = i % 2 * 4;
    bool written = page.marks()[i / 2] >> half & 15, was = page.whole_result->marks[i / 2] >> half & 15;
    if (page.bytes()[i] != page.whole_result->bytes[i] || written != was) {
      return i;
    }
  }
  return from;
}

}

void open_journal(uint64_t launch_number) {
  journal_number = launch_number;
}

void save_page(Allocation& allocation, size_t page) {
  allocation.saved_in[page] = journal_number;
  grow(PAGE);
  saved_pages.emplace_back();
  SavedPage& saved = saved_pages.back();
  saved.allocation = &allocation;
  saved.offset = page * PAGE;
  saved.size = std::min(PAGE, allocation.size - saved.offset);
  saved.before = std::make_unique<Bytes>();
  std::memcpy(saved.before->data(), saved.bytes(), saved.size);
  const uint8_t* marks = saved.marks();
  saved.first_mark = *marks;
  bool alike = *marks % 16 == *marks / 16 && std::memcmp(marks, marks + 1, saved.marks_size() - 1) == 0;
  if (!alike) {
    saved.marks_before = std::make_unique<Marked>();
    std::memcpy(saved.marks_before->data(), marks, saved.marks_size());
  }
  // If only a later order writes a page, the first order's result there is the old content.
  keep_result_of(saved, false);
}

void keep_result(bool whole) {
  for (SavedPage& page : saved_pages) {
    keep_result_of(page, whole);
  }
}

Address first_difference() {
  for (const SavedPage& page : saved_pages) {
    for (size_t chunk = 0; chunk * CHUNK < page.size; chunk++) {
      if (sum_of(page, chunk) != page.result[chunk]) {
        return page.allocation->start + page.offset + difference_in(page, chunk * CHUNK);
      }
    }
  }
  return 0;
}

void rewind_journal() {
  for (const SavedPage& page : saved_pages) {
    std::memcpy(page.bytes(), page.before->data(), page.size);
    if (page.marks_before) {
      std::memcpy(page.marks(), page.marks_before->data(), page.marks_size());
    } else {
      std::memset(page.marks(), page.first_mark, page.marks_size());
    }
  }
}

long long digest_of_changes() {
  uint64_t sum = 0;
  for (const SavedPage& page : saved_pages) {
    uint64_t hash = page.offset + 1;
    for (size_t i = 0; i < page.size; i++) {
      if (page.bytes()[i] != (*page.before)[i]) {
        hash = (hash ^ (i << 8 | page.bytes()[i])) * 0x100000001b3;  // as FNV-1a does
      }
    }
    sum += hash;
  }
  return static_cast<long long>(sum);
}

void close_journal() {
  saved_pages.clear();
  journal_number = 0;
}

}
