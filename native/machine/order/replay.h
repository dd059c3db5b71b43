// Finds the place of the other access of a race: records have no places, so the launch runs again and watches the
// address.
#pragma once
#include "machine/order/access_record.h"
#include "memory/findings.h"

namespace sim {

// Ends the run silently and keeps the finding, so the launch runs again; false if this is the second run, or it cannot
// run again.
bool runs_again_for(uintptr_t address, const AccessRecord& other, bool writes, const Finding& finding);
bool wants_replay();
void begin_replay();
// Reports the first run's finding if the second run did not reach it.
void end_replay(bool ran);

// The place of the other access, such as "PTX line 12 (own.cu:7)"; or empty.
std::string place_of_other();

extern uintptr_t watched;
void note_watched(bool writes);

inline void watch(uintptr_t address, bool writes) {
  if (__builtin_expect((address ^ watched) < 4, false)) {
    note_watched(writes);
  }
}

}
