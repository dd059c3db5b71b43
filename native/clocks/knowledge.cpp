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
    last = over;
    last.raise(actor, moment);
    for (unsigned lane = 0; lanes && lane < 32; lane++) {
      last.raise(actor / 32 * 32 + lane, lanes->at[lane]);
    }
    holds = true;
  }
  told = true;
  return last;
}

Moments Knowledge::show() {
  told = true;
  Moments all = seen;
  all.raise(actor, moment);
  return all;
}

void Knowledge::learn(const Moments& more_seen, const Moments& more_over, const Earlier& more_earlier) {
  change();
  bool alike = seen.same(over) && more_seen.same(more_over);
  seen.join(more_seen);
  if (alike) {
    over = seen;
  } else {
    over.join(more_over);
  }
  earlier.join(more_earlier);
}

template <typename One>
Coming Knowledge::together(const std::vector<One*>& all) {
  Coming sum;
  bool alike = true;
  const One* before = nullptr;
  for (const One* one : all) {
    // Neighbours mostly know the same.
    if (!before || !one->seen.same(before->seen) || !one->over.same(before->over)) {
      alike &= one->seen.same(one->over);
      sum.seen.join(one->seen);
      sum.over.join(one->over);
    }
    sum.earlier.join(one->earlier);
    before = one;
  }
  for (const One* one : all) {
    sum.seen.raise(one->actor, one->moment);
    if (!alike) {
      sum.over.raise(one->actor, one->moment);
    }
  }
  sum.over = alike ? sum.seen : sum.over;
  return sum;
}

void Knowledge::meet(const std::vector<Knowledge*>& all) {
  Coming sum = together(all);
  for (Knowledge* one : all) {
    one->change();
    one->seen = sum.seen;
    one->over = sum.over;
    one->earlier = sum.earlier;
    one->told = true;
  }
}

Coming Knowledge::come() {
  told = true;
  return {seen, over, earlier, actor, moment};
}

Coming Knowledge::all_of(const std::vector<const Coming*>& come) {
  return together(come);
}

void Knowledge::go_on(const Coming& mine, const Coming& all) {
  if (seen.same(mine.seen) && over.same(mine.over) && earlier.same(mine.earlier)) {
    change();
    seen = all.seen;
    over = all.over;
    earlier = all.earlier;
  } else {
    learn(all.seen, all.over, all.earlier);
  }
}

void Knowledge::learn_of_other_warps(const Coming& all) {
  if (seen.same(all.seen) && over.same(all.over) && earlier.same(all.earlier)) {
    return;
  }
  unsigned first = actor / 32 * 32;
  seen.join_outside(all.seen, first, first + 32);
  over.join_outside(all.over, first, first + 32);
  earlier.join(all.earlier);
}

void Knowledge::depend(Knowledge* lanes, unsigned group) {
  Reference<Lanes> together(new Lanes);
  const Lanes* before = nullptr;
  Coming all;
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
      all.seen.join(one.seen);
      all.over.join(one.over);
      all.earlier.join(one.earlier);
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
