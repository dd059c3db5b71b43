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

// Both functions return true if the access is right and recorded; otherwise the whole check must decide.
inline bool quickly_read(AccessHistory& history, const AccessRecord& mine, const Knowledge& knows) {
  const AccessRecord& writer = history.writers;
  if (history.held != Held::NOT || writer.unit != mine.unit || writer.many ||
      !knows.sees(writer.actor, writer.moment)) {
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
  if (history.flags() != 0 || writer.many || reader.many ||
      (writer.unit != 0 && (writer.unit != mine.unit || !knows.sees(writer.actor, writer.moment))) ||
      (reader.unit != 0 && (reader.unit != mine.unit || !knows.knows_over(reader.actor, reader.moment, false)))) {
    return false;
  }
  history.writers = mine;
  history.readers = AccessRecord();
  return true;
}

// An access to the block's own shared memory.
inline bool quickly_accessed(uintptr_t address, size_t size, bool writes) {
  if (watched != 0 || !within_last_array(address, size) || (address | size) % 4 != 0) {
    return false;
  }
  Knowledge& knows = *block->thread->knowledge;
  const AccessRecord mine(cluster->unit, knows.act(), own_actor(), Strength::WEAK);
  size_t word = shared_offset_of_all(address) / 4;
  for (size_t end = word + size / 4; word < end; word++) {
    AccessHistory* history = shared_shadow.whole(word);
    if (!history) {
      return false;
    }
    history->begin(cluster->number);
    if (!(writes ? quickly_written(*history, mine, knows) : quickly_read(*history, mine, knows))) {
      return false;
    }
  }
  return true;
}

}
