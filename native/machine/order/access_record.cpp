#include "machine/order/access_record.h"

#include <algorithm>

namespace sim {

namespace {

uint32_t mixed(uint32_t before, const AccessRecord& record) {
  uint64_t all = (uint64_t(record.unit) << 32 | record.moment) * 0x9e3779b97f4a7c15u;
  all ^= (uint64_t(before) << 32 | record.actor << 2 | unsigned(record.strength)) * 0xc2b2ae3d27d4eb4fu;
  return uint32_t((all ^ all >> 29) * 0xbf58476d1ce4e5b9u >> 32);
}

}

bool Accessor::sees_earlier(const AccessRecord& other) const {
  const Moments* known = knows.all().earlier.of(other.unit - cluster->first_unit);
  return known && known->of(other.actor) >= other.moment;
}

bool Accessor::strong_with(const AccessRecord& other) const {
  Strength both = std::min(record.strength, other.strength);
  return both == Strength::GPU ||
         (other.unit == record.unit &&
          (both == Strength::CLUSTER ||
           (both == Strength::BLOCK && other.actor / cluster->lanes == record.actor / cluster->lanes)));
}

void Crowds::forget() {
  if (members.size() > 1) {
    age++;
    members.clear();
    last_joined = 0;
    last_pair[0] = last_pair[1] = AccessRecord();
  }
}

uint32_t Crowds::joined(uint32_t before, const AccessRecord& record) {
  if (members.empty()) {
    members.emplace_back();
    places.resize(PLACES);
  }
  uint32_t next = members[before].next;
  if (next != 0 && members[next].record == record) {
    return next;
  }
  uint32_t mark = mixed(before, record);
  Place& place = places[mark % PLACES];
  bool known = place.mark == mark && place.member < members.size() && members[place.member].before == before &&
               members[place.member].record == record;
  if (!known) {
    Member member;
    member.record = record;
    member.before = before;
    member.first = before ? members[before].first : uint32_t(members.size());
    member.weakest = before ? std::min(record.strength, members[before].weakest) : record.strength;
    place = {mark, uint32_t(members.size())};
    members.push_back(member);
  }
  return members[before].next = place.member;
}

const AccessRecord* Crowds::unordered(const AccessRecord& records, const Accessor& now, bool writers) {
  if (records.unit == 0 || outdated(records)) {
    return nullptr;
  }
  if (!records.many) {
    bool before = writers ? now.sees(records) : now.knows_over(records);
    return before || now.strong_with(records) ? nullptr : &records;
  }
  Member& latest = members[records.moment];
  if (latest.weakest == Strength::GPU && now.record.strength == Strength::GPU) {
    return nullptr;
  }
  uint64_t asks = uint64_t(now.record.unit) << 32 | now.record.actor << 1 | writers;
  const Moments& clock = writers ? now.knows.all().seen : now.knows.all().over;
  uint64_t version = clock.version();
  bool known = true, by_clock = version != 0;
  for (uint32_t i = records.moment; i != 0; i = members[i].before) {
    const Member& member = members[i];
    const AccessRecord& one = member.record;
    if (member.known_to == asks || (member.known_in == version && version != 0)) {
      by_clock &= member.known_to != asks;
      break;
    }
    if (one.unit == now.record.unit && clock.of(one.actor) >= one.moment) {
      continue;
    }
    by_clock = false;
    if (!(writers ? now.sees(one) : now.knows_over(one))) {
      known = false;
      if (!now.strong_with(one)) {
        return &one;
      }
    }
  }
  if (by_clock) {
    latest.known_in = version;
  }
  if (known) {
    latest.known_to = asks;
  }
  return nullptr;
}

bool Crowds::any_seen_strong(const AccessRecord& records, const Accessor& now, const AccessRecord& other) {
  auto fits = [&](const AccessRecord& one) {
    Accessor reader = now;
    reader.record = one;
    return now.sees(one) && reader.strong_with(other);
  };
  if (!records.many || outdated(records)) {
    return !records.many && records.unit != 0 && fits(records);
  }
  for (uint32_t i = records.moment; i != 0; i = members[i].before) {
    if (fits(members[i].record)) {
      return true;
    }
  }
  return false;
}

bool Crowds::has_own(const AccessRecord& records, const AccessRecord& mine) const {
  uint32_t i = records.many && !outdated(records) ? records.moment : 0;
  while (i != 0 && !members[i].record.of_same(mine)) {
    i = members[i].before;
  }
  return i != 0;
}

void Crowds::join(AccessRecord& records, const AccessRecord& mine) {
  if (records.many) {
    records.moment = joined(records.moment, mine);
    return;
  }
  last_pair[0] = records;
  last_pair[1] = mine;
  last_joined = joined(joined(0, records), mine);
  records = many(last_joined);
}

bool Crowds::added_after_unseen(AccessRecord& records, const Accessor& now) {
  if (full() || outdated(records) || now.sees(records.many ? members[records.moment].record : records)) {
    return false;
  }
  join(records, now.record);
  return true;
}

// True if the thread sees all earlier accesses, or changes the bytes atomically and so observes them.
bool Crowds::covers(const AccessRecord& records, const Accessor& now) {
  Accessor weak = now;
  weak.record.strength = Strength::WEAK;
  return now.changes || !unordered(records, weak, true);
}

void Crowds::add(AccessRecord& records, const Accessor& now) {
  if (records.unit == 0 || outdated(records)) {
    records = now.record;
    return;
  }
  uint32_t before = records.many ? records.moment : 0;
  const AccessRecord latest = records.many ? members[before].record : records;
  if (latest.of_same(now.record) && latest.strength <= now.record.strength && latest.moment == now.record.moment) {
    return;
  }
  bool covered = covers(records, now);
  // A strong access stands for no weak one, of which there is one before all that are strong.
  const AccessRecord& first = records.many ? members[members[before].first].record : records;
  if ((covered && (now.record.strength == Strength::WEAK || first.strength != Strength::WEAK)) ||
      members.size() >= MOST) {
    if (members.size() >= MOST) {
      forget();
    }
    records = now.record;
    return;
  }
  if (records.many && covered) {
    records.moment = members[before].first;
  } else if (records.many && latest.of_same(now.record) && latest.strength == now.record.strength &&
             members[before].before != 0) {
    records.moment = members[before].before;
  }
  join(records, now.record);
}

}
