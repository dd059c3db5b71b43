#include "machine/order/packed_records.h"

namespace sim {

namespace {

// Most groups of records that one access may find or leave.
constexpr size_t MARGIN = 1 << 10;

}

void PackedRecords::forget(size_t actors) {
  actor_bits = actors <= 1 ? 1 : 64 - unsigned(__builtin_clzll(actors - 1));
  most = (size_t(1) << (31 - actor_bits)) - MARGIN;
  groups.resize(1);
  of_unit.clear();
  latest = 0;
}

void PackedRecords::find(const AccessRecord& record) {
  if (groups[latest].unit != record.unit) {
    of_unit.clear();
  }
  uint32_t& known = of_unit[uint64_t(record.moment) << 2 | uint64_t(record.strength)];
  if (known == 0) {
    known = uint32_t(groups.size());
    groups.push_back({record.unit, record.moment, record.strength});
  }
  latest = known;
}

}
