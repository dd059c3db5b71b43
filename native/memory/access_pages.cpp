#include "memory/access_pages.h"

#include <array>
#include <cstring>
#include <deque>
#include <vector>

#include "memory/limit.h"

namespace sim {

namespace {

constexpr unsigned SHIFTS = 3;
constexpr size_t KEPT = 16 << 20;  // bytes, for launches to come

uint32_t nobody[PAGE];
std::deque<AccessPage> made_pages;
size_t pages_in_use;
// Arrays of zeros, by the size of their elements.
std::array<std::vector<uint32_t*>, SHIFTS> spare;
size_t bytes_spare;

size_t elements(unsigned shift) {
  return PAGE >> shift;
}

uint32_t* take(unsigned shift) {
  if (spare[shift].empty()) {
    return zeros<uint32_t>(elements(shift)).release();
  }
  uint32_t* array = spare[shift].back();
  spare[shift].pop_back();
  bytes_spare -= elements(shift) * sizeof *array;
  return array;
}

// Gives the array back, all zeros.
void leave(uint32_t* array, unsigned shift) {
  size_t bytes = elements(shift) * sizeof *array;
  if (bytes_spare + bytes > KEPT) {
    std::free(array);
  } else {
    spare[shift].push_back(array);
    bytes_spare += bytes;
  }
}

void drop(AccessPage& page, unsigned kind) {
  if (page.count[kind] > 0) {
    std::memset(page.of[kind], 0, elements(page.shift) * sizeof(uint32_t));
    leave(page.of[kind], page.shift);
    page.of[kind] = nobody;
    page.count[kind] = 0;
  }
}

void drop(AccessPage& page) {
  for (unsigned kind = 0; kind < KINDS; kind++) {
    drop(page, kind);
  }
}

}

AccessPage& make_access_page(Allocation& allocation, size_t page) {
  if (pages_in_use == made_pages.size()) {
    made_pages.emplace_back();
  }
  AccessPage& made = made_pages[pages_in_use++];
  grow(PAGE);
  made = {{nobody, nobody, nobody}, {}, 2, &allocation.accesses[page]};
  *made.slot = &made;
  return made;
}

void split(AccessPage& page, unsigned shift) {
  size_t parts = size_t(1) << (page.shift - shift), count = elements(shift);
  for (unsigned kind = 0; kind < KINDS; kind++) {
    if (page.count[kind] > 0) {
      uint32_t* fine = take(shift);
      for (size_t i = 0; i < count; i++) {
        fine[i] = page.of[kind][i / parts];
      }
      unsigned some = page.count[kind] * unsigned(parts);
      drop(page, kind);
      page.of[kind] = fine;
      page.count[kind] = some;
    }
  }
  page.shift = shift;
}

void note_first(AccessPage& page, Accesses kind) {
  page.of[kind] = take(page.shift);
}

void note_none(AccessPage& page, Accesses kind) {
  leave(page.of[kind], page.shift);
  page.of[kind] = nobody;
}

void forget_accesses() {
  for (size_t i = 0; i < pages_in_use; i++) {
    drop(made_pages[i]);
    if (made_pages[i].slot) {
      *made_pages[i].slot = nullptr;
    }
  }
  pages_in_use = 0;
  if (made_pages.size() > KEPT / PAGE) {
    made_pages.clear();
  }
}

void forget_accesses(Allocation& allocation) {
  AccessPage** first = allocation.accesses.get();
  for (size_t i = 0; i < pages_in_use; i++) {
    if (made_pages[i].slot && size_t(made_pages[i].slot - first) < (allocation.size + PAGE - 1) / PAGE) {
      made_pages[i].slot = nullptr;
    }
  }
}

}
