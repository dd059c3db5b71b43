#include "machine/order/cluster_shadow.h"

#include <string>

#include "machine/cluster.h"
#include "machine/order/quick_access.h"
#include "machine/order/releases.h"
#include "machine/remarks.h"
#include "machine/shared_memory.h"

namespace sim {

Shadow<AccessHistory> shared_shadow;
Crowds shared_crowds;

namespace {

uint32_t last_number;

template <typename Visit>
inline void each(uintptr_t address, size_t size, Visit visit) {
  size_t offset = shared_offset_of_all(address);
  uintptr_t start = address - offset;
  shared_shadow.each(offset, offset + size, [&](AccessHistory& history, size_t at) {
    history.begin(cluster->number);
    visit(history, start + at);
  });
}

bool is_unwritten(const AccessHistory& history) {
  return history.writers.unit == 0 && history.held == Held::NOT;
}

void hear_and_tell(uintptr_t address, size_t size, bool reads, bool writes, Strength strength) {
  if (sim::hear_and_tell(address, strength, reads, writes)) {
    each(address, size, [](AccessHistory& history, uintptr_t) { history.tells = true; });
  }
}

}

uint32_t begin_cluster_shadow(bool alone) {
  shared_shadow.make(SHARED_SPACE_OF_A_BLOCK * MOST_BLOCKS_TOGETHER);
  if (alone) {
    shared_crowds.forget();
  }
  return ++last_number;
}

void check_cluster_access(uintptr_t address, size_t size, bool writes, Strength strength) {
  const Accessor now(writes, strength);
  each(address, size, [&](AccessHistory& history, uintptr_t at) {
    watch(at, writes);
    if (writes) {
      bool plain = strength == Strength::WEAK && history.flags() == 0;
      if (!plain || !quickly_written(history, now.record, now.knows)) {
        check_write_of(history, shared_crowds, at, now, "writes");
      }
    } else {
      if (is_unwritten(history)) {
        read_unwritten(shared_place(at));
      }
      check_read_of(history, shared_crowds, at, now);
    }
  });
  if (strength != Strength::WEAK) {
    hear_and_tell(address, size, !writes, writes, strength);
  }
}

void check_cluster_change(uintptr_t address, size_t size, Strength strength) {
  Accessor now(true, strength);
  now.changes = true;
  each(address, size, [&](AccessHistory& history, uintptr_t at) {
    watch(at, true);
    if (is_unwritten(history)) {
      fail_thread(Flaw::UNWRITTEN, "changes " + shared_place(at) + ", that nobody wrote");
    }
    check_write_of(history, shared_crowds, at, now, "changes");
  });
  hear_and_tell(address, size, true, true, strength);
}

void set_cluster_copy(uintptr_t address, size_t size, bool under_way) {
  each(address, size, [&](AccessHistory& history, uintptr_t) { history.held = under_way ? Held::COPY : Held::NOT; });
}

void begin_send(uintptr_t address, size_t size) {
  const Accessor now(true, Strength::WEAK, false);
  each(address, size, [&](AccessHistory& history, uintptr_t at) {
    check_write_of(history, shared_crowds, at, now, "sends to");
    history.held = Held::SEND;
  });
}

void end_send(uintptr_t address, size_t size, unsigned actor, uint32_t moment) {
  each(address, size, [&](AccessHistory& history, uintptr_t) {
    history.held = Held::NOT;
    history.writers = AccessRecord(cluster->unit, moment, actor, Strength::WEAK);
  });
}

void make_inaccessible(uintptr_t address, size_t size) {
  each(address, size, [&](AccessHistory& history, uintptr_t) { history.held = Held::BARRIER; });
}

void make_accessible(uintptr_t address, size_t size) {
  each(address, size, [&](AccessHistory& history, uintptr_t) { history.held = Held::NOT; });
}

}
