#include "machine/order/access_history.h"

#include <string>

#include "machine/launch.h"
#include "machine/order/arrivals.h"
#include "machine/order/releases.h"
#include "machine/order/replay.h"
#include "machine/remarks.h"
#include "machine/shared_memory.h"
#include "memory/state.h"

namespace sim {

namespace {

void fail(Flaw flaw, Address at, const char* does, const char* why, const char* remedy = "") {
  fail_thread(flaw, std::string(does) + " " + place_of(at) + ", " + why, remedy);
}

std::string race_of(Address at, const char* does, const std::string& who, const std::string& did) {
  return std::string("race: ") + does + " " + place_of(at) + ", which " + who + " " + did +
         " and nothing orders before it";
}

// The lines of the text alone: "(saxpy.cu:7)"; empty where nobody knows them.
std::string source_of(const std::string& place) {
  size_t open = place.find(" (");
  return open == std::string::npos ? "" : place.substr(open);
}

// In shared memory a barrier is missing. machine/shared_memory.cpp checks kernels whose fences are not all known.
void race(Address at, const char* does, const AccessRecord& other, const std::string& who, const std::string& did,
          bool other_writes) {
  std::string what = race_of(at, does, who, did), where = place_of_other();
  std::string here = finding_of(Grade::ERROR, Flaw::RACE, what).place;
  bool same = !where.empty() && where == here;
  bool changes = does == std::string("changes"), weak = other.strength == Strength::WEAK;
  bool beside = other_writes && (changes ? weak : !weak && does == std::string("writes"));
  bool adds = !same && !source_of(here).empty() && source_of(where) == source_of(here);
  std::string barrier = "Put a __syncthreads() between " + (where.empty() ? "both accesses" : "this and " + where);
  std::string add = "Make it one atomic operation, such as atomicAdd, or write elsewhere than it reads";
  add += other.unit == cluster->unit ? "" : "; a lock needs a __threadfence() once it is taken, and before its release";
  std::string remedy = same                          ? "Let one thread write it, or make it atomic"
                       : beside                      ? "Make the plain store atomic too: atomicExch(&lock, 0) with a "
                                                       "__threadfence() before it releases a lock"
                       : adds                        ? add
                       : in_shared_space(at)         ? barrier
                       : other.unit == cluster->unit ? barrier + ", or make both atomic"
                                                     : "Make both accesses atomic, or order them by a __threadfence() "
                                                       "on both sides of an atomic operation" +
                                                           (where.empty() ? "" : "; the other is at " + where);
  if (!runs_again_for(at, other, other_writes, finding_of(Grade::ERROR, Flaw::RACE, what, remedy))) {
    fail_thread(Flaw::RACE, what, remedy);
  }
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

// Whether a strong read has told the running block of the access, but the block lacks the fence that makes it visible.
bool heard_without_fence(const AccessRecord& other) {
  uint32_t unit = other.unit - cluster->first_unit;
  unsigned first = block->rank * cluster->lanes;
  for (unsigned actor = first; actor < first + cluster->lanes; actor++) {
    const Fences* fences = cluster->fences[actor].get();
    for (size_t width = 0; fences && width < fences->heard.size(); width++) {
      const Moments* heard = fences->heard[width].of(unit);
      if (heard && heard->of(other.actor) >= other.moment) {
        return true;
      }
    }
  }
  return false;
}

// The access of a thread that returned, with a barrier of its block afterwards. The thread has not come to that
// barrier, yet a card counts it as arrived, with all of its accesses done (known).
bool left_before_a_barrier(const AccessRecord& other) {
  unsigned number = other.actor - block->rank * cluster->lanes;
  if (other.unit != cluster->unit || number >= block->threads.size()) {
    return false;
  }
  uint64_t left = block->threads[number].left;
  return left != 0 && left <= block->epoch;
}

// Warns of unordered accesses that cannot change the outcome. False if they can, or if the kernel is C++, since its
// instructions are unknown.
bool is_harmless(Address at, const Accessor& now, const char* does, const AccessRecord& other, bool other_writes) {
  if (!in_ptx()) {
    return false;
  }
  bool same_warp = other.unit == now.record.unit && other.actor / 32 == now.record.actor / 32;
  auto what = [&](const char* why) {
    return race_of(at, does, name_of(other), other_writes ? "wrote" : "read") + why;
  };
  if (now.writes && !now.changes && interpreter.stores_the_same()) {
    // If lanes of a warp write one place, one of them does (CUDA programming guide, "SIMT Architecture").
    if (!same_warp) {
      remark_here(Grade::WARNING, Flaw::SAME_VALUE_RACE, [&] { return what("; it has that value already"); });
    }
    return true;
  }
  bool weak = now.record.strength == Strength::WEAK, other_weak = other.strength == Strength::WEAK;
  bool one_reads = weak ? !now.writes && !other_weak : now.changes && other_weak && !other_writes;
  if (one_reads && interpreter.beside_atomic()) {
    remark_here(Grade::WARNING, Flaw::BENIGN_RACE,
                [&] { return what("; an atomic operation at the same address follows the plain read"); });
    return true;
  }
  if (same_warp && now.knows.computed_with(other.actor, other.moment)) {
    const char* why = settings.lockstep ? "; only lockstep orders them" : "; only a shuffle or a vote lies between";
    remark_here(other_writes && !settings.lockstep ? Grade::WARNING : Grade::NOTE, Flaw::BENIGN_RACE,
                [&] { return what(why); }, "Put a __syncwarp() between");
    return true;
  }
  if (left_before_a_barrier(other)) {
    remark_here(Grade::WARNING, Flaw::BENIGN_RACE,
                [&] { return what("; that thread returned before the barrier that lies between"); },
                "Let it return after the barrier");
    return true;
  }
  if (other.unit != now.record.unit && heard_without_fence(other)) {
    remark_here(Grade::WARNING, Flaw::MISSING_FENCE,
                [&] { return what("; the block knows of it by an atomic operation without a fence after that"); },
                "Put a __threadfence() after the atomic operation");
    return true;
  }
  return false;
}

// A write over a send's bytes must come after the send, but need not see its bytes. An access after a strong read is
// also after the write that the read observed (PTX ISA, causality order). False if a race is harmless.
bool check_writers(const AccessHistory& history, Crowds& crowds, Address at, const Accessor& now, const char* does) {
  const AccessRecord* other = crowds.unordered(history.writers, now, true);
  if (!other || (now.writes && !is_thread(*other) && now.knows_over(*other)) ||
      (history.observed && crowds.any_seen_strong(history.readers, now, *other))) {
    return true;
  }
  if (!is_thread(*other)) {
    race(at, does, *other, "a send wrote", "in " + name_of_phase(other->actor, other->moment - 1), true);
    return true;
  }
  if (is_harmless(at, now, does, *other, true)) {
    return false;
  }
  // Several threads have written without an order: they wrote one value, or a race was told before.
  if (!now.writes && in_ptx() && crowds.has_own(history.writers, now.record)) {
    remark_here(Grade::WARNING, Flaw::SAME_VALUE_RACE, [&] {
      return race_of(at, does, name_of(*other), "wrote") + "; this thread wrote the same value";
    });
    return true;
  }
  race(at, does, *other, name_of(*other), "wrote", true);
  return true;
}

bool check_readers(const AccessHistory& history, Crowds& crowds, Address at, const Accessor& now, const char* does) {
  const AccessRecord* other = crowds.unordered(history.readers, now, false);
  if (other && is_harmless(at, now, does, *other, false)) {
    return false;
  }
  if (other) {
    race(at, does, *other, name_of(*other), "read", false);
  }
  return true;
}

}

void check_slowly(AccessHistory& history, Crowds& crowds, Address at, const Accessor& now, const char* does) {
  check_held(history, at, does);
  bool ordered = check_writers(history, crowds, at, now, does);
  if (!now.writes) {
    crowds.add(history.readers, now);
    history.observed |= now.record.strength != Strength::WEAK;
    return;
  }
  if (history.constant) {
    fail(Flaw::RACE, at, does, "which ld.global.nc reads in the same launch",
         "Read it without __ldg() and const __restrict__");
  }
  ordered &= check_readers(history, crowds, at, now, does);
  history.observed = false;
  if (ordered && now.record.strength == Strength::WEAK) {
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
