#include "machine/trace.h"

#include <algorithm>

namespace sim {

namespace {

size_t mixed(uint32_t before, const Trace& trace) {
  uint64_t all = (uint64_t(trace.unit) << 32 | trace.moment) * 0x9e3779b97f4a7c15u;
  all ^= (uint64_t(before) << 32 | trace.actor << 2 | unsigned(trace.strength)) * 0xc2b2ae3d27d4eb4fu;
  return (all ^ all >> 29) * 0xbf58476d1ce4e5b9u >> 32;
}

}

bool Toucher::sees_earlier(const Trace& other) const {
  const Moments* known = knows.of_earlier().of(other.unit - cluster->first_unit);
  return known && known->of(other.actor) >= other.moment;
}

bool Toucher::strong_with(const Trace& other) const {
  Strength both = std::min(trace.strength, other.strength);
  return both == Strength::GPU ||
         (other.unit == trace.unit &&
          (both == Strength::CLUSTER ||
           (both == Strength::BLOCK && other.actor / cluster->lanes == trace.actor / cluster->lanes)));
}

void Crowds::forget() {
  if (members.size() > 1) {
    age++;
    members.clear();
    std::fill(places.begin(), places.end(), 0);
  }
}

void Crowds::grow() {
  places.assign(std::max<size_t>(1 << 10, 4 * members.size()), 0);
  for (uint32_t i = 1; i < members.size(); i++) {
    size_t at = mixed(members[i].before, members[i].trace) & (places.size() - 1);
    while (places[at] != 0) {
      at = (at + 1) & (places.size() - 1);
    }
    places[at] = i;
  }
}

uint32_t Crowds::joined(uint32_t before, const Trace& trace) {
  if (members.empty()) {
    members.emplace_back();
  }
  uint32_t next = members[before].next;
  if (next != 0 && members[next].trace == trace) {
    return next;
  }
  if (2 * members.size() >= places.size()) {
    grow();
  }
  size_t at = mixed(before, trace) & (places.size() - 1);
  while (places[at] != 0) {
    const Member& member = members[places[at]];
    if (member.before == before && member.trace == trace) {
      return members[before].next = places[at];
    }
    at = (at + 1) & (places.size() - 1);
  }
  Member member;
  member.trace = trace;
  member.before = before;
  member.first = before ? members[before].first : uint32_t(members.size());
  member.weakest = before ? std::min(trace.strength, members[before].weakest) : trace.strength;
  members[before].next = uint32_t(members.size());
  members.push_back(member);
  return places[at] = uint32_t(members.size() - 1);
}

const Trace* Crowds::unordered(const Trace& touches, const Toucher& now, bool writers) {
  if (touches.unit == 0 || outdated(touches)) {
    return nullptr;
  }
  if (!touches.many) {
    bool before = writers ? now.sees(touches) : now.knows_over(touches);
    return before || now.strong_with(touches) ? nullptr : &touches;
  }
  Member& latest = members[touches.moment];
  if (latest.weakest == Strength::GPU && now.trace.strength == Strength::GPU) {
    return nullptr;
  }
  uint64_t asks = uint64_t(now.trace.unit) << 32 | now.trace.actor << 1 | writers;
  const Moments& clock = writers ? now.knows.all_seen() : now.knows.all_over();
  uint64_t version = clock.version();
  bool known = true, by_clock = version != 0;
  for (uint32_t i = touches.moment; i != 0; i = members[i].before) {
    const Member& member = members[i];
    const Trace& one = member.trace;
    if (member.known_to == asks || (member.known_in == version && version != 0)) {
      by_clock &= member.known_to != asks;
      break;
    }
    if (one.unit == now.trace.unit && clock.of(one.actor) >= one.moment) {
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

bool Crowds::any_seen_strong(const Trace& touches, const Toucher& now, const Trace& other) {
  auto fits = [&](const Trace& one) {
    Toucher reader = now;
    reader.trace = one;
    return now.sees(one) && reader.strong_with(other);
  };
  if (!touches.many || outdated(touches)) {
    return !touches.many && touches.unit != 0 && fits(touches);
  }
  for (uint32_t i = touches.moment; i != 0; i = members[i].before) {
    if (fits(members[i].trace)) {
      return true;
    }
  }
  return false;
}

// All before are seen, or observed by an atomic change. Most often the latest is not.
bool Crowds::covers(const Trace& touches, const Toucher& now) {
  Toucher weak = now;
  weak.trace.strength = Strength::WEAK;
  return now.changes || !unordered(touches, weak, true);
}

void Crowds::add(Trace& touches, const Toucher& now) {
  if (touches.unit == 0 || outdated(touches)) {
    touches = now.trace;
    return;
  }
  uint32_t before = touches.many ? touches.moment : 0;
  const Trace latest = touches.many ? members[before].trace : touches;
  if (latest.of_same(now.trace) && latest.strength <= now.trace.strength && latest.moment == now.trace.moment) {
    return;
  }
  bool covered = covers(touches, now);
  // A strong touch stands for no weak one, of which there is one before all that are strong.
  const Trace& first = touches.many ? members[members[before].first].trace : touches;
  if ((covered && (now.trace.strength == Strength::WEAK || first.strength != Strength::WEAK)) ||
      members.size() >= MOST) {
    if (members.size() >= MOST) {
      forget();
    }
    touches = now.trace;
    return;
  }
  if (!touches.many) {
    before = joined(0, touches);
  } else if (covered) {
    before = members[before].first;
  } else if (latest.of_same(now.trace) && latest.strength == now.trace.strength && members[before].before != 0) {
    before = members[before].before;
  }
  touches.moment = joined(before, now.trace);
  touches.unit = now.trace.unit;
  touches.actor = age % AGES;
  touches.many = true;
}

}
