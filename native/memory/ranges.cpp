#include "memory/ranges.h"

#include <algorithm>
#include <cstring>

#include "memory/footprint.h"
#include "memory/findings.h"
#include "memory/state.h"

namespace sim {

namespace {

// More is not looked at: a workspace of many megabytes would cost more than the product.
constexpr size_t SPOILT = 1 << 20;

std::string words(const Range& range) {
  return range.name + ": " + bytes_at(range.start, range.span());
}

// Rows of equal pitch may lie side by side.
bool overlap(const Range& a, const Range& b) {
  if (a.start > b.start) {
    return overlap(b, a);
  }
  if (a.start + a.span() <= b.start) {
    return false;
  }
  size_t across = a.pitch == b.pitch && a.pitch != 0 ? (b.start - a.start) % a.pitch : 0;
  return across < a.bytes || across + b.bytes > a.pitch;
}

std::string overlapping(const Ranges& ranges) {
  for (const Range& one : ranges) {
    for (const Range& other : ranges) {
      bool changed = one.writes() || one.use == Use::SCRATCH;
      if (&one != &other && changed && other.use != Use::HELD && one.span() && other.span() && overlap(one, other)) {
        return one.name + " overlaps " + other.name;
      }
    }
  }
  return "";
}

void note(const Range& range) {
  for (size_t i = 0; range.use != Use::HELD && range.bytes > 0 && i < range.rows; i++) {
    Address row = range.start + i * range.pitch;
    if (range.reads()) {
      note_access(row, range.bytes, false);
    }
    if (range.writes() || range.use == Use::SCRATCH) {
      note_access(row, range.bytes, true);
    }
  }
}

template <typename Visit>
void each_row(const Ranges& ranges, const std::string& name, Visit visit) {
  for (const Range& range : ranges) {
    for (size_t i = 0; range.name == name && range.use != Use::HELD && i < range.rows; i++) {
      visit(reinterpret_cast<const char*>(range.start + i * range.pitch), range.bytes);
    }
  }
}

bool written(const char* call, const Range& range, const Allocation& allocation) {
  for (size_t i = 0; i < range.rows; i++) {
    std::string hole = unwritten(allocation, range.start + i * range.pitch, range.bytes);
    std::string read = std::string(call) + ": " + range.name + ": read of ";
    if (!hole.empty() && fail_context(Flaw::UNWRITTEN, call, read + hole) != CUDA_SUCCESS) {
      return false;
    }
  }
  return true;
}

}

std::string misplaced(const Ranges& ranges) {
  for (const Range& range : ranges) {
    if (range.span() == 0) {
      continue;
    }
    if (!allocation_of(range.start, range.span())) {
      return words(range) + ", " + describe(range.start, range.span());
    }
    if (range.start % range.alignment != 0) {
      return words(range) + ", which is not aligned to " + std::to_string(range.alignment);
    }
  }
  return overlapping(ranges);
}

bool usable(const char* call, const Ranges& ranges) {
  for (const Range& range : ranges) {
    Allocation* allocation = range.span() == 0 ? nullptr : allocation_of(range.start, range.span());
    if (range.span() != 0 && !allocation) {
      fail_context(Flaw::USE_AFTER_FREE, call, std::string(call) + ": " + words(range) + ", " +
                                                   describe(range.start, range.span()) + ": freed before it ran");
      return false;
    }
    if (allocation && range.reads() && !written(call, range, *allocation)) {
      return false;
    }
    note(range);
  }
  return true;
}

void leave(const Ranges& ranges) {
  for (const Range& range : ranges) {
    Allocation* allocation = range.span() == 0 ? nullptr : allocation_of(range.start, range.span());
    if (!allocation) {
      continue;
    }
    for (size_t i = 0; range.writes() && i < range.rows; i++) {
      mark_written(*allocation, range.start + i * range.pitch, range.bytes);
    }
    if (range.use == Use::SCRATCH) {
      size_t spoilt = std::min(range.bytes, SPOILT);
      std::memset(reinterpret_cast<void*>(range.start), 0xff, spoilt);
      allocation->written.set(range.start - allocation->start, spoilt, 0);
    }
  }
}

uint64_t fingerprint(const Ranges& ranges, const std::string& name) {
  uint64_t print = 0;
  each_row(ranges, name, [&](const char* row, size_t bytes) {
    for (size_t at = 0; at < bytes; at += 8) {
      uint64_t word = 0;
      std::memcpy(&word, row + at, std::min<size_t>(8, bytes - at));
      print = ((print ^ word) + 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;
      print ^= print >> 29;
    }
  });
  return print;
}

bool all_zero(const Ranges& ranges, const std::string& name) {
  bool zero = true;
  each_row(ranges, name, [&](const char* row, size_t bytes) {
    zero = zero && *row == 0 && std::memcmp(row, row + 1, bytes - 1) == 0;
  });
  return zero;
}

}
