#include "machine/touch.h"

#include <string>

#include "machine/arrivals.h"
#include "machine/launch.h"
#include "machine/releases.h"
#include "machine/shared_memory.h"

namespace sim {

namespace {

void fail(Address at, const char* does, const char* why) {
  fail_thread(CUDA_ERROR_LAUNCH_FAILED, std::string(does) + " " + place_of(at) + ", " + why);
}

void race(Address at, const char* does, const std::string& who, const std::string& did) {
  fail_thread(CUDA_ERROR_LAUNCH_FAILED,
              std::string("race: ") + does + " " + place_of(at) + ", which " + who + " " + did +
                  " and nothing orders before it");
}

void check_held(const Touch& touch, Address at, const char* does) {
  switch (touch.held) {
    case Held::NOT: return;
    case Held::COPY: return fail(at, does, "to which a copy is under way that nobody has waited for");
    case Held::SEND: return fail(at, does, "to which a send is under way that nobody has waited for");
    case Held::BARRIER: return fail(at, does, "which is an arrival barrier");
  }
}

bool is_thread(const Trace& trace) {
  return trace.unit != cluster->unit || trace.actor < cluster->knowledge.size();
}

// A write over a send's bytes need not see them, and only must come after it. Who comes after a strong read comes after
// the write that this observed, too (PTX ISA, causality order).
void check_writers(const Touch& touch, Crowds& crowds, Address at, const Toucher& now, const char* does) {
  const Trace* other = crowds.unordered(touch.writers, now, true);
  if (!other || (now.writes && !is_thread(*other) && now.knows_over(*other)) ||
      (touch.observed && crowds.any_seen_strong(touch.readers, now, *other))) {
    return;
  }
  if (is_thread(*other)) {
    race(at, does, name_of(*other), "wrote");
  } else {
    race(at, does, "a send wrote", "in " + name_of_phase(other->actor, other->moment - 1));
  }
}

void check_readers(const Touch& touch, Crowds& crowds, Address at, const Toucher& now, const char* does) {
  if (const Trace* other = crowds.unordered(touch.readers, now, false)) {
    race(at, does, name_of(*other), "read");
  }
}

}

void touch_slowly(Touch& touch, Crowds& crowds, Address at, const Toucher& now, const char* does) {
  check_held(touch, at, does);
  check_writers(touch, crowds, at, now, does);
  if (!now.writes) {
    crowds.add(touch.readers, now);
    touch.observed |= now.trace.strength != Strength::WEAK;
    return;
  }
  if (touch.constant) {
    fail(at, does, "which ld.global.nc reads in the same launch");
  }
  check_readers(touch, crowds, at, now, does);
  touch.observed = false;
  if (now.trace.strength == Strength::WEAK) {
    touch.readers = Trace();
    touch.writers = now.trace;
  } else {
    crowds.add(touch.writers, now);
  }
  if (touch.tells && now.trace.strength == Strength::WEAK) {
    touch.tells = false;
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

std::string name_of(const Trace& trace) {
  const Launch& launch = *block->launch;
  unsigned rank = trace.actor / cluster->lanes;
  std::string thread = "thread number " + std::to_string(trace.actor % cluster->lanes);
  if (trace.unit == cluster->unit && cluster->blocks.size() > 1) {
    return thread + " of block " + std::to_string(rank) + " of its cluster";
  }
  if (trace.unit == cluster->unit) {
    return thread;
  }
  Dimensions index = launch.grid.at(uint64_t(trace.unit) - block->stale - 1 + rank);
  return thread + " of block (" + std::to_string(index.x) + "," + std::to_string(index.y) + "," +
         std::to_string(index.z) + ")";
}

}
