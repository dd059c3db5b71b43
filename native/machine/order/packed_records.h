// Records of accesses in 32 bits each, because there is one for each element of memory: a number for the unit, moment
// and strength, and the actor; or, for a set of accesses, its place among the crowds.
#pragma once
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "machine/order/access_record.h"

namespace sim {

class PackedRecords {
 public:
  // Forgets all records; a unit now has this number of actors.
  void forget(size_t actors);
  // Whether there is no room for another access' records.
  bool full() const { return groups.size() > most; }

  static bool many(uint32_t packed) { return packed & MANY; }
  uint32_t pack(const AccessRecord& record) {
    if (record.many) {
      return MANY | record.moment;
    }
    return record.unit == 0 ? 0 : pack_one(record);
  }
  uint32_t pack_one(const AccessRecord& record) { return group_of(record) << actor_bits | record.actor; }
  AccessRecord unpack(uint32_t packed, const Crowds& crowds) const {
    if (packed == 0) {
      return AccessRecord();
    }
    if (many(packed)) {
      return crowds.many(packed & ~MANY);
    }
    const Group& group = groups[packed >> actor_bits];
    return AccessRecord(group.unit, group.moment, packed & ((1u << actor_bits) - 1), group.strength);
  }

 private:
  struct Group {
    uint32_t unit, moment;
    Strength strength;
    bool of_same(const AccessRecord& one) const {
      return moment == one.moment && unit == one.unit && strength == one.strength;
    }
  };

  uint32_t group_of(const AccessRecord& record) {
    if (!groups[latest].of_same(record)) {
      find(record);
    }
    return latest;
  }
  __attribute__((noinline)) void find(const AccessRecord& record);

  static constexpr uint32_t MANY = 1u << 31;
  std::vector<Group> groups{1};                        // the first stands for none
  std::unordered_map<uint64_t, uint32_t> of_unit;      // the numbers of those of the latest's unit
  uint32_t latest = 0;
  unsigned actor_bits = 0;
  size_t most = 0;
};

}
