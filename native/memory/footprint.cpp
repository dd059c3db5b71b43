#include "memory/footprint.h"

#include <algorithm>
#include <array>
#include <map>

namespace sim {

bool footprint_noted;

namespace {

constexpr uint8_t READ = 1, WRITTEN = 2, STRONG = 4;

// An access of more bytes than this stays whole.
constexpr size_t SMALL = 16;

using BytePage = std::array<uint8_t, PAGE>;

std::map<Address, BytePage> written_bytes;
Footprint large;

// The extents used last, by their number: a kernel goes through several arrays side by side.
constexpr size_t RECENT = 64;

struct Recent {
  Address start = 0;
  BytePage* page = nullptr;
};
std::array<Recent, RECENT> recent;

BytePage& page_at(Address start) {
  Recent& one = recent[start / PAGE % RECENT];
  if (one.start != start) {
    one = {start, &written_bytes[start]};
  }
  return *one.page;
}

std::vector<Extent> in_order(std::vector<Extent> extents, uint8_t how) {
  for (const auto& [start, page] : written_bytes) {
    for (size_t i = 0; i < PAGE; i++) {
      if (page[i] & how) {
        Extent extent{start + i, start + i};
        while (i < PAGE && page[i] & how) {
          extent.end = start + ++i;
        }
        extents.push_back(extent);
      }
    }
  }
  std::sort(extents.begin(), extents.end(), [](const Extent& a, const Extent& b) { return a.start < b.start; });
  std::vector<Extent> apart;
  for (const Extent& extent : extents) {
    if (apart.empty() || extent.start > apart.back().end) {
      apart.push_back(extent);
    } else {
      apart.back().end = std::max(apart.back().end, extent.end);
    }
  }
  return apart;
}

Address first_common(const std::vector<Extent>& one, const std::vector<Extent>& other) {
  for (auto a = one.begin(), b = other.begin(); a != one.end() && b != other.end();) {
    Address start = std::max(a->start, b->start);
    if (start < std::min(a->end, b->end)) {
      return start;
    }
    a->end < b->end ? ++a : ++b;
  }
  return 0;
}

}

void begin_footprint() {
  footprint_noted = true;
}

Footprint end_footprint() {
  Footprint footprint{in_order(std::move(large.read), READ), in_order(std::move(large.written), WRITTEN),
                      in_order({}, STRONG)};
  written_bytes.clear();
  large = Footprint();
  recent.fill(Recent());
  footprint_noted = false;
  return footprint;
}

void add_to_footprint(Address address, size_t size, bool writes, bool strong) {
  if (size > SMALL) {
    (writes ? large.written : large.read).push_back({address, address + size});
    return;
  }
  uint8_t how = uint8_t((writes ? WRITTEN : READ) | (strong ? STRONG : 0));
  for (Address at = address; at < address + size;) {
    size_t offset = at % PAGE, some = std::min(address + size - at, PAGE - offset);
    uint8_t* bytes = page_at(at - offset).data() + offset;
    at += some;
    for (size_t i = 0; i < some; i++) {
      bytes[i] |= how;
    }
  }
}

Address first_conflict(const Footprint& one, const Footprint& other) {
  if (first_common(one.strong, other.strong)) {
    return 0;
  }
  for (Address address : {first_common(one.written, other.written), first_common(one.written, other.read),
                          first_common(one.read, other.written)}) {
    if (address) {
      return address;
    }
  }
  return 0;
}

}
