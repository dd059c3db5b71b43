#include "clocks/knowledge.h"

#include <algorithm>

namespace sim {

void Knowledge::begin_moment() {
  told = holds = false;
  last = Moments();
  moment++;
}

// A moment stands for all that the thread knew then.
void Knowledge::change() {
  if (holds) {
    act();
  }
}

const Moments& Knowledge::tell() {
  if (!holds) {
    last = known.over;
    last.raise(actor, moment);
    for (unsigned lane = 0; lanes && lane < 32; lane++) {
      last.raise(actor / 32 * 32 + lane, lanes->at[lane]);
    }
    holds = true;
  }
  told = true;
  return last;
}

Known Knowledge::show() {
  told = true;
  Known shown{known.seen, Moments(), known.earlier};
  shown.seen.raise(actor, moment);
  return shown;
}

void Known::join(const Known& other) {
  bool alike = seen.same(over) && other.seen.same(other.over);
  seen.join(other.seen);
  if (alike) {
    over = seen;
  } else {
    over.join(other.over);
  }
  earlier.join(other.earlier);
}

void Knowledge::learn(const Known& more) {
  change();
  known.join(more);
}

template <typename One>
void Knowledge::raise(Moments& moments, const std::vector<One*>& all) {
  if (std::all_of(all.begin(), all.end(), [&](const One* one) { return moments.of(one->actor) >= one->moment; })) {
    return;
  }
  unsigned last = 0;
  for (const One* one : all) {
    last = std::max(last, one->actor);
  }
  uint32_t* at = moments.own(last + 1);
  for (const One* one : all) {
    at[one->actor] = std::max(at[one->actor], one->moment);
  }
}

template <typename One>
Coming Knowledge::together(const std::vector<One*>& all) {
  Coming sum;
  const One* before = nullptr;
  for (const One* one : all) {
    // Neighbours mostly know the same.
    if (!before || !one->known.same(before->known)) {
      sum.known.join(one->known);
    }
    before = one;
  }
  Moments& seen = sum.known.seen;
  Moments& over = sum.known.over;
  bool alike = seen.same(over);
  raise(seen, all);
  if (alike) {
    over = seen;
  } else {
    raise(over, all);
  }
  return sum;
}

void Knowledge::meet(const std::vector<Knowledge*>& all) {
  Coming sum = together(all);
  for (Knowledge* one : all) {
    one->change();
    one->known = sum.known;
    one->told = true;
  }
}

Coming Knowledge::come() {
  told = true;
  return {known, actor, moment};
}

Coming Knowledge::all_of(const std::vector<const Coming*>& come) {
  return together(come);
}

void Knowledge::go_on(const Coming& mine, const Coming& all) {
  if (known.same(mine.known)) {
    change();
    known = all.known;
  } else {
    learn(all.known);
  }
}

void Knowledge::learn_of_other_warps(const Known& all) {
  if (known.same(all)) {
    return;
  }
  unsigned first = actor / 32 * 32;
  known.seen.join_outside(all.seen, first, first + 32);
  known.over.join_outside(all.over, first, first + 32);
  known.earlier.join(all.earlier);
}

void Knowledge::depend(Knowledge* lanes, unsigned group) {
  Reference<Lanes> together(new Lanes);
  const Lanes* before = nullptr;
  Known all;
  for (unsigned lane = 0; lane < 32; lane++) {
    if (group >> lane & 1) {
      Knowledge& one = lanes[lane];
      if (one.lanes && one.lanes.get() != before) {
        before = one.lanes.get();
        for (unsigned i = 0; i < 32; i++) {
          together->at[i] = std::max(together->at[i], before->at[i]);
        }
      }
      together->at[lane] = one.moment;
      all.join(one.known);
    }
  }
  for (unsigned lane = 0; lane < 32; lane++) {
    if (group >> lane & 1) {
      lanes[lane].change();
      lanes[lane].told = true;
      lanes[lane].lanes = together;
      lanes[lane].learn_of_other_warps(all);
    }
  }
}

}
