// The last accesses to a place in memory, and whether they happened before a new access for sure.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "machine/cluster.h"

namespace sim {

// An access, or a set of unordered accesses: then the moment is the place of the latest in the table of Crowds.
struct AccessRecord {
  uint32_t unit = 0;  // the stamp of the first block that ran beside it; 0 for none
  uint32_t moment = 0;
  // Written and compared as a word: a processor waits where it reads a whole that was written in parts.
  union {
    uint32_t word;
    struct {
      uint32_t actor : 24;
      Strength strength : 7;
      bool many : 1;
    };
  };

  AccessRecord() : word(0) {}
  AccessRecord(uint32_t unit, uint32_t moment, unsigned actor, Strength strength, bool many = false)
      : unit(unit), moment(moment), word(actor | uint32_t(strength) << 24 | uint32_t(many) << 31) {}

  bool operator==(const AccessRecord& other) const {
    return word == other.word && moment == other.moment && unit == other.unit;
  }
  bool of_same(const AccessRecord& other) const {
    return unit == other.unit && actor == other.actor && !many && !other.many;
  }
};

// The running thread at an access.
struct Accessor {
  Knowledge& knows;
  AccessRecord record;
  bool writes = false;
  bool changes = false;  // by an atomic operation, which observes what it changes

  // A send does not act: it tells what the thread has told already.
  Accessor(bool writes, Strength strength, bool acts = true)
      : knows(own_knowledge()), record(cluster->unit, acts ? knows.act() : knows.now(), knows.who(), strength),
        writes(writes) {}

  bool sees(const AccessRecord& other) const {
    return other.unit == record.unit ? knows.sees(other.actor, other.moment) : sees_earlier(other);
  }
  bool knows_over(const AccessRecord& other) const {
    return other.unit == record.unit ? knows.knows_over(other.actor, other.moment, !block->launch->kernel->interpreted)
                                    : sees_earlier(other);
  }
  bool strong_with(const AccessRecord& other) const;

 private:
  bool sees_earlier(const AccessRecord& other) const;
};

// Sets of accesses that are unordered. Many words are accessed by the same threads in the same order, and share a set.
class Crowds {
 public:
  void forget();
  // An access to many words may add a few more.
  bool full() const { return members.size() >= MOST - MARGIN; }
  AccessRecord many(uint32_t latest) const {
    return AccessRecord(1, latest, age % AGES, Strength::WEAK, true);
  }

  // Adds a thread's weak access, where that is found at once: it is the latest, or comes after one that the thread did
  // not see at another place. If it sees that now, too many are kept, and no wrong ones.
  __attribute__((always_inline)) bool quickly_added(AccessRecord& records, const AccessRecord& mine) {
    if (!records.many) {
      if (!(records == last_pair[0] && mine == last_pair[1])) {
        return records == mine;
      }
      records = many(last_joined);
      return true;
    }
    const Member& latest = members[records.moment];
    if (latest.next == 0 || outdated(records) || !(members[latest.next].record == mine)) {
      return !outdated(records) && latest.record == mine;
    }
    records.moment = latest.next;
    return true;
  }
  // The same where it comes after one that the thread does not see here.
  __attribute__((noinline)) bool added_after_unseen(AccessRecord& records, const Accessor& now);

  // An access of the set (a write or a read) that is unordered with the thread's current access, or null.
  const AccessRecord* unordered(const AccessRecord& records, const Accessor& now, bool writers);
  // Whether the thread sees a strong access of the set that is strong with another.
  bool any_seen_strong(const AccessRecord& records, const Accessor& now, const AccessRecord& other);
  // Whether an access of the set is the thread's own.
  bool has_own(const AccessRecord& records, const AccessRecord& mine) const;
  // Adds the thread's access, and drops accesses that it sees.
  void add(AccessRecord& records, const Accessor& now);

 private:
  struct Member {
    AccessRecord record;
    uint32_t before = 0;
    uint32_t first = 0;
    uint32_t next = 0;       // the latest that was found to come after it
    Strength weakest = Strength::WEAK;
    uint64_t known_in = 0;  // the version of a clock that covers this and all before
    uint64_t known_to = 0;  // a thread that knows them all
  };

  bool outdated(const AccessRecord& records) const { return records.many && records.actor != age % AGES; }
  void join(AccessRecord& records, const AccessRecord& mine);
  bool covers(const AccessRecord& records, const Accessor& now);
  uint32_t joined(uint32_t before, const AccessRecord& record);

  // Where one was joined not long ago, by what it is; and which that was.
  struct Place {
    uint32_t mark = 0, member = 0;
  };

  static constexpr uint32_t PLACES = 1 << 14;
  static constexpr uint32_t MOST = 4 << 20, MARGIN = 64 << 10, AGES = 1 << 24;
  std::vector<Member> members;   // the first stands for none
  std::vector<Place> places;
  uint32_t age = 0;              // how often all were forgotten
  AccessRecord last_pair[2];     // that were joined last
  uint32_t last_joined = 0;
};

}
