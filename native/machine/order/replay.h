// The place of the other access of a race: the records keep none, so the launch runs again up to there, and watches.
#pragma once
#include "machine/order/access_record.h"
#include "memory/findings.h"

namespace sim {

// Ends the run without a word, to be run again, and keeps the finding; false if it has been run again, or cannot be.
bool runs_again_for(uintptr_t address, const AccessRecord& other, bool writes, const Finding& finding);
bool wants_replay();
void begin_replay();
// Tells the finding of the first run if the second has not come to it.
void end_replay(bool ran);

// Of the other access: "PTX line 12 (own.cu:7)"; or empty.
std::string place_of_other();

extern uintptr_t watched;
void note_watched(bool writes);

inline void watch(uintptr_t address, bool writes) {
  if (__builtin_expect((address ^ watched) < 4, false)) {
    note_watched(writes);
  }
}

}
