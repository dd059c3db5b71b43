#include "machine/order/replay.h"

#include "machine/cluster.h"
#include "memory/journal.h"
#include "memory/suppressions.h"

namespace sim {

uintptr_t watched;

namespace {

struct Wanted {
  uintptr_t address = 0;
  uint32_t unit = 0;
  unsigned actor = 0;
  bool writes = false;
  Finding finding;
};

Wanted wanted;
bool replays;
std::string place;

}

bool runs_again_for(uintptr_t address, const AccessRecord& other, bool writes, const Finding& finding) {
  if (replays || journal_number == 0 || suppressed(finding)) {
    return false;
  }
  wanted = {address & ~uintptr_t(3), other.unit - cluster->first_unit, other.actor, writes, finding};
  block->failed = true;
  suspend();
  return true;
}

bool wants_replay() {
  return wanted.address != 0;
}

void begin_replay() {
  replays = true;
  place.clear();
  watched = wanted.address;
}

void end_replay(bool ran) {
  if (ran) {
    fail_context(wanted.finding);
  }
  replays = false;
  watched = 0;
  wanted = Wanted();
}

std::string place_of_other() {
  return replays ? place : "";
}

void note_watched(bool writes) {
  if (writes == wanted.writes && cluster->unit - cluster->first_unit == wanted.unit && own_actor() == wanted.actor) {
    place = finding_of(Grade::NOTE, Flaw::RACE, "").place;
  }
}

}
