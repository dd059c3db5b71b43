#include "machine/order/global_shadow.h"

#include <string>

#include "machine/launch.h"
#include "machine/order/access_history.h"
#include "machine/order/releases.h"
#include "machine/order/shadow.h"

namespace sim {

struct GlobalShadow {
  Shadow<AccessHistory> of_words;
};

namespace {

Crowds crowds;

template <typename Visit>
inline void each(Allocation& allocation, Address address, size_t size, Visit visit) {
  if (!allocation.shadow) {
    allocation.shadow = std::make_shared<GlobalShadow>();
    allocation.shadow->of_words.make((allocation.size + 3) / 4 * 4);
  }
  size_t offset = address - allocation.start;
  uint32_t run = cluster->first_unit;
  allocation.shadow->of_words.each(offset, offset + size, [&](AccessHistory& history, size_t at) {
    history.begin(run);
    visit(history, allocation.start + at);
  });
}

void tell_and_hear(Allocation& allocation, Address address, size_t size, bool reads, bool writes, Strength strength) {
  if (reads) {
    hear_at(address, strength);
  }
  if (writes && tell_at(address, strength, reads)) {
    each(allocation, address, size, [](AccessHistory& history, Address) { history.tells = true; });
  }
}

}

void forget_global_shadow() {
  crowds.forget();
  forget_releases();
}

void check_global_access(Allocation& allocation, Address address, size_t size, bool writes, Strength strength) {
  const Accessor now(writes, strength);
  each(allocation, address, size, [&](AccessHistory& history, Address at) {
    if (writes) {
      check_write_of(history, crowds, at, now, "writes");
    } else {
      check_read_of(history, crowds, at, now);
    }
  });
  if (strength != Strength::WEAK) {
    tell_and_hear(allocation, address, size, !writes, writes, strength);
  }
}

void check_global_change(Allocation& allocation, Address address, size_t size, Strength strength) {
  Accessor now(true, strength);
  now.changes = true;
  each(allocation, address, size,
       [&](AccessHistory& history, Address at) { check_write_of(history, crowds, at, now, "changes"); });
  tell_and_hear(allocation, address, size, true, true, strength);
}

bool is_written_in_launch(Allocation& allocation, Address address, size_t size) {
  bool written = false;
  each(allocation, address, size, [&](AccessHistory& history, Address) { written |= history.writers.unit != 0; });
  return written;
}

void check_constant_read(Allocation& allocation, Address address, size_t size) {
  each(allocation, address, size, [&](AccessHistory& history, Address at) {
    if (history.writers.unit != 0) {
      fail_thread(Flaw::RACE, "ld.global.nc reads " + place_of(at) + ", which the same launch writes");
    }
    history.constant = true;
  });
}

}
