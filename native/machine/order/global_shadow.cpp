#include "machine/order/global_shadow.h"

#include <string>

#include "machine/early_launch.h"
#include "machine/launch.h"
#include "machine/order/access_history.h"
#include "machine/order/packed_records.h"
#include "machine/order/releases.h"
#include "machine/order/replay.h"
#include "machine/order/strong_stores.h"
#include "memory/access_pages.h"
#include "memory/footprint.h"
#include "memory/journal.h"
#include "memory/limit.h"
#include "memory/state.h"

namespace sim {

namespace {

Crowds crowds;
PackedRecords records;

// The thread that accesses device memory, and its record.
struct Now {
  Accessor accessor;
  uint32_t packed;

  Now(bool writes, Strength strength)
      : accessor(writes, strength), packed(records.pack_one(accessor.record)) {}
};

// Where a launch is so large that there is no room for more records, those so far are forgotten.
void make_room() {
  if (records.full() || crowds.full()) {
    forget_accesses();
    crowds.forget();
    records.forget(cluster->knowledge.size());
  }
}

AccessHistory history_of(const AccessPage& page, size_t i) {
  AccessHistory history;
  history.writers = records.unpack(page.of[WRITERS][i], crowds);
  history.readers = records.unpack(page.of[READERS][i], crowds);
  history.set_flags(uint8_t(page.of[FLAGS][i]));
  return history;
}

void keep(AccessPage& page, size_t i, const AccessHistory& history) {
  note(page, WRITERS, i, records.pack(history.writers));
  note(page, READERS, i, records.pack(history.readers));
  note(page, FLAGS, i, history.flags());
}

template <typename Visit>
void each(Allocation& allocation, Address address, size_t size, Visit visit) {
  each_element(allocation, address - allocation.start, size, [&](AccessPage& page, size_t i, size_t at) {
    AccessHistory history = history_of(page, i);
    visit(history, allocation.start + at);
    keep(page, i, history);
  });
}

// Most accesses find bytes that nobody else has written, or that a thread wrote whose writes this one sees.
inline bool quickly_read(AccessPage& page, size_t i, const Now& now) {
  uint32_t writer = page.of[WRITERS][i], reader = page.of[READERS][i];
  if (writer != 0 && writer != now.packed) {
    if (PackedRecords::many(writer)) {
      return false;
    }
    AccessRecord one = records.unpack(writer, crowds);
    if (one.unit != now.accessor.record.unit || !now.accessor.sees(one)) {
      return false;
    }
  }
  if (reader != 0 && reader != now.packed) {
    AccessRecord many = records.unpack(reader, crowds);
    if (!(PackedRecords::many(reader) && crowds.quickly_added(many, now.accessor.record)) &&
        !crowds.added_after_unseen(many, now.accessor)) {
      return false;
    }
    note(page, READERS, i, records.pack(many));
    return true;
  }
  note(page, READERS, i, now.packed);
  return true;
}

inline bool quickly_written(AccessPage& page, size_t i, const Now& now) {
  uint32_t writer = page.of[WRITERS][i], reader = page.of[READERS][i];
  if ((writer != 0 && writer != now.packed) || (reader != 0 && reader != now.packed)) {
    return false;
  }
  note(page, READERS, i, 0);
  note(page, WRITERS, i, now.packed);
  return true;
}

void hear_and_tell(Allocation& allocation, Address address, size_t size, bool reads, bool writes, Strength strength) {
  keep_to_one_process();
  if (sim::hear_and_tell(address, strength, reads, writes)) {
    each(allocation, address, size, [](AccessHistory& history, Address) { history.tells = true; });
  }
}

}

void forget_global_shadow(size_t actors) {
  records.forget(actors);
  crowds.forget();
  forget_releases();
  forget_strong_stores();
}

void check_global_access(Allocation& allocation, Address address, size_t size, bool writes, Strength strength) {
  make_room();
  const Now now(writes, strength);
  bool weak = strength == Strength::WEAK;
  each_element(allocation, address - allocation.start, size, [&](AccessPage& page, size_t i, size_t at) {
    watch(allocation.start + at, writes);
    bool plain = weak && page.of[FLAGS][i] == 0;
    if (plain && (writes ? quickly_written(page, i, now) : quickly_read(page, i, now))) {
      return;
    }
    AccessHistory history = history_of(page, i);
    if (writes) {
      check_write_of(history, crowds, allocation.start + at, now.accessor, "writes");
    } else {
      check_read_of(history, crowds, allocation.start + at, now.accessor);
    }
    keep(page, i, history);
  });
  if (!weak) {
    (writes ? note_strong_store : note_strong_read)(address, now.accessor, true);
    hear_and_tell(allocation, address, size, !writes, writes, strength);
  }
}

void check_global_change(Allocation& allocation, Address address, size_t size, Strength strength) {
  make_room();
  Accessor now(true, strength);
  now.changes = true;
  each(allocation, address, size, [&](AccessHistory& history, Address at) {
    watch(at, true);
    check_write_of(history, crowds, at, now, "changes");
  });
  note_strong_read(address, now, false);
  note_strong_store(address, now, false);
  hear_and_tell(allocation, address, size, true, true, strength);
}

template <size_t size>
__attribute__((flatten)) bool quickly_accessed(Address address, bool writes) {
  Allocation* allocation = allocation_at(address);
  size_t offset = allocation ? address - allocation->start : 0;
  if (!allocation || offset + size > allocation->size || footprint_noted || overlap || watched != 0 ||
      records.full() || crowds.full()) {
    return false;
  }
  AccessPage* page = allocation->accesses[offset / PAGE];
  bool saved = journal_number == 0 || allocation->saved_in[offset / PAGE] == journal_number;
  if (!page || page->shift != 2 || page->count[FLAGS] != 0 ||
      (writes ? allocation->constant || !saved : !allocation->written.all(offset, size))) {
    return false;
  }
  const Now now(writes, Strength::WEAK);
  for (size_t i = offset % PAGE / 4, end = i + size / 4; i < end; i++) {
    if (!(writes ? quickly_written(*page, i, now) : quickly_read(*page, i, now))) {
      return false;
    }
  }
  if (traffic) {
    (writes ? traffic->bytes_written : traffic->bytes_read) += size;
  }
  if (writes) {
    allocation->written.set(offset, size, size);
  }
  return !over_limit;
}
template bool quickly_accessed<4>(Address address, bool writes);
template bool quickly_accessed<8>(Address address, bool writes);
template bool quickly_accessed<16>(Address address, bool writes);

bool is_written_in_launch(Allocation& allocation, Address address, size_t size) {
  bool written = false;
  each(allocation, address, size, [&](AccessHistory& history, Address) { written |= history.writers.unit != 0; });
  return written;
}

bool is_strongly_written(Allocation& allocation, Address address, size_t size) {
  bool strongly = true;
  each(allocation, address, size, [&](AccessHistory& history, Address) {
    const AccessRecord& writers = history.writers;
    strongly &= writers.unit != 0 && (writers.many || writers.strength == Strength::GPU);
  });
  return strongly;
}

void check_constant_read(Allocation& allocation, Address address, size_t size) {
  AccessHistory constant;
  constant.constant = true;
  each_element(allocation, address - allocation.start, size, [&](AccessPage& page, size_t i, size_t at) {
    if (page.of[WRITERS][i] != 0) {
      fail_thread(Flaw::RACE, "ld.global.nc reads " + place_of(allocation.start + at) +
                                  ", which the same launch writes",
                  "Read it without __ldg() and const __restrict__");
    }
    note(page, FLAGS, i, page.of[FLAGS][i] | constant.flags());
  });
}

}
