#include "machine/cluster_touches.h"

#include <string>

#include "machine/cluster.h"
#include "machine/marks.h"
#include "machine/releases.h"
#include "machine/shared_memory.h"
#include "machine/touch.h"

namespace sim {

namespace {

Marks<Touch> marks;
Crowds crowds;
uint32_t number;  // of the cluster that runs

template <typename Visit>
inline void each(uintptr_t address, size_t size, Visit visit) {
  size_t offset = shared_offset(address);
  uintptr_t start = address - offset;
  marks.each(offset, offset + size, [&](Touch& touch, size_t at) {
    touch.begin(number);
    visit(touch, start + at);
  });
}

void check_written(const Touch& touch, uintptr_t at, const char* does) {
  if (touch.writers.unit == 0 && touch.held == Held::NOT) {
    fail_thread(CUDA_ERROR_LAUNCH_FAILED, std::string(does) + " " + shared_place(at) + ", that nobody wrote");
  }
}

void tell_and_hear(uintptr_t address, size_t size, bool reads, bool writes, Strength strength) {
  if (reads) {
    hear_at(address, strength);
  }
  if (writes && tell_at(address, strength, reads)) {
    each(address, size, [](Touch& touch, uintptr_t) { touch.tells = true; });
  }
}

}

void forget_cluster_touches() {
  marks.make(SHARED_SPACE_OF_A_BLOCK * MOST_BLOCKS_OF_A_CLUSTER);
  number++;
  crowds.forget();
}

void check_cluster_touch(uintptr_t address, size_t size, bool writes, Strength strength) {
  const Toucher now(writes, strength);
  each(address, size, [&](Touch& touch, uintptr_t at) {
    if (writes) {
      touch_to_write(touch, crowds, at, now, "writes");
    } else {
      check_written(touch, at, "reads");
      touch_to_read(touch, crowds, at, now);
    }
  });
  if (strength != Strength::WEAK) {
    tell_and_hear(address, size, !writes, writes, strength);
  }
}

void check_cluster_change(uintptr_t address, size_t size, Strength strength) {
  Toucher now(true, strength);
  now.changes = true;
  each(address, size, [&](Touch& touch, uintptr_t at) {
    check_written(touch, at, "changes");
    touch_to_write(touch, crowds, at, now, "changes");
  });
  tell_and_hear(address, size, true, true, strength);
}

void set_cluster_copy(uintptr_t address, size_t size, bool under_way) {
  each(address, size, [&](Touch& touch, uintptr_t) { touch.held = under_way ? Held::COPY : Held::NOT; });
}

void begin_send(uintptr_t address, size_t size) {
  const Toucher now(true, Strength::WEAK, false);
  each(address, size, [&](Touch& touch, uintptr_t at) {
    touch_to_write(touch, crowds, at, now, "sends to");
    touch.held = Held::SEND;
  });
}

void end_send(uintptr_t address, size_t size, unsigned actor, uint32_t moment) {
  each(address, size, [&](Touch& touch, uintptr_t) {
    touch.held = Held::NOT;
    touch.writers = Trace(cluster->unit, moment, actor, Strength::WEAK);
  });
}

void make_untouchable(uintptr_t address, size_t size) {
  each(address, size, [&](Touch& touch, uintptr_t) { touch.held = Held::BARRIER; });
}

void make_touchable(uintptr_t address, size_t size) {
  each(address, size, [&](Touch& touch, uintptr_t) { touch.held = Held::NOT; });
}

}
