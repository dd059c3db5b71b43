#include "machine/order/releases.h"

#include <algorithm>

#include "machine/cluster.h"
#include "machine/order/strong_stores.h"
#include "machine/shared_memory.h"
#include "memory/state.h"

namespace sim {

namespace {

constexpr unsigned WIDTHS = 3;

Releases of_device;

Releases& releases_for(Address address) {
  return in_shared_space(address) ? *cluster->releases : of_device;
}

// How many of the widths a scope includes.
unsigned widths(Strength scope) {
  return unsigned(scope);
}

bool reaches(const Release::Part& part, unsigned width) {
  return part.told && (width == 2 || (part.unit == cluster->unit && (width == 1 || part.rank == block->rank)));
}

Fences& own_fences() {
  std::unique_ptr<Fences>& fences = cluster->fences[own_actor()];
  if (!fences) {
    fences = std::make_unique<Fences>();
  }
  return *fences;
}

Known all_of(const Earlier& told) {
  const Moments* own = told.of(cluster->unit - cluster->first_unit);
  return {own ? *own : Moments(), own ? *own : Moments(), told};
}

void learn(const Earlier& told) {
  own_knowledge().learn(all_of(told));
}

}

void Told::remember() {
  content = Reference<Content>(new Content);
  content->shown = own_knowledge().show();
}

const Earlier& Told::all() const {
  if (!content->whole) {
    content->whole = content->shown.earlier;
    content->whole.add(cluster->unit - cluster->first_unit, content->shown.seen);
  }
  return content->whole;
}

void forget_releases() {
  of_device.clear();
}

void forget_release(Address address) {
  releases_for(address).erase(address);
}

void fence(Strength scope, bool sequential) {
  note_fence();
  Fences& fences = own_fences();
  for (unsigned width = 0; width < widths(scope); width++) {
    if (fences.heard[width] && (width == 0 || !fences.heard[width].same(fences.heard[width - 1]))) {
      learn(fences.heard[width]);
    }
  }
  std::fill_n(fences.heard.begin(), widths(scope), Earlier());
  Told now;
  now.remember();
  for (unsigned width = 0; width < widths(scope); width++) {
    fences.told[width] = now;
  }
  if (sequential && widths(scope) == WIDTHS) {
    fences.sequential = now;
  }
}

void pass_on_fences(const Block& all) {
  auto* one = &cluster->fences[cluster->actor(all, all.threads[0])];
  for (auto* end = one + all.threads.size(); one < end; one++) {
    if (Fences* fences = one->get(); fences && fences->sequential.any()) {
      cluster->fenced[all.rank].join(fences->sequential.all());
      fences->sequential = Told();
    }
  }
}

Coming told_by_fences(Strength scope) {
  Coming coming;
  coming.actor = own_actor();
  const Fences* fences = cluster->fences[own_actor()].get();
  if (fences && fences->told[widths(scope) - 1].any()) {
    coming.known = all_of(fences->told[widths(scope) - 1].all());
  }
  return coming;
}

void release(Address address, Strength scope) {
  Fences& fences = own_fences();
  fences.released.remember();
  fences.released_at = address;
  fences.released_to = scope;
}

void acquire(Address address, Strength scope) {
  Releases& releases = releases_for(address);
  auto found = releases.find(address);
  for (unsigned width = 0; found != releases.end() && width < widths(scope); width++) {
    if (reaches(found->second.parts[width], width)) {
      learn(found->second.parts[width].told);
    }
  }
}

Told told_at(Address address) {
  const Fences* fences = cluster->fences[own_actor()].get();
  return !fences ? Told() : fences->released_at == address ? fences->released : fences->told[WIDTHS - 1];
}

namespace {

bool tell_at(Address address, Strength scope, bool changes) {
  Releases& releases = releases_for(address);
  Fences* fences = cluster->fences[own_actor()].get();
  std::array<Told*, WIDTHS> told{};
  const Earlier& fenced = cluster->fenced[block->rank];
  bool passes_on = fenced && widths(scope) == WIDTHS, any = passes_on;
  for (unsigned width = 0; fences && width < widths(scope); width++) {
    bool released = fences->released_at == address && widths(fences->released_to) > width;
    Told& one = released ? fences->released : fences->told[width];
    told[width] = one.any() ? &one : nullptr;
    any |= one.any();
  }
  AccessRecord me(cluster->unit, 0, own_actor(), scope);
  if (!any) {
    // The thread's own release stays valid, and an atomic change continues the releases of all threads.
    auto found = changes || releases.empty() ? releases.end() : releases.find(address);
    if (found != releases.end() && !found->second.writer.of_same(me)) {
      releases.erase(found);
    }
    return false;
  }
  Release& release = releases[address];
  Earlier before;
  // Lanes in lockstep that store one value have all passed their fences.
  bool together = settings.lockstep && release.writer.unit == me.unit && release.writer.actor / 32 == me.actor / 32;
  bool anew = !changes && !together && !release.writer.of_same(me);
  for (unsigned width = 0; width < WIDTHS; width++) {
    Release::Part& part = release.parts[width];
    if (anew || (told[width] && !reaches(part, width))) {
      part = Release::Part();
    }
    if (told[width]) {
      bool as_before = width > 0 && told[width - 1] && told[width]->same(*told[width - 1]) && part.told.same(before);
      before = part.told;
      if (as_before) {
        part.told = release.parts[width - 1].told;
      } else {
        part.told.join(told[width]->all());
      }
      part.unit = cluster->unit;
      part.rank = block->rank;
    }
  }
  if (passes_on) {
    release.parts[WIDTHS - 1].told.join(fenced);
  }
  release.writer = me;
  if (fences && fences->released_at == address) {
    fences->released_at = 0;
    fences->released = Told();
  }
  return true;
}

void hear_at(Address address, Strength scope) {
  Releases& releases = releases_for(address);
  auto found = releases.empty() ? releases.end() : releases.find(address);
  if (found == releases.end()) {
    return;
  }
  for (unsigned width = 0; width < widths(scope); width++) {
    if (reaches(found->second.parts[width], width)) {
      own_fences().heard[width].join(found->second.parts[width].told);
    }
  }
}

}

bool hear_and_tell(Address address, Strength scope, bool reads, bool writes) {
  if (reads) {
    hear_at(address, scope);
  }
  return writes && tell_at(address, scope, reads);
}

}
