// The running launch's accesses to device memory, by the pages that it has touched: 32-bit words for each element of 4
// bytes, or of fewer bytes in a page with smaller accesses. The checks define the words' meaning; 0 means no access.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "memory/memory.h"

namespace sim {

// FLAGS are other facts of interpreted kernels. Those in C++ have no atomic operations.
enum Accesses { WRITERS, READERS, FLAGS, KINDS };

struct AccessPage {
  uint32_t* of[KINDS];     // shared zeros until the first record
  unsigned count[KINDS];   // of the words that are not 0
  unsigned shift;          // an element has 1 << shift bytes
  AccessPage** slot;       // that points here; null once its allocation is gone
};

AccessPage& make_access_page(Allocation& allocation, size_t page);
// Splits a page's elements into smaller ones, each with the larger element's words.
void split(AccessPage& page, unsigned shift);
// note_first allocates the words of a kind for its first record; note_none frees them after the last.
void note_first(AccessPage& page, Accesses kind);
void note_none(AccessPage& page, Accesses kind);

inline void note(AccessPage& page, Accesses kind, size_t i, uint32_t value) {
  uint32_t before = page.of[kind][i];
  if (before == value) {
    return;
  }
  if (page.count[kind] == 0) {
    note_first(page, kind);
  }
  page.of[kind][i] = value;
  page.count[kind] += (value != 0) - (before != 0);
  if (page.count[kind] == 0) {
    note_none(page, kind);
  }
}

// Forgets all accesses, or those to an allocation that is freed.
void forget_accesses();
void forget_accesses(Allocation& allocation);

// Calls `visit` with page, element and offset of each element in a range.
template <typename Visit>
inline void each_element(Allocation& allocation, size_t from, size_t size, Visit visit) {
  size_t to = from + size, edges = from | to;
  unsigned shift = edges % 4 == 0 ? 2 : edges % 2 == 0 ? 1 : 0;
  for (size_t at = from; at < to;) {
    AccessPage* found = allocation.accesses[at / PAGE];
    AccessPage& page = found ? *found : make_access_page(allocation, at / PAGE);
    if (page.shift > shift) {
      split(page, shift);
    }
    size_t step = size_t(1) << page.shift;
    for (size_t end = std::min(to, (at / PAGE + 1) * PAGE); at < end; at += step) {
      visit(page, at % PAGE >> page.shift, at);
    }
  }
}

}
