#include "machine/knowledge.h"

#include <algorithm>

namespace sim {

void Moments::set(unsigned actor, uint32_t moment) {
  if (actor >= moments.size()) {
    moments.resize(actor + 1);
  }
  moments[actor] = moment;
}

void Moments::raise(unsigned actor, uint32_t moment) {
  if (of(actor) < moment) {
    set(actor, moment);
  }
}

void Moments::join(const Moments& other) {
  if (moments.size() < other.moments.size()) {
    moments.resize(other.moments.size());
  }
  uint32_t* mine = moments.data();
  const uint32_t* others = other.moments.data();
  for (size_t i = 0; i < other.moments.size(); i++) {
    mine[i] = std::max(mine[i], others[i]);
  }
}

Knowledge::Knowledge(unsigned actor) : actor(actor) {
  seen.set(actor, 1);
  over.set(actor, 1);
}

uint32_t Knowledge::act() {
  if (told) {
    told = false;
    last.reset();
    seen.set(actor, now() + 1);
    over.set(actor, now());
  }
  return now();
}

// A moment stands for all that the thread knew then.
void Knowledge::change() {
  if (last) {
    act();
  }
}

const std::shared_ptr<const Moments>& Knowledge::tell() {
  if (!last) {
    Moments all = over;
    for (unsigned lane = 0; lane < 32; lane++) {
      all.raise(actor / 32 * 32 + lane, lanes[lane]);
    }
    last = std::make_shared<const Moments>(std::move(all));
  }
  told = true;
  return last;
}

const Moments& Knowledge::show() {
  told = true;
  return seen;
}

void Knowledge::learn(const Moments& more_seen, const Moments& more_over) {
  change();
  seen.join(more_seen);
  over.join(more_over);
}

void Knowledge::meet(const std::vector<Knowledge*>& all) {
  Moments all_seen, all_over;
  for (Knowledge* knowledge : all) {
    all_seen.join(knowledge->seen);
    all_over.join(knowledge->over);
  }
  for (Knowledge* knowledge : all) {
    knowledge->learn(all_seen, all_over);
    knowledge->told = true;
  }
}

void Knowledge::depend(Knowledge* lanes, unsigned group) {
  std::array<uint32_t, 32> moments{};
  for (unsigned lane = 0; lane < 32; lane++) {
    if (group >> lane & 1) {
      moments[lane] = lanes[lane].now();
      lanes[lane].change();
      lanes[lane].told = true;
    }
  }
  for (unsigned lane = 0; lane < 32; lane++) {
    if (group >> lane & 1) {
      for (unsigned i = 0; i < 32; i++) {
        lanes[lane].lanes[i] = std::max(lanes[lane].lanes[i], moments[i]);
      }
    }
  }
}

}
