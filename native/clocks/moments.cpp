#include "clocks/moments.h"

#include <algorithm>

namespace sim {

namespace {

uint64_t last_version;

}

void Moments::make_own(size_t size) {
  if (!row.only_holder()) {
    auto* copy = new Row;
    copy->at.reserve(std::max(size, row ? row->at.size() : 0));
    if (row) {
      copy->at = row->at;
    }
    row = Reference<Row>(copy);
  }
  row->version = ++last_version;
  if (row->at.size() < size) {
    row->at.resize(size);
  }
}

void Moments::raise(unsigned actor, uint32_t moment) {
  if (of(actor) < moment) {
    make_own(actor + 1);
    row->at[actor] = moment;
  }
}

void Moments::join(const Moments& other) {
  if (row == other.row || !other.row) {
    return;
  }
  if (!row) {
    row = other.row;
    return;
  }
  size_t mine = row->at.size(), others = other.row->at.size(), both = std::min(mine, others);
  const uint32_t* a = row->at.data();
  const uint32_t* b = other.row->at.data();
  bool more = mine > others, less = mine < others;
  for (size_t i = 0; i < both; i++) {
    more |= a[i] > b[i];
    less |= a[i] < b[i];
  }
  if (!less) {
    return;
  }
  if (!more) {
    row = other.row;
    return;
  }
  make_own(others);
  uint32_t* to = row->at.data();
  for (size_t i = 0; i < others; i++) {
    to[i] = std::max(to[i], b[i]);
  }
}

void Moments::join_outside(const Moments& other, unsigned from, unsigned to) {
  Moments rest = other;
  for (unsigned actor = from; actor < to && row != other.row; actor++) {
    if (rest.of(actor) > of(actor)) {
      rest.make_own(actor + 1);
      rest.row->at[actor] = of(actor);
    }
  }
  join(rest);
}

}
