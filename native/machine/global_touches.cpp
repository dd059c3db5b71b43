#include "machine/global_touches.h"

#include <string>

#include "machine/launch.h"
#include "machine/marks.h"
#include "machine/releases.h"
#include "machine/touch.h"

namespace sim {

struct GlobalMarks {
  Marks<Touch> of_words;
};

namespace {

Crowds crowds;

template <typename Visit>
inline void each(Allocation& allocation, Address address, size_t size, Visit visit) {
  if (!allocation.touches) {
    allocation.touches = std::make_shared<GlobalMarks>();
    allocation.touches->of_words.make((allocation.size + 3) / 4 * 4);
  }
  size_t offset = address - allocation.start;
  uint32_t run = cluster->first_unit;
  allocation.touches->of_words.each(offset, offset + size, [&](Touch& touch, size_t at) {
    touch.begin(run);
    visit(touch, allocation.start + at);
  });
}

void tell_and_hear(Allocation& allocation, Address address, size_t size, bool reads, bool writes, Strength strength) {
  if (reads) {
    hear_at(address, strength);
  }
  if (writes && tell_at(address, strength, reads)) {
    each(allocation, address, size, [](Touch& touch, Address) { touch.tells = true; });
  }
}

}

void forget_global_touches() {
  crowds.forget();
  forget_releases();
}

void check_global_touch(Allocation& allocation, Address address, size_t size, bool writes, Strength strength) {
  const Toucher now(writes, strength);
  each(allocation, address, size, [&](Touch& touch, Address at) {
    if (writes) {
      touch_to_write(touch, crowds, at, now, "writes");
    } else {
      touch_to_read(touch, crowds, at, now);
    }
  });
  if (strength != Strength::WEAK) {
    tell_and_hear(allocation, address, size, !writes, writes, strength);
  }
}

void check_global_change(Allocation& allocation, Address address, size_t size, Strength strength) {
  Toucher now(true, strength);
  now.changes = true;
  each(allocation, address, size,
       [&](Touch& touch, Address at) { touch_to_write(touch, crowds, at, now, "changes"); });
  tell_and_hear(allocation, address, size, true, true, strength);
}

void check_constant_touch(Allocation& allocation, Address address, size_t size) {
  each(allocation, address, size, [&](Touch& touch, Address at) {
    if (touch.writers.unit != 0) {
      fail_thread(CUDA_ERROR_LAUNCH_FAILED, "ld.global.nc reads " + place_of(at) + ", which the same launch writes");
    }
    touch.constant = true;
  });
}

}
