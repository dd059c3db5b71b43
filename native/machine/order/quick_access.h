// Fast checks of plain accesses to shared memory: whole words that no other thread accesses now, or whose readers come
// in the same order as at other words. The whole check has the same results.
#pragma once
#include "machine/order/access_history.h"
#include "machine/order/replay.h"
#include "machine/order/shadow.h"
#include "machine/shared_memory.h"

namespace sim {

extern Shadow<AccessHistory> shared_shadow;
extern Crowds shared_crowds;

// Both are true if the access is right, and kept; they leave the rest to the whole check. The history is of the running
// cluster, and so are all its records.
__attribute__((always_inline)) inline bool quickly_read(AccessHistory& history, const AccessRecord& mine,
                                                         const Knowledge& knows) {
  const AccessRecord& writer = history.writers;
  if (writer.unit == 0 || writer.many || !knows.sees(writer.actor, writer.moment)) {
    return false;
  }
  if (history.readers.unit == 0) {
    history.readers = mine;
    return true;
  }
  return shared_crowds.quickly_added(history.readers, mine);
}

inline bool quickly_written(AccessHistory& history, const AccessRecord& mine, const Knowledge& knows) {
  const AccessRecord& writer = history.writers;
  const AccessRecord& reader = history.readers;
  if (writer.many || reader.many || (writer.unit != 0 && !knows.sees(writer.actor, writer.moment)) ||
      (reader.unit != 0 && !knows.knows_over(reader.actor, reader.moment, false))) {
    return false;
  }
  history.writers = mine;
  history.readers = AccessRecord();
  return true;
}

// A word of the block's own shared memory. One that the running cluster has accessed as such is within an array.
// Without a call, for its caller to be a short step.
__attribute__((always_inline)) inline bool quickly_accessed_word(uintptr_t address, bool writes) {
  Knowledge& knows = *block->thread->knowledge;
  size_t word = shared_offset_of_all(address) / 4;
  AccessHistory& history = shared_shadow.of_word(word);
  if (history.run != cluster->number && within_last_array(address, 4) && !shared_shadow.is_apart(word)) {
    history.begin(cluster->number);
  }
  if (!history.plain_of(cluster->number) || watched != 0 || !knows.quickly_acts()) {
    return false;
  }
  const AccessRecord mine(cluster->unit, knows.now(), knows.who(), Strength::WEAK);
  return writes ? quickly_written(history, mine, knows) : quickly_read(history, mine, knows);
}

}
