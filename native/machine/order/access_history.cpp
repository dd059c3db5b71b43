#include "machine/order/access_history.h"

#include <string>

#include "machine/launch.h"
#include "machine/order/arrivals.h"
#include "machine/order/releases.h"
#include "machine/shared_memory.h"

namespace sim {

namespace {

void fail(Flaw flaw, Address at, const char* does, const char* why) {
  fail_thread(flaw, std::string(does) + " " + place_of(at) + ", " + why);
}

void race(Address at, const char* does, const std::string& who, const std::string& did) {
  fail_thread(Flaw::RACE,
              std::string("race: ") + does + " " + place_of(at) + ", which " + who + " " + did +
                  " and nothing orders before it");
}

void check_held(const AccessHistory& history, Address at, const char* does) {
  switch (history.held) {
    case Held::NOT: return;
    case Held::COPY: return fail(Flaw::ASYNC_COPY, at, does, "to which a copy is under way that nobody has waited for");
    case Held::SEND: return fail(Flaw::ASYNC_COPY, at, does, "to which a send is under way that nobody has waited for");
    case Held::BARRIER: return fail(Flaw::ARRIVAL_BARRIER, at, does, "which is an arrival barrier");
  }
}

bool is_thread(const AccessRecord& record) {
  return record.unit != cluster->unit || record.actor < cluster->knowledge.size();
}

// A write over a send's bytes need not see them, and only must come after it. Who comes after a strong read comes after
// the write that this observed, too (PTX ISA, causality order).
void check_writers(const AccessHistory& history, Crowds& crowds, Address at, const Accessor& now, const char* does) {
  const AccessRecord* other = crowds.unordered(history.writers, now, true);
  if (!other || (now.writes && !is_thread(*other) && now.knows_over(*other)) ||
      (history.observed && crowds.any_seen_strong(history.readers, now, *other))) {
    return;
  }
  if (is_thread(*other)) {
    race(at, does, name_of(*other), "wrote");
  } else {
    race(at, does, "a send wrote", "in " + name_of_phase(other->actor, other->moment - 1));
  }
}

void check_readers(const AccessHistory& history, Crowds& crowds, Address at, const Accessor& now, const char* does) {
  if (const AccessRecord* other = crowds.unordered(history.readers, now, false)) {
    race(at, does, name_of(*other), "read");
  }
}

}

void check_slowly(AccessHistory& history, Crowds& crowds, Address at, const Accessor& now, const char* does) {
  check_held(history, at, does);
  check_writers(history, crowds, at, now, does);
  if (!now.writes) {
    crowds.add(history.readers, now);
    history.observed |= now.record.strength != Strength::WEAK;
    return;
  }
  if (history.constant) {
    fail(Flaw::RACE, at, does, "which ld.global.nc reads in the same launch");
  }
  check_readers(history, crowds, at, now, does);
  history.observed = false;
  if (now.record.strength == Strength::WEAK) {
    history.readers = AccessRecord();
    history.writers = now.record;
  } else {
    crowds.add(history.writers, now);
  }
  if (history.tells && now.record.strength == Strength::WEAK) {
    history.tells = false;
    forget_release(at);
  }
}

std::string place_of(Address address) {
  if (in_shared_space(address)) {
    return shared_place(address);
  }
  std::string where = relative_to_arguments(*block->launch, address);
  return where.empty() ? "a byte at " + bytes_at(address, 1).substr(std::string("1 bytes at ").size()) : where;
}

std::string name_of(const AccessRecord& record) {
  const Launch& launch = *block->launch;
  unsigned rank = record.actor / cluster->lanes;
  std::string thread = "thread number " + std::to_string(record.actor % cluster->lanes);
  if (record.unit == cluster->unit && cluster->blocks.size() > 1) {
    return thread + " of block " + std::to_string(rank) + " of its cluster";
  }
  if (record.unit == cluster->unit) {
    return thread;
  }
  Dimensions index = launch.grid.at(uint64_t(record.unit) - 1 + rank);
  return thread + " of block (" + std::to_string(index.x) + "," + std::to_string(index.y) + "," +
         std::to_string(index.z) + ")";
}

}
