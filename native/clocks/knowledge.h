// Vector clocks: how far each thread of a cluster knows the others to be.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "clocks/earlier.h"
#include "clocks/moments.h"

namespace sim {

// Two clocks: up to which moment a thread sees what an actor has written, and up to which moment what an actor read or
// sent is over. A send tells others of the second alone: its data depend on reads that are over, yet nothing makes the
// thread's own writes visible. Beside them stands what it sees of other units.
struct Known {
  Moments seen, over;
  Earlier earlier;

  bool same(const Known& other) const {
    return seen.same(other.seen) && over.same(other.over) && earlier.same(other.earlier);
  }
  void join(const Known& other);
};

// The knowledge that an arrival at a barrier leaves for those that go on from it later. The moment is 0 where it tells
// nothing of the thread's own.
struct Coming {
  Known known;
  unsigned actor = 0;
  uint32_t moment = 0;
};

// Of a thread. Its own moment stands beside what is known, so that those who meet share their clocks.
class Knowledge {
 public:
  explicit Knowledge(unsigned actor) : actor(actor) {}

  // The moment of what the thread does to memory now: a later one than any it has told of.
  uint32_t act() {
    if (told) {
      begin_moment();
    }
    return moment;
  }
  // The same, where it is known at once; false if not.
  bool quickly_acts() {
    if (told && !holds) {
      moment++;
      told = false;
    }
    return !told;
  }
  uint32_t now() const { return moment; }
  unsigned who() const { return actor; }

  bool sees(unsigned other, uint32_t then) const { return other == actor || known.seen.of(other) >= then; }
  // By what lanes of its warp have computed together, too, if that shall count.
  bool knows_over(unsigned other, uint32_t then, bool by_lanes) const {
    return other == actor || known.over.of(other) >= then || (by_lanes && computed_with(other, then));
  }
  // Whether a lane of its warp with which it has computed something has done it before.
  bool computed_with(unsigned other, uint32_t then) const {
    return lanes && other / 32 == actor / 32 && lanes->at[other % 32] >= then;
  }
  const Known& all() const { return known; }

  // All of which it knows that it is over.
  const Moments& tell();
  // All that it sees, with what it does from now on after that.
  Known show();
  void learn(const Known& more);

  // It comes to a barrier, and what it does from now on is after that; and goes on from it, where all told so much.
  Coming come();
  void go_on(const Coming& mine, const Coming& all);
  static Coming all_of(const std::vector<const Coming*>& come);

  // Those of a barrier know afterwards what each of them knew.
  static void meet(const std::vector<Knowledge*>& all);
  // Lanes of a warp have computed something together, which depends on what they have read; and what one of them has
  // learnt of other warps is there for all.
  static void depend(Knowledge* lanes, unsigned group);

 private:
  template <typename One>
  static void raise(Moments& moments, const std::vector<One*>& all);
  template <typename One>
  static Coming together(const std::vector<One*>& all);

  struct Lanes {
    unsigned holders = 0;
    std::array<uint32_t, 32> at{};
  };

  void begin_moment();
  void change();
  void learn_of_other_warps(const Known& all);

  unsigned actor;
  uint32_t moment = 1;
  Known known;
  Reference<Lanes> lanes;  // the moments up to which the lanes of its warp have read what it depends on
  Moments last;            // what it told, as long as nothing is new
  bool holds = false;      // that is so
  bool told = false;       // somebody may know of its moment
};

}
